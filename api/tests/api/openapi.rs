//! Tests of the description of the api and of the page that shows it.

use std::collections::BTreeSet;

use reqwest::Method;
use resizinator_api::URLS;
use serde_json::Value;

use crate::helpers::{Answer, TestApp, raw_answer, send};

/// The methods and paths that the document describes.
fn described(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().expect("an object");
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("an object").keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    operations.collect()
}

/// Calls a function with every object and text of a document, and with where it stands.
fn walk(value: &Value, place: &str, visit: &mut impl FnMut(&str, &Value)) {
    visit(place, value);
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                walk(field, &format!("{place}/{name}"), visit);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, place, visit)),
        _ => {}
    }
}

/// All answers that an operation has, with where they stand.
fn answers(document: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("an object") {
        for (method, operation) in item.as_object().expect("an object") {
            for (status, answer) in operation["responses"].as_object().expect("an object") {
                found.push((format!("{method} {path} {status}"), answer.clone()));
            }
        }
    }
    found
}

async fn document(app: &TestApp) -> Value {
    let answer = app.get("/openapi.json").await;
    assert_eq!(answer.status, 200);
    answer.json()
}

#[tokio::test]
async fn every_route_is_described_and_every_description_is_a_route() {
    let app = TestApp::start().await;
    let served = URLS.iter().flat_map(|url| {
        // HEAD is GET without the body.
        let methods = url.methods.iter().filter(|method| **method != "HEAD");
        methods.map(|method| format!("{method} {}", url.template()))
    });
    assert_eq!(described(&document(&app).await), served.collect());
}

#[tokio::test]
async fn the_document_is_openapi_3_1_and_its_references_lead_somewhere() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    assert!(document["openapi"].as_str().expect("a version").starts_with("3.1."), "{}", document["openapi"]);
    walk(&document, "", &mut |place, value| {
        if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
            let pointer = reference.strip_prefix('#').expect("a reference within the document");
            assert!(document.pointer(pointer).is_some(), "{place} refers to {reference}");
        }
    });
}

#[tokio::test]
async fn every_answer_that_has_json_has_a_schema_and_an_example() {
    let app = TestApp::start().await;
    for (place, answer) in answers(&document(&app).await) {
        assert!(!answer["description"].as_str().unwrap_or_default().is_empty(), "{place}");
        if let Some(content) = answer.pointer("/content/application~1json") {
            assert!(content.get("schema").is_some(), "{place} has no schema");
            let has_example = content.get("example").or(content.get("examples")).is_some();
            assert!(has_example, "{place} has no example");
        }
    }
}

#[tokio::test]
async fn errors_are_described_with_the_headers_that_they_have() {
    let app = TestApp::start().await;
    for (place, answer) in answers(&document(&app).await) {
        let is_probe = place.contains(" /healthz ") || place.contains(" /readyz ");
        let headers = if is_probe {
            continue;
        } else if place.ends_with(" 401") && !place.contains("/user/login/") {
            ["X-Request-Id", "WWW-Authenticate"]
        } else if place.ends_with(" 429") || place.ends_with(" 503") {
            ["X-Request-Id", "Retry-After"]
        } else {
            ["X-Request-Id"; 2]
        };
        for name in headers {
            assert!(answer["headers"].get(name).is_some(), "{place} has no {name}");
        }
    }
}

#[tokio::test]
async fn an_operation_needs_a_token_if_its_route_does() {
    let app = TestApp::start().await;
    let document = document(&app).await;
    for url in URLS {
        let operations = document["paths"][url.template()].as_object().expect("operations");
        for (method, operation) in operations {
            let needs_token = operation.get("security").is_some();
            assert_eq!(needs_token, url.access.needs_token(), "{method} {}", url.path);
        }
    }
}

#[tokio::test]
async fn the_document_is_fetched_once_as_long_as_it_is_the_same() {
    let app = TestApp::start().await;
    let first = app.get("/openapi.json").await;
    assert_eq!((first.header("cache-control"), first.header("allow")), ("no-cache", "GET, HEAD, OPTIONS"));
    for known in [first.header("etag"), "*", "W/\"x\", \"y\""] {
        let request = app.request(Method::GET, "/openapi.json").header("If-None-Match", known);
        let status = if known.contains('y') { 200 } else { 304 };
        assert_eq!(send(request).await.status, status, "{known}");
    }
}

