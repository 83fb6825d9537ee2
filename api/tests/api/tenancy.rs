//! A walk along the whole URL table, which shows that a user can neither see nor touch what is another user's.

use reqwest::Method;
use resizinator_api::{Access, URLS, Url};
use serde_json::Value;

use crate::helpers::{Answer, Form, Receiver, TestApp, User, on_every_backend, png};

on_every_backend! {
    no_path_shows_or_touches_what_is_another_users
}

async fn no_path_shows_or_touches_what_is_another_users(app: &TestApp) {
    let ada = app.user("ada").await;
    app.user("eve").await;
    let image = ada.uploaded().await;
    ada.process(&image).await;
    let receiver = Receiver::start().await;
    let webhook = format!(r#"{{"url":"{}"}}"#, receiver.url);
    let webhook = &ada.post_json("/user/webhooks/", &webhook).await.json()["id"];
    let before = own(&ada, &image).await;
    let secrets = secrets(&before);
    let token = &ada.get("/user/tokens/").await.json()["results"][0]["id"];
    // A stream does not end; `a_user_hears_nothing_of_others` is its test.
    for url in URLS.iter().filter(|url| url.access != Access::Stream) {
        for method in url.methods {
            let name = format!("{method} {}", url.path);
            let path = path(url, &image, token, webhook);
            // One of these requests ends the use of its token.
            let eve = User::new(app, app.token("eve").await);
            let as_eve = ask(&eve, method, &path).await;
            let as_nobody = ask(&User::new(app, "0".repeat(40)), method, &path).await;
            for answer in [&as_eve, &as_nobody] {
                let text = String::from_utf8_lossy(&answer.body).into_owned();
                let shown = secrets.iter().find(|secret| text.contains(*secret));
                assert!(shown.is_none(), "{name} shows {shown:?}: {text}");
            }
            match url.access {
                Access::User => {
                    assert_eq!(as_nobody.status, 401, "{name}");
                    let is_of_ada = path != url.path;
                    assert_eq!(as_eve.status == 404, is_of_ada, "{name}: {as_eve:?}");
                }
                Access::Admin => assert_eq!((as_eve.status, as_nobody.status), (403, 401), "{name}"),
                Access::Signed => {
                    assert_eq!((as_eve.status, as_nobody.status), objects_refuse(app), "{name}")
                }
                Access::Stream
                | Access::Anyone
                | Access::Page
                | Access::Home
                | Access::Console
                | Access::Probe => {}
            }
            assert_eq!(own(&ada, &image).await, before, "{name} touches what is ada's");
        }
    }
}

/// Where S3 keeps the objects, the api serves none.
fn objects_refuse(app: &TestApp) -> (u16, u16) {
    if app.backends.objects.served_folder().is_some() { (403, 403) } else { (404, 404) }
}

/// The path with what is ada's in the place of every parameter.
fn path(url: &Url, image: &Value, token: &Value, webhook: &Value) -> String {
    let original = image["original"].as_str().expect("a URL").split('?').next().expect("a path");
    let key = original.split("/objects/").nth(1).unwrap_or("aa/none/original.png");
    let path = url.path.replace("{id:[0-9]+}", &image["id"].to_string()).replace("{key:.*}", key);
    let path = path.replace("{token:[0-9]+}", &token.to_string()).replace("{file}", "page.js");
    let path = path.replace("{version}", "0123456789abcdef");
    let path = path.replace("{webhook:[0-9]+}", &webhook.to_string());
    assert!(!path.contains('{'), "this test has to learn what the parameter of {path} is");
    path
}

async fn ask(user: &User<'_>, method: &str, path: &str) -> Answer {
    let method: Method = method.parse().expect("a method");
    if method == Method::POST {
        let form = Form::new().file("original", "eve.png", &png());
        let request = user.request(method, path).header("Content-Type", Form::TYPE).body(form.body());
        return Answer::of(request.send().await.expect("an answer")).await;
    }
    user.send(method, path).await
}

/// Everything that ada sees of her own, without the signatures, which change with time.
async fn own(ada: &User<'_>, image: &Value) -> Vec<Value> {
    let mut answers = Vec::new();
    let image = format!("/image/{}/", image["id"]);
    for path in ["/user/webhooks/", "/user/tokens/", "/image/", &image] {
        let mut answer = ada.get(path).await.json();
        unsign(&mut answer);
        answers.push(answer);
    }
    answers
}

fn unsign(value: &mut Value) {
    match value {
        Value::String(text) => text.truncate(text.find('?').unwrap_or(text.len())),
        Value::Array(values) => values.iter_mut().for_each(unsign),
        Value::Object(fields) => fields.values_mut().for_each(unsign),
        _ => {}
    }
}

/// The texts that only ada may see: the paths of her objects, and the target of her webhook.
fn secrets(own: &[Value]) -> Vec<String> {
    let record = own.last().expect("a record");
    let path = |name: &str| {
        let url = record[name].as_str().expect("a URL");
        let behind_scheme = url.split_once("//").expect("a scheme").1;
        behind_scheme.split_once('/').expect("a path").1.to_owned()
    };
    let target = own[0]["results"][0]["url"].as_str().expect("a URL").to_owned();
    ["original", "small", "medium"].map(path).into_iter().chain([target]).collect()
}
