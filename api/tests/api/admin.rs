//! Tests of what operators see and do over HTTP.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Method;
use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::ids::{Generation, WorkerId};
use resizinator_shared::metadata::{ClaimOutcome, Heartbeat};
use resizinator_shared::settings::QueueUrl;
use resizinator_shared::testing::id;
use serde_json::{Value, json};

use crate::helpers::{ClosedPort, TestApp, URLENCODED, User, on_every_backend, send, until};

const FORBIDDEN: &str = r#"{"detail":"You do not have permission to perform this action."}"#;
const NOT_PROVIDED: &str = r#"{"detail":"Authentication credentials were not provided."}"#;
const NOT_ACCEPTABLE: &str = r#"{"detail":"Could not satisfy the request Accept header."}"#;
const OVERVIEW: &str = "/admin/overview/";
const RETRY: &str = "/admin/retry/";
const LEASE: Duration = Duration::from_secs(60);

on_every_backend! {
    an_operator_sees_how_the_service_is
    an_operator_has_failed_images_of_all_users_rendered_once_more
    a_code_of_another_release_is_accepted_if_images_have_it
    only_operators_get_in
}

async fn an_operator_sees_how_the_service_is(app: &TestApp) {
    let (admin, ada, eve) = (app.admin("root").await, app.user("ada").await, app.user("eve").await);
    let empty = overview(&admin).await;
    let none = json!({ "pending": 0, "processing": 0, "ready": 0, "failed": 0 });
    assert_eq!((&empty["images"], &empty["oldest_waiting_seconds"]), (&none, &Value::Null));
    assert_eq!((&empty["workers"], &empty["failures"]), (&json!([]), &json!([])));
    assert_eq!((&empty["unqueued"], &empty["rabbitmq_ui"]), (&json!(0), &Value::Null));

    let worker = WorkerId::random();
    beat(app, &worker, 1).await;
    ada.process(&ada.uploaded().await).await;
    fail(app, &ada.uploaded().await, FailureCode::RendererCrashed, "The renderer crashed.").await;
    fail(app, &eve.uploaded().await, FailureCode::DecodeFailed, "It is damaged.").await;
    fail(app, &eve.uploaded().await, FailureCode::DecodeFailed, "It is damaged, too.").await;
    claim(app, &eve.uploaded().await).await;
    eve.uploaded().await;
    let images = json!({ "pending": 1, "processing": 1, "ready": 1, "failed": 3 });
    until("the overview is made anew", async || overview(&admin).await["images"] == images).await;
    // The api publishes every job at once, and nobody takes them.
    until("all jobs are in the queue", async || {
        overview(&admin).await["queue"]
            == json!({ "kind": "in-process", "ready": 6, "retrying": 0, "failed": 0 })
    })
    .await;
    let seen = overview(&admin).await;
    assert!(seen["oldest_waiting_seconds"].as_f64().is_some_and(|seconds| (0.0..60.0).contains(&seconds)));
    let mut failures = seen["failures"].clone();
    for failure in failures.as_array_mut().expect("a list") {
        let last_at = failure.as_object_mut().expect("an object").remove("last_at");
        assert!(last_at.and_then(|at| Some(at.as_str()?.len())) == Some(27), "{seen}");
    }
    assert_eq!(
        failures,
        json!([
            { "code": "decode_failed", "images": 2, "retryable": false, "detail": "It is damaged, too." },
            { "code": "renderer_crashed", "images": 1, "retryable": true, "detail": "The renderer crashed." },
        ])
    );
    let one = &seen["workers"][0];
    assert_eq!(seen["workers"].as_array().map(Vec::len), Some(1), "{seen}");
    let told = [&one["id"], &one["host"], &one["pid"], &one["version"]];
    assert_eq!(told, [&json!(worker.as_str()), &json!("here"), &json!(7), &json!("0.1.0")]);
    assert_eq!([&one["slots"], &one["busy"], &one["consuming"]], [&json!(2), &json!(1), &json!(true)]);

    app.run_sql("UPDATE workers SET seen_at = '2020-01-01 00:00:00'").await;
    until("the silent worker is gone", async || overview(&admin).await["workers"] == json!([])).await;
}

