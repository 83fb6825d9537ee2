//! Tests of Cross-Origin Resource Sharing, as browsers use it.

use reqwest::{Method, header::HeaderMap};
use resizinator_shared::settings::CorsOrigins;

use crate::helpers::{Answer, Form, TestApp, png};

const ORIGIN: &str = "https://app.example";

async fn app(origins: CorsOrigins) -> TestApp {
    TestApp::start_with(|settings| settings.cors_origins = origins).await
}

fn listed() -> CorsOrigins {
    CorsOrigins::Listed(vec![ORIGIN.into(), "http://localhost:3000".into()])
}

async fn preflight(app: &TestApp, origin: &str, path: &str, method: &str) -> Answer {
    let request = app
        .request(Method::OPTIONS, path)
        .header("Origin", origin)
        .header("Access-Control-Request-Method", method)
        .header("Access-Control-Request-Headers", "authorization, content-type");
    Answer::of(request.send().await.expect("an answer")).await
}

async fn asked(app: &TestApp, origin: &str, path: &str, token: Option<&str>) -> Answer {
    let mut request = app.request(Method::GET, path).header("Origin", origin);
    if let Some(token) = token {
        request = request.header("Authorization", format!("Token {token}"));
    }
    Answer::of(request.send().await.expect("an answer")).await
}

fn varies_by_origin(headers: &HeaderMap) -> bool {
    headers["vary"].to_str().expect("ASCII").split(", ").any(|name| name == "Origin")
}

#[tokio::test]
async fn a_preflight_request_is_answered_without_a_token() {
    let app = app(listed()).await;
    for (path, method) in [("/image/", "POST"), ("/image/1/", "DELETE"), ("/user/login/", "POST")] {
        let answer = preflight(&app, ORIGIN, path, method).await;
        assert_eq!(answer.status, 204, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
        assert!(answer.header("access-control-allow-methods").contains(method), "{answer:?}");
        let headers = answer.header("access-control-allow-headers").to_ascii_lowercase();
        assert!(headers.contains("authorization") && headers.contains("content-type"), "{headers}");
        assert_eq!(answer.header("access-control-max-age"), "3600");
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    }
}

#[tokio::test]
async fn every_answer_can_be_read_by_a_page_of_a_listed_origin() {
    let app = app(listed()).await;
    let ada = app.user("ada").await;
    let record = ada.uploaded().await;
    let original = record["original"].as_str().expect("a URL");
    let token = Some(ada.token.as_str());
    for (path, token, status) in [
        ("/image/", token, 200),
        ("/image/1/", token, 200),
        (original, None, 200),
        ("/image/", None, 401),
        ("/image/99/", token, 404),
        ("/nowhere/", None, 404),
        ("/image", token, 301),
        ("/user/login/", None, 405),
        ("/healthz", None, 200),
        ("/objects/aa/none?expires=1&signature=00", None, 403),
    ] {
        let answer = asked(&app, ORIGIN, path, token).await;
        assert_eq!(answer.status, status, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), ORIGIN, "{path}");
        assert!(varies_by_origin(&answer.headers), "{path}: {answer:?}");
        let exposed = answer.header("access-control-expose-headers").to_ascii_lowercase();
        for name in ["location", "etag", "retry-after", "x-request-id", "ratelimit", "ratelimit-policy"] {
            assert!(exposed.contains(name), "{path}: {exposed}");
        }
    }
}

#[tokio::test]
async fn an_upload_from_a_page_is_accepted() {
    let app = app(listed()).await;
    let ada = app.user("ada").await;
    let body = Form::new().file("original", "a.png", &png()).body();
    let request =
        ada.request(Method::POST, "/image/").header("Origin", ORIGIN).header("Content-Type", Form::TYPE);
    let answer = Answer::of(request.body(body).send().await.expect("an answer")).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (201, ORIGIN));
}

#[tokio::test]
async fn a_page_of_another_origin_is_told_nothing() {
    let app = app(listed()).await;
    for origin in ["https://evil.example", "https://app.example.evil.example", "http://app.example", "null"] {
        let answer = asked(&app, origin, "/healthz", None).await;
        assert_eq!(answer.status, 200);
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{origin}: {answer:?}");
        assert!(varies_by_origin(&answer.headers), "{origin}: {answer:?}");
        let answer = preflight(&app, origin, "/image/", "POST").await;
        answer.assert_is(400, r#"{"detail":"Origin is not allowed to make this request."}"#);
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{origin}: {answer:?}");
    }
}

#[tokio::test]
async fn with_an_asterisk_every_page_may_read_answers_but_never_with_cookies() {
    let app = app(CorsOrigins::Any).await;
    for origin in ["https://app.example", "null"] {
        let answer = asked(&app, origin, "/healthz", None).await;
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
        assert_eq!(preflight(&app, origin, "/image/", "POST").await.status, 204);
    }
}

#[tokio::test]
async fn by_default_no_page_of_another_origin_can_use_the_api() {
    let app = TestApp::start().await;
    let answer = asked(&app, ORIGIN, "/healthz", None).await;
    assert!(!answer.headers.contains_key("access-control-allow-origin"), "{answer:?}");
    assert_eq!(answer.header("vary"), "Accept");
    let answer = preflight(&app, ORIGIN, "/image/", "POST").await;
    assert_eq!(answer.status, 401);
    assert!(!answer.headers.contains_key("access-control-allow-origin"), "{answer:?}");
}
