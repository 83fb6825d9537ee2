//! Tests of `POST image/delete/`.

use serde_json::{Value, json};

use crate::helpers::{TestApp, on_every_backend, until};

on_every_backend! {
    many_images_are_deleted_by_one_request
}

async fn many_images_are_deleted_by_one_request(app: &TestApp) {
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(ada.uploaded().await["id"].as_i64().expect("an id"));
    }
    let foreign = bob.uploaded().await["id"].as_i64().expect("an id");
    let missing = foreign + 1;
    let same: Value = format!("{missing}.0").parse().expect("the same number");
    let body = json!({ "ids": [ids[2], foreign, ids[0], missing, ids[0], same] }).to_string();
    let answer = ada.post_json("/image/delete/", &body).await;
    let outcome = |id, outcome: &str| json!({ "id": id, "outcome": outcome });
    let expected = [
        outcome(ids[2], "deleted"),
        outcome(foreign, "not_found"),
        outcome(ids[0], "deleted"),
        outcome(missing, "not_found"),
    ];
    assert_eq!((answer.status, answer.json()), (200, json!({ "results": expected })));
    let left = ada.get("/image/").await.json();
    assert_eq!((&left["count"], &left["results"][0]["id"]), (&json!(2), &json!(ids[1])));
    assert_eq!(bob.get("/image/").await.json()["count"], 1);
    let again = ada.post_json("/image/delete/", &body).await.json();
    assert_eq!(again["results"][0], outcome(ids[2], "not_found"));
}

#[tokio::test]
async fn a_thousand_images_go_at_once_with_their_objects() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.uploaded().await;
    ada.uploaded().await;
    let ids: Vec<i64> = (1..=1000).collect();
    let answer = ada.post_json("/image/delete/", &json!({ "ids": ids }).to_string()).await.json();
    assert_eq!(answer["results"].as_array().map(Vec::len), Some(1000));
    assert_eq!(
        (&answer["results"][1]["outcome"], &answer["results"][2]["outcome"]),
        (&json!("deleted"), &json!("not_found"))
    );
    until("the objects are removed", async || app.objects().is_empty()).await;
    assert_eq!(ada.get("/limits/").await.json()["quotas"]["images"]["used"], 0);
}

#[tokio::test]
async fn anything_but_a_list_of_ids_is_told_and_deletes_nothing() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.uploaded().await;
    let many: Vec<i64> = (1..=1001).collect();
    for body in [
        "{}".to_owned(),
        "[1]".into(),
        r#"{"ids":[]}"#.into(),
        r#"{"ids":1}"#.into(),
        r#"{"ids":[1,"1"]}"#.into(),
        r#"{"ids":[1,0]}"#.into(),
        r#"{"ids":[1,1.5]}"#.into(),
        r#"{"ids":[1,99999999999999999999]}"#.into(),
        json!({ "ids": many }).to_string(),
    ] {
        let answer = ada.post_json("/image/delete/", &body).await;
        answer.assert_is(422, r#"{"ids":["Expected is a list of 1 to 1000 ids of images."]}"#);
    }
    assert_eq!(ada.post_json("/image/delete/", "{").await.status, 400);
    assert_eq!(ada.get("/image/").await.json()["count"], 1);
}