async fn an_operator_has_failed_images_of_all_users_rendered_once_more(app: &TestApp) {
    let (admin, ada, eve) = (app.admin("root").await, app.user("ada").await, app.user("eve").await);
    let (first, second) = (ada.uploaded().await, eve.uploaded().await);
    let other = eve.uploaded().await;
    for image in [&first, &second] {
        fail(app, image, FailureCode::RendererCrashed, "The renderer crashed.").await;
    }
    fail(app, &other, FailureCode::DecodeFailed, "It is damaged.").await;
    let body = r#"{"code":"renderer_crashed"}"#;
    let retried = admin.post_json(RETRY, body).await;
    retried.assert_is(200, r#"{"code":"renderer_crashed","retried":2,"left":0}"#);
    assert_eq!(retried.header("cache-control"), "private, no-cache");
    for (user, image) in [(&ada, &first), (&eve, &second)] {
        let status = user.get(&format!("/image/{}/status/", image["id"])).await.json();
        assert_eq!((&status["state"], &status["error"]), (&json!("pending"), &Value::Null));
    }
    let status = eve.get(&format!("/image/{}/status/", other["id"])).await.json();
    assert_eq!(status["state"], "failed");
    // Their jobs are in the queue at once, beside those of the uploads.
    until("both jobs are published", async || app.backends.jobs.depth().await.expect("a number").ready == 5)
        .await;
    ada.process(&first).await;
    admin.post_json(RETRY, body).await.assert_is(200, r#"{"code":"renderer_crashed","retried":0,"left":0}"#);
    let form = admin.request(Method::POST, RETRY).header("Content-Type", URLENCODED);
    let form = send(form.body("code=decode_failed")).await;
    form.assert_is(200, r#"{"code":"decode_failed","retried":1,"left":0}"#);
}

async fn a_code_of_another_release_is_accepted_if_images_have_it(app: &TestApp) {
    let (admin, ada) = (app.admin("root").await, app.user("ada").await);
    let body = r#"{"code":"of_old"}"#;
    let unknown = json!({ "code": ["“of_old” is not a failure code of this version, and no image has failed with it."] });
    admin.post_json(RETRY, body).await.assert_is(422, &unknown.to_string());
    fail(app, &ada.uploaded().await, FailureCode::Internal, "It failed.").await;
    app.run_sql("UPDATE images SET error_code = 'of_old'").await;
    until("the overview has it", async || {
        let failures = overview(&admin).await["failures"].clone();
        failures[0]["code"] == "of_old" && failures[0]["retryable"] == true
    })
    .await;
    admin.post_json(RETRY, body).await.assert_is(200, r#"{"code":"of_old","retried":1,"left":0}"#);
}

async fn only_operators_get_in(app: &TestApp) {
    let ada = app.user("ada").await;
    for (method, path, allow) in [
        (Method::GET, OVERVIEW, "GET, HEAD, OPTIONS"),
        (Method::HEAD, OVERVIEW, "GET, HEAD, OPTIONS"),
        (Method::POST, RETRY, "POST, OPTIONS"),
        // Rights come before the method, as in Django REST framework.
        (Method::DELETE, OVERVIEW, "GET, HEAD, OPTIONS"),
        (Method::GET, RETRY, "POST, OPTIONS"),
        (Method::OPTIONS, RETRY, "POST, OPTIONS"),
    ] {
        let body = |text: &'static str| if method == Method::HEAD { "" } else { text };
        let nobody = send(app.request(method.clone(), path)).await;
        nobody.assert_is(401, body(NOT_PROVIDED));
        assert_eq!(nobody.header("allow"), allow);
        let plain = ada.send(method.clone(), path).await;
        plain.assert_is(403, body(FORBIDDEN));
        assert_eq!(plain.header("allow"), allow);
        let page = send(ada.request(method.clone(), path).header("Accept", "text/html")).await;
        page.assert_is(406, body(NOT_ACCEPTABLE));
    }
    app.set_admin("ada", true).await;
    assert_eq!(ada.get(OVERVIEW).await.status, 200);
    let (get, head) = (ada.get(OVERVIEW).await, ada.send(Method::HEAD, OVERVIEW).await);
    assert_eq!(
        (head.status, head.text(), head.header("cache-control")),
        (200, "", get.header("cache-control"))
    );
    let refused = ada.send(Method::DELETE, OVERVIEW).await;
    refused.assert_is(405, r#"{"detail":"Method \"DELETE\" not allowed."}"#);
    ada.send(Method::OPTIONS, RETRY).await.assert_is(204, "");
    assert_eq!(ada.get("/admin/overview").await.status, 301);
    app.set_admin("ada", false).await;
    ada.get(OVERVIEW).await.assert_is(403, FORBIDDEN);
}

#[tokio::test]
async fn a_wrong_code_is_told() {
    let app = TestApp::start().await;
    let admin = app.admin("root").await;
    let missing = "Expected is the code with which images have failed, such as renderer_crashed.";
    for body in ["", "{}", "[]", r#"{"code":""}"#, r#"{"code":7}"#, r#"{"code":["internal"]}"#] {
        let answer = admin.post_json(RETRY, body).await;
        answer.assert_is(422, &json!({ "code": [missing] }).to_string());
    }
    let long = "x".repeat(1000);
    for code in ["no_such_code", "Internal", "a\0b", "internal ", "“", "'; DROP TABLE images", &long] {
        let answer = admin.post_json(RETRY, &json!({ "code": code }).to_string()).await;
        assert_eq!(answer.status, 422, "{}", answer.text());
        let message = answer.json()["code"][0].as_str().expect("a sentence").to_owned();
        assert!(
            message.contains("is not a failure code of this version") && message.len() < 300,
            "{message}"
        );
    }
    assert_eq!(admin.post_json(RETRY, "{").await.status, 400);
    let text = send(admin.request(Method::POST, RETRY).header("Content-Type", "text/plain").body("x")).await;
    assert_eq!(text.status, 415);
}

#[tokio::test]
async fn a_broker_that_is_away_leaves_the_rest_of_the_overview() {
    let port = ClosedPort::new();
    let url = format!("amqp://guest:guest@{}/", port.address);
    let app = TestApp::launch(|settings| {
        settings.queue = QueueUrl::Amqp(url);
        settings.rabbitmq_ui = Some("https://rabbitmq.example/ui/".parse().expect("a URL"));
    });
    until("the api is ready", async || app.get("/readyz").await.status == 200).await;
    let admin = app.admin("root").await;
    admin.uploaded().await;
    let begin = std::time::Instant::now();
    let overview = overview(&admin).await;
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    assert_eq!((&overview["queue"], &overview["images"]["pending"]), (&Value::Null, &json!(1)));
    assert_eq!(overview["rabbitmq_ui"], "https://rabbitmq.example/ui/");
}

#[tokio::test]
async fn many_images_are_retried_a_thousand_at_a_time() {
    let app = TestApp::start().await;
    let (admin, ada) = (app.admin("root").await, app.user("ada").await);
    ada.uploaded().await;
    app.run_sql(
        "INSERT INTO images (user_id, state, object_id, file_name, format, bytes, sha256, error_code, created_at, updated_at)
         WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1003)
         SELECT user_id, 'failed', printf('%032x', n), 'a.png', 'png', 1, '', 'gave_up', created_at, created_at
         FROM images, numbers",
    )
    .await;
    let body = r#"{"code":"gave_up"}"#;
    admin.post_json(RETRY, body).await.assert_is(200, r#"{"code":"gave_up","retried":1000,"left":3}"#);
    admin.post_json(RETRY, body).await.assert_is(200, r#"{"code":"gave_up","retried":3,"left":0}"#);
    // The queue is kept short, and the others wait for their turn.
    until("the queue is full", async || app.backends.jobs.depth().await.expect("a number").ready == 16).await;
    until("the others are held", async || overview(&admin).await["held"] == json!(988)).await;
    assert_eq!(overview(&admin).await["images"]["pending"], json!(1004));
}

#[tokio::test]
async fn the_overview_is_made_once_a_second_however_many_ask() {
    let app = TestApp::start().await;
    let admin = app.admin("root").await;
    let begin = std::time::Instant::now();
    let mut times = std::collections::BTreeSet::new();
    let mut asked = 0;
    while begin.elapsed() < Duration::from_millis(1500) {
        times.insert(overview(&admin).await["at"].to_string());
        asked += 1;
    }
    assert!((2..=3).contains(&times.len()) && asked > 3, "{times:?} in {asked}");
}

#[tokio::test]
async fn those_who_ask_while_the_overview_is_made_wait_for_it() {
    let app = TestApp::start().await;
    let admin = app.admin("root").await;
    let answers = join_all((0..10).map(|_| overview(&admin))).await;
    let times: std::collections::BTreeSet<_> = answers.iter().map(|one| one["at"].to_string()).collect();
    assert_eq!(times.len(), 1, "{times:?}");
}

async fn overview(admin: &User<'_>) -> Value {
    let answer = admin.get(OVERVIEW).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    answer.json()
}

async fn beat(app: &TestApp, worker: &WorkerId, busy: u32) {
    let beat = Heartbeat {
        id: worker,
        host: "here",
        pid: 7,
        version: "0.1.0",
        slots: 2,
        busy,
        consuming: true,
        running: LEASE,
    };
    app.backends.metadata.beat(&beat).await.expect("writes");
}

/// Claims an image as a worker does.
async fn claim(app: &TestApp, record: &Value) -> Box<resizinator_shared::image::Image> {
    let number = |key: &str| record[key].as_i64().expect("a number");
    let (image, user) = (id(number("id")), id(number("user")));
    match app.backends.metadata.claim(image, user, Generation::FIRST, LEASE).await.expect("an answer") {
        ClaimOutcome::Claimed(image) => image,
        other => panic!("{other:?}"),
    }
}

async fn fail(app: &TestApp, record: &Value, code: FailureCode, detail: &str) {
    let image = claim(app, record).await;
    assert!(app.backends.metadata.finish_failed(&image, code, detail).await.expect("finishes"));
}
