//! Tests of unknown paths, missing slashes, other methods, and the order of the checks.

use reqwest::Method;

use crate::helpers::{Answer, Form, TestApp, png};

const NOT_FOUND: &str = r#"{"detail":"Not found."}"#;
const NO_CREDENTIALS: &str = r#"{"detail":"Authentication credentials were not provided."}"#;
const PATHS: [(&str, &str); 4] = [
    ("/image/", "GET, POST, HEAD, OPTIONS"),
    ("/image/1/", "GET, DELETE, HEAD, OPTIONS"),
    ("/user/register/", "POST, OPTIONS"),
    ("/user/login/", "POST, OPTIONS"),
];

#[tokio::test]
async fn a_path_without_its_slash_leads_to_the_one_with_it() {
    let app = TestApp::start().await;
    for (path, _) in PATHS {
        let bare = path.trim_end_matches('/');
        for (query, location) in
            [("", path.to_owned()), ("?a=%C3%A9&limit=2", format!("{path}?a=%C3%A9&limit=2"))]
        {
            for (method, status) in [
                (Method::GET, 301),
                (Method::HEAD, 301),
                (Method::POST, 308),
                (Method::PUT, 308),
                (Method::DELETE, 308),
                (Method::OPTIONS, 308),
            ] {
                let answer = send(&app, method.clone(), &format!("{bare}{query}")).await;
                assert_eq!(
                    (answer.status, answer.header("location")),
                    (status, &*location),
                    "{method} {bare}"
                );
            }
        }
    }
}

#[tokio::test]
async fn an_upload_without_the_slash_arrives_after_all() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let client = reqwest::Client::new();
    let body = Form::new().file("original", "a.png", &png()).body();
    let request = client.post(app.url("/image")).header("Authorization", format!("Token {}", ada.token));
    let answer = request.header("Content-Type", Form::TYPE).body(body).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 201);
}

#[tokio::test]
async fn an_unknown_path_is_not_found() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for path in [
        "/",
        "/images/",
        "/image//",
        "//image/",
        "/image/1/small/",
        "/user/1/",
        "/user/tokens/x/",
        "/image/abc/",
        "/image/abc",
        "/image/-1/",
        "/IMAGE/",
        "/image/../etc/passwd",
        "/%2e%2e/",
        "/%00",
        "/%FF",
        "/image/%31x/",
        "/api/image/",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            ada.send(method, path).await.assert_is(404, NOT_FOUND);
        }
        app.get(path).await.assert_is(404, NOT_FOUND);
    }
}

#[tokio::test]
async fn another_method_is_not_allowed() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (path, others, allow) in [
        (PATHS[0].0, "PUT PATCH DELETE TRACE BREW", PATHS[0].1),
        // The method is refused whether or not the image exists.
        (PATHS[1].0, "PUT PATCH POST", PATHS[1].1),
        (PATHS[2].0, "GET PUT PATCH DELETE", PATHS[2].1),
        (PATHS[3].0, "GET PUT PATCH DELETE", PATHS[3].1),
        ("/healthz", "POST DELETE", "GET, HEAD, OPTIONS"),
        ("/readyz", "POST DELETE", "GET, HEAD, OPTIONS"),
    ] {
        for method in others.split(' ') {
            let answer = ada.send(method.parse().expect("a method"), path).await;
            answer.assert_is(405, &format!(r#"{{"detail":"Method \"{method}\" not allowed."}}"#));
            assert_eq!(answer.header("allow"), allow, "{method} {path}");
        }
    }
    assert_eq!(send(&app, Method::HEAD, "/user/login/").await.status, 405);
}

#[tokio::test]
async fn options_says_what_is_allowed() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (path, allow) in PATHS {
        let answer = ada.send(Method::OPTIONS, path).await;
        answer.assert_is(204, "");
        assert_eq!(answer.header("allow"), allow, "{path}");
    }
}

#[tokio::test]
async fn head_is_get_without_the_body() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.uploaded().await;
    for path in ["/image/", "/image/1/", "/image/7/", "/healthz", "/readyz"] {
        let (get, head) = (ada.get(path).await, ada.send(Method::HEAD, path).await);
        assert_eq!((head.status, head.text()), (get.status, ""), "{path}");
        for name in ["content-type", "content-length", "cache-control", "allow"] {
            assert_eq!(head.header(name), get.header(name), "{name} of {path}");
        }
    }
}

#[tokio::test]
async fn the_path_comes_before_what_the_client_accepts() {
    let app = TestApp::start().await;
    accepting(&app, Method::GET, "/nothing/", "text/html").await.assert_is(404, NOT_FOUND);
    assert_eq!(accepting(&app, Method::GET, "/image", "text/html").await.status, 301);
}

#[tokio::test]
async fn what_the_client_accepts_comes_before_who_it_is() {
    let app = TestApp::start().await;
    for (path, allow) in PATHS {
        for method in [Method::GET, Method::POST, Method::PUT] {
            let answer = accepting(&app, method, path, "text/html, image/*;q=0.8").await;
            answer.assert_is(406, r#"{"detail":"Could not satisfy the request Accept header."}"#);
            assert_eq!(answer.header("allow"), allow);
        }
    }
    for accept in
        ["*/*", "application/json", "application/*;q=0.1", "text/html, */*", "APPLICATION/JSON; indent=4", ""]
    {
        accepting(&app, Method::GET, "/image/", accept).await.assert_is(401, NO_CREDENTIALS);
    }
}

#[tokio::test]
async fn who_the_client_is_comes_before_the_method_and_the_image() {
    let app = TestApp::start().await;
    for (method, path) in [
        (Method::PUT, "/image/"),
        (Method::PATCH, "/image/1/"),
        (Method::GET, "/image/0/"),
        (Method::OPTIONS, "/image/"),
    ] {
        send(&app, method, path).await.assert_is(401, NO_CREDENTIALS);
    }
    // The token is also checked before the body, which is not even read.
    app.post("/image/", "text/plain", "no image").await.assert_is(401, NO_CREDENTIALS);
    app.post("/image/", Form::TYPE, vec![b'x'; 100_000]).await.assert_is(401, NO_CREDENTIALS);
}

#[tokio::test]
async fn the_method_comes_before_the_body() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let request = ada.request(Method::PUT, "/image/1/").header("Content-Type", "application/json").body("{");
    let answer = Answer::of(request.send().await.expect("an answer")).await;
    answer.assert_is(405, r#"{"detail":"Method \"PUT\" not allowed."}"#);
}

async fn send(app: &TestApp, method: Method, path: &str) -> Answer {
    Answer::of(app.request(method, path).send().await.expect("an answer")).await
}

async fn accepting(app: &TestApp, method: Method, path: &str, accept: &str) -> Answer {
    Answer::of(app.request(method, path).header("Accept", accept).send().await.expect("an answer")).await
}
