//! Tests of the way in which the console is served. That it works is for the stories in a browser, `scripts/console.sh`.

use reqwest::Method;

use crate::helpers::{Answer, TestApp, on_services};

const NOT_FOUND: &str = r#"{"detail":"Not found."}"#;
const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async fn ask(app: &TestApp, path: &str, accept: &str, encoding: &str) -> Answer {
    let request = app.request(Method::GET, path).header("Accept", accept).header("Accept-Encoding", encoding);
    Answer::of(request.send().await.expect("an answer")).await
}

/// The page as a browser gets it.
async fn page(app: &TestApp) -> Answer {
    let page = ask(app, "/", BROWSER, "identity").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    page
}

/// The paths of all files that the page loads first.
fn files(page: &Answer) -> Vec<String> {
    let named = page.text().split('"').filter(|text| text.starts_with("console/"));
    let mut files: Vec<_> = named.map(|name| format!("/{name}")).collect();
    files.sort();
    files.dedup();
    files
}

#[tokio::test]
async fn a_browser_gets_the_console_and_everyone_else_what_an_unknown_path_gets() {
    let app = TestApp::start().await;
    page(&app).await;
    for accept in ["*/*", "application/json", "text/plain", "image/*,*/*;q=0.8", ""] {
        ask(&app, "/", accept, "identity").await.assert_is(404, NOT_FOUND);
    }
}

#[tokio::test]
async fn the_console_can_be_switched_off() {
    let app = TestApp::start().await;
    let file = files(&page(&app).await).pop().expect("a file");
    let without = TestApp::start_with(|settings| settings.console = false).await;
    for path in ["/", &file] {
        ask(&without, path, BROWSER, "identity").await.assert_is(404, NOT_FOUND);
    }
}

#[tokio::test]
async fn browsers_ask_for_the_page_each_time_and_keep_its_files_for_ever() {
    let app = TestApp::start().await;
    let page = page(&app).await;
    assert_eq!(page.header("cache-control"), "no-cache");
    let again = app.request(Method::GET, "/").header("Accept", BROWSER).header("Accept-Encoding", "identity");
    let again = again.header("If-None-Match", page.header("etag")).send().await.expect("an answer");
    assert_eq!(again.status().as_u16(), 304);
    let files = files(&page);
    assert!(files.len() > 10, "{files:?}");
    for path in files {
        let file = ask(&app, &path, "*/*", "identity").await;
        assert_eq!(
            (file.status, file.header("cache-control")),
            (200, "public, max-age=31536000, immutable"),
            "{path}"
        );
        let expected = match path.rsplit('.').next() {
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            _ => "image/svg+xml",
        };
        assert_eq!(file.header("content-type"), expected, "{path}");
    }
}

#[tokio::test]
async fn files_are_compressed_for_those_who_take_it() {
    let app = TestApp::start().await;
    for path in ["/".to_owned(), files(&page(&app).await).remove(0), "/docs/swagger-ui.js".to_owned()] {
        let plain = ask(&app, &path, BROWSER, "identity").await;
        let packed = ask(&app, &path, BROWSER, "br, gzip;q=0.5").await;
        assert_eq!(
            (plain.header("content-encoding"), packed.header("content-encoding")),
            ("", "gzip"),
            "{path}"
        );
        assert!(packed.body.len() * 2 < plain.body.len(), "{path}");
        assert!(packed.header("vary").contains("Accept-Encoding"), "{path}: {}", packed.header("vary"));
        assert_ne!(plain.header("etag"), packed.header("etag"), "{path}");
        for refusing in ["gzip;q=0", "br"] {
            assert_eq!(
                ask(&app, &path, BROWSER, refusing).await.header("content-encoding"),
                "",
                "{path} {refusing}"
            );
        }
    }
}

#[tokio::test]
async fn a_first_visit_costs_at_most_60_kilobytes() {
    /// The bytes of an answer besides its headers and its body, rounded up: the status line, and an empty line.
    const OTHER_LINES: usize = 64;
    let app = TestApp::start().await;
    let mut paths = files(&page(&app).await);
    paths.push("/".to_owned());
    let mut bytes = 0;
    for path in paths {
        let answer = ask(&app, &path, BROWSER, "gzip").await;
        let headers = answer.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
        bytes += answer.body.len() + headers.sum::<usize>() + OTHER_LINES;
    }
    assert!(bytes <= 60_000, "{bytes} bytes");
}

#[tokio::test]
async fn a_page_of_another_version_gets_the_files_of_this_one() {
    let app = TestApp::start().await;
    let file = ask(&app, "/console/0123456789abcdef/main.js", "*/*", "identity").await;
    let location = file.header("location").replace("..", "/console");
    assert_eq!((file.status, file.header("cache-control")), (307, "no-store"));
    assert_eq!(ask(&app, &location, "*/*", "identity").await.status, 200, "{location}");
    for path in
        ["/console/0123456789abcdef/none.js", "/console/", "/console/main.js", "/console/x/../main.js/"]
    {
        ask(&app, path, "*/*", "identity").await.assert_is(404, NOT_FOUND);
    }
}

#[tokio::test]
async fn the_policy_of_the_page_allows_its_own_files_and_no_markup_from_text() {
    let app = TestApp::start().await;
    let page = page(&app).await;
    let policy = page.header("content-security-policy");
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' http://{}; connect-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
             trusted-types 'none'",
            app.address
        )
    );
    for text in ["<script>", "onclick", "style=", "http:", "https:"] {
        assert!(!page.text().contains(text), "{text}");
    }
}

#[tokio::test]
async fn images_may_come_from_the_public_url() {
    let app = TestApp::start_with(|settings| {
        settings.public_url = Some("https://images.example".parse().expect("a URL"))
    })
    .await;
    let page = page(&app).await;
    let policy = page.header("content-security-policy");
    assert!(policy.contains("img-src 'self' https://images.example;"), "{policy}");
}

#[tokio::test]
async fn images_may_come_from_the_public_endpoint_of_s3() {
    on_services(async |app| {
        let image = app.user("ada").await.uploaded().await;
        let original: reqwest::Url = image["original"].as_str().expect("a URL").parse().expect("a URL");
        let page = page(app).await;
        let policy = page.header("content-security-policy");
        let allowed = format!("img-src 'self' {};", original.origin().ascii_serialization());
        assert!(policy.contains(&allowed), "{policy}");
    })
    .await;
}
