//! Tests of bodies with a `Content-Encoding`, which nothing here decodes.

use reqwest::Method;

use crate::helpers::{Answer, Form, JSON, TestApp, URLENCODED, png, send};

#[tokio::test]
async fn a_body_that_is_encoded_is_unsupported_and_the_answer_names_its_encoding() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let form = Form::new().file("original", "a.png", &png()).body();
    let account = br#"{"username":"ada","password":"secret"}"#.to_vec();
    let ask = async |path: &str, content_type: &str, encoding: &str, body: &[u8]| -> Answer {
        let request = ada.request(Method::POST, path).header("Content-Type", content_type);
        send(request.header("Content-Encoding", encoding).body(body.to_vec())).await
    };
    for (path, content_type, body) in [
        ("/image/", Form::TYPE, &form),
        ("/image/", JSON, &account),
        ("/image/", URLENCODED, &account),
        ("/user/login/", JSON, &account),
        ("/user/register/", JSON, &account),
        ("/user/register/", URLENCODED, &account),
    ] {
        for (sent, named) in [
            ("gzip", "gzip"),
            ("BR", "BR"),
            ("identity, deflate", "deflate"),
            ("x-unheard-of", "x-unheard-of"),
        ] {
            let answer = ask(path, content_type, sent, body).await;
            let message = format!(r#"{{"detail":"Unsupported content encoding \"{named}\" in request."}}"#);
            answer.assert_is(415, &message);
        }
    }
    assert!(app.objects().is_empty());
    for sent in ["identity", "Identity, identity"] {
        assert_eq!(ask("/image/", Form::TYPE, sent, &form).await.status, 201);
    }
}

#[tokio::test]
async fn without_a_body_its_encoding_does_not_matter() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let request = ada.request(Method::POST, "/image/").header("Content-Encoding", "gzip");
    send(request).await.assert_refused("No file was submitted.");
}