#[tokio::test]
async fn nobody_needs_a_token_or_a_database_to_read_the_description() {
    let app = TestApp::start().await;
    for accept in ["application/json", "text/html", "application/vnd.oai.openapi+json"] {
        let answer = send(app.request(Method::GET, "/openapi.json").header("Accept", accept)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"), "{accept}");
    }
}

/// The page and all files that it refers to, and those that the files refer to.
async fn page(app: &TestApp) -> Vec<(String, Answer)> {
    let mut wanted = vec!["/docs/".to_owned()];
    let mut got: Vec<(String, Answer)> = Vec::new();
    while let Some(path) = wanted.pop() {
        let answer = app.get(&path).await;
        assert_eq!(answer.status, 200, "{path}");
        if path == "/docs/" {
            let attributes = answer.text().split(['"', '<']).collect::<Vec<_>>();
            let named =
                attributes.windows(2).filter(|pair| pair[0].ends_with("src=") || pair[0].ends_with("href="));
            let files = named.map(|pair| pair[1]).filter(|name| !name.starts_with("../"));
            wanted.extend(files.map(|name| format!("/docs/{name}")));
        }
        got.push((path, answer));
    }
    got
}

#[tokio::test]
async fn the_page_comes_with_all_its_files_and_a_policy_that_allows_nothing_else() {
    let app = TestApp::start().await;
    let files = page(&app).await;
    assert_eq!(files.len(), 5, "{:?}", files.iter().map(|(path, _)| path).collect::<Vec<_>>());
    for (path, answer) in &files {
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; "), "{path}: {policy}");
        for directive in policy.split("; ").skip(1) {
            let mut words = directive.split(' ').skip(1);
            assert!(
                words.all(|word| ["'self'", "'none'", "data:", "blob:"].contains(&word)),
                "{path}: {directive}"
            );
        }
        assert!(!policy.contains("unsafe"), "{path}: {policy}");
        let media_type = answer.header("content-type");
        let ends =
            [(".js", "text/javascript"), (".css", "text/css"), (".png", "image/png"), ("/", "text/html")];
        let (_, expected) = ends.iter().find(|(end, _)| path.ends_with(end)).expect("a known kind of file");
        assert!(media_type.starts_with(expected), "{path}: {media_type}");
    }
}

#[tokio::test]
async fn the_page_loads_nothing_from_another_host() {
    let app = TestApp::start().await;
    for (path, answer) in page(&app).await {
        if path == "/docs/" || path.ends_with("page.js") {
            assert!(!answer.text().contains("//") || path.ends_with(".js"), "{path}: {}", answer.text());
            assert!(!answer.text().contains("http"), "{path}: {}", answer.text());
        } else if path.ends_with(".css") {
            let addresses = answer.text().split("url(").skip(1);
            for address in addresses {
                let address = address.trim_start_matches(['"', '\'']);
                assert!(address.starts_with("data:") || address.starts_with('#'), "{path}: {address:.60}");
            }
            assert!(!answer.text().contains("@import"), "{path}");
        }
    }
}

#[tokio::test]
async fn the_page_is_for_browsers() {
    let app = TestApp::start().await;
    let accepting =
        async |accept: &str| send(app.request(Method::GET, "/docs/").header("Accept", accept)).await;
    assert_eq!(accepting("text/html,application/xhtml+xml;q=0.9").await.status, 200);
    let refused = accepting("application/json").await;
    refused.assert_is(406, r#"{"detail":"Could not satisfy the request Accept header."}"#);
    let without_slash = app.get("/docs").await;
    assert_eq!((without_slash.status, without_slash.header("location")), (301, "/docs/"));
}

#[tokio::test]
async fn nothing_beside_the_files_of_the_page_is_served() {
    let app = TestApp::start().await;
    for path in [
        "/docs/../openapi.json",
        "/docs/..",
        "/docs/../../etc/passwd",
        "/docs/%2e%2e%2fopenapi.json",
        "/docs/..%2f..%2fetc%2fpasswd",
        "/docs/swagger-ui.js/",
        "/docs//swagger-ui.js",
        "/docs/swagger-ui-bundle.js.map",
        "/docs/%00",
    ] {
        // A client library would resolve the dots.
        let answer = raw_answer(&app, format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n")).await;
        answer.assert_is(404, r#"{"detail":"Not found."}"#);
    }
}
