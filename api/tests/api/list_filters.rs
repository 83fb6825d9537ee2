//! Tests of `GET image/` with cursors and filters.

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::helpers::{TestApp, User, bmp, on_every_backend, on_services_with, png};

on_every_backend! {
    a_list_is_read_by_cursors_to_its_end_and_back
    filters_narrow_the_list_and_its_count
    a_list_includes_what_became_of_each_image
}

async fn a_list_is_read_by_cursors_to_its_end_and_back(app: &TestApp) {
    let ada = app.user("ada").await;
    let all = seven(&ada).await;
    for (query, expected) in [
        ("/image/?cursor=&limit=3", all.clone()),
        ("/image/?cursor=&limit=3&ordering=-id", all.iter().rev().copied().collect()),
        ("/image/?cursor=&limit=3&state=pending&format=png", all.clone()),
    ] {
        let (forwards, last) = follow(&ada, query, "next").await;
        assert_eq!(forwards, expected, "{query}");
        let (backwards, first) = follow(&ada, &last, "previous").await;
        assert_eq!(backwards, [&expected[6..], &expected[3..6], &expected[..3]].concat(), "{query}");
        let (again, _) = follow(&ada, &first, "next").await;
        assert_eq!(again, expected, "{query}");
    }
}

async fn filters_narrow_the_list_and_its_count(app: &TestApp) {
    let ada = app.user("ada").await;
    let (a, b) = (ada.uploaded().await, ada.uploaded().await);
    let c = ada.upload("c.bmp", &bmp(3, 2)).await.json();
    ada.process(&b).await;
    let id = |image: &Value| image["id"].as_i64().expect("an id");
    let (a_id, b_id, c_id) = (id(&a), id(&b), id(&c));
    let created = |image: &Value| image["created_at"].as_str().expect("a time").to_owned();
    for (query, expected) in [
        ("?state=ready".to_owned(), vec![b_id]),
        ("?state=pending".into(), vec![a_id, c_id]),
        ("?state=failed".into(), vec![]),
        ("?format=png".into(), vec![a_id, b_id]),
        ("?format=bmp,jpeg".into(), vec![c_id]),
        ("?format=png&state=pending".into(), vec![a_id]),
        (format!("?created_after={}", created(&b)), vec![b_id, c_id]),
        (format!("?created_before={}", created(&b)), vec![a_id]),
        (format!("?created_after={}&created_before={}", created(&a), created(&c)), vec![a_id, b_id]),
        ("?created_after=2024-05-18&created_before=2024-05-19".into(), vec![]),
        (format!("?ids={c_id},{a_id},{}", c_id + 1), vec![a_id, c_id]),
        (format!("?ids={c_id},{a_id}&format=bmp"), vec![c_id]),
        ("?state=&format=".into(), vec![a_id, b_id, c_id]),
    ] {
        let page = ada.get(&format!("/image/{query}")).await.json();
        assert_eq!((&page["count"], ids(&page)), (&json!(expected.len()), expected), "{query}");
    }
}

async fn a_list_includes_what_became_of_each_image(app: &TestApp) {
    let ada = app.user("ada").await;
    let (a, b) = (ada.uploaded().await, ada.uploaded().await);
    let c = ada.upload("c.bmp", &bmp(3, 2)).await.json();
    ada.process(&b).await;
    let some = format!("&ids={},{}", a["id"], c["id"]);
    for query in
        ["", "&state=ready", "&format=bmp", "&limit=2", "&limit=1&offset=1", "&cursor=&ordering=-id", &some]
    {
        let plain = ada.get(&format!("/image/?_{query}")).await.json();
        let with_status = ada.get(&format!("/image/?include=status{query}")).await.json();
        assert_eq!(with_status["count"], plain["count"], "{query}");
        let mut expected = plain["results"].as_array().expect("records").clone();
        for record in &mut expected {
            record["status"] = ada.get(&format!("/image/{}/status/", record["id"])).await.json();
        }
        assert_eq!(with_status["results"], Value::Array(expected), "{query}");
    }
    let record = ada.get("/image/?include=status&limit=1").await;
    let status = ada.get(&format!("/image/{}/status/", a["id"])).await;
    let end = format!(r#""user":{},"status":{}}}]}}"#, a["user"], status.text());
    assert!(record.text().ends_with(&end), "{}", record.text());
    assert_eq!(ada.get("/image/?include=").await.body, ada.get("/image/").await.body);
}

#[tokio::test]
async fn a_cursor_works_with_and_without_the_status() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    seven(&ada).await;
    let first = ada.get("/image/?cursor=&limit=3&include=status").await.json();
    let next = first["next"].as_str().expect("a link");
    assert!(next.contains("&include=status&limit=3"), "{next}");
    let second = ada.get(next).await.json();
    assert_eq!(ids(&second), [4, 5, 6]);
    assert!(second["results"][0]["status"]["id"] == 4 && second["previous"].as_str().is_some());
    let plain = ada.get(&next.replace("&include=status", "")).await.json();
    assert_eq!(ids(&plain), [4, 5, 6]);
    assert_eq!(plain["results"][0].get("status"), None);
}

#[tokio::test]
async fn links_keep_the_filters() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    seven(&ada).await;
    let first = ada.get("/image/?state=pending&limit=2&format=png&created_after=2024-05-18").await.json();
    let base = app.url("/image/");
    let expected = format!("{base}?created_after=2024-05-18&format=png&limit=2&offset=2&state=pending");
    assert_eq!(first["next"], expected);
    let first = ada.get("/image/?state=pending&limit=2&cursor=&offset=5").await.json();
    let next = first["next"].as_str().expect("a link");
    assert!(next.contains("&limit=2&state=pending") && !next.contains("offset"), "{next}");
    assert_eq!((ids(&first), &first["previous"], &first["count"]), (vec![1, 2], &Value::Null, &json!(7)));
}

#[tokio::test]
async fn a_cursor_costs_no_page_when_images_come_or_go() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    seven(&ada).await;
    let first = ada.get("/image/?cursor=&limit=3&ordering=-id").await.json();
    assert_eq!(ids(&first), [7, 6, 5]);
    ada.uploaded().await;
    ada.delete("/image/6/").await;
    ada.delete("/image/5/").await;
    let second = ada.get(first["next"].as_str().expect("a link")).await.json();
    assert_eq!((ids(&second), &second["count"]), (vec![4, 3, 2], &json!(6)));
    let back = ada.get(second["previous"].as_str().expect("a link")).await.json();
    assert_eq!(ids(&back), [8, 7]);
    assert_eq!(back["previous"], Value::Null);
}

#[tokio::test]
async fn replicas_read_each_others_cursors() {
    on_services_with(
        |_| {},
        async |start| {
            let (one, other) = (start.api().await, start.api().await);
            let ada = one.user("ada").await;
            seven(&ada).await;
            let first = ada.get("/image/?cursor=&limit=3").await.json();
            let next = first["next"].as_str().expect("a link");
            let path = next.strip_prefix(&one.url("")).expect("a link of this api");
            let second = User::new(&other, ada.token.clone()).get(path).await.json();
            assert_eq!(ids(&second).len(), 3);
            assert!(ids(&second)[0] > ids(&first)[2]);
        },
    )
    .await;
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let app = TestApp::start().await;
    let (ada, eve) = (app.user("ada").await, app.user("eve").await);
    seven(&ada).await;
    seven(&eve).await;
    let next = ada.get("/image/?cursor=&limit=2&state=pending").await.json();
    let next = next["next"].as_str().expect("a link");
    assert_eq!(ada.get(next).await.status, 200);
    let cursor = next.split("cursor=").nth(1).and_then(|rest| rest.split('&').next()).expect("a cursor");
    let forged = format!("{}A", &cursor[..cursor.len() - 1]);
    for (user, query) in [
        (&eve, format!("cursor={cursor}&state=pending")),
        (&ada, format!("cursor={cursor}")),
        (&ada, format!("cursor={cursor}&state=ready")),
        (&ada, format!("cursor={cursor}&state=pending&ordering=-id")),
        (&ada, format!("cursor={forged}x&state=pending")),
        (&ada, "cursor=12".into()),
        (&ada, format!("cursor={}", "A".repeat(2000))),
    ] {
        let answer = user.get(&format!("/image/?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        let message = answer.json()["cursor"][0].as_str().expect("a message").to_owned();
        assert!(message.starts_with("This is not a cursor of this list. Expected is"), "{message}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_parameter_is_told_with_its_name() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (query, name) in [
        ("state=gone", "state"),
        ("state=deleted", "state"),
        ("format=svg", "format"),
        ("created_after=yesterday", "created_after"),
        ("created_before=2024-02-30", "created_before"),
        ("ids=", "ids"),
        ("ids=1,x", "ids"),
        ("include=exif", "include"),
        ("include=status,status", "include"),
        ("colour=red", "colour"),
        ("page=2", "page"),
    ] {
        let answer = ada.get(&format!("/image/?{query}")).await;
        assert_eq!(answer.status, 400, "{query}: {}", answer.text());
        let message = answer.json()[name][0].as_str().expect("a message").to_owned();
        assert!(message.contains("Expected"), "{message}");
    }
    let long = ada.get(&format!("/image/?{}=1", "x".repeat(3000))).await;
    assert!(long.status == 400 && long.body.len() < 400, "{}", long.text());
}

#[tokio::test]
async fn lists_and_their_counts_agree_while_uploads_and_deletions_run() {
    on_services_with(
        |_| {},
        async |start| {
            let app = start.api().await;
            let ada = app.user("ada").await;
            let work = async {
                for _ in 0..5 {
                    let images = join_all((0..4).map(|_| ada.uploaded())).await;
                    ada.process(&images[0]).await;
                    ada.delete(&format!("/image/{}/", images[1]["id"])).await;
                }
            };
            let look = async {
                for _ in 0..20 {
                    for query in ["", "state=ready", "state=pending", "format=png"] {
                        let page = ada.get(&format!("/image/?limit=100&{query}")).await.json();
                        assert_eq!(page["count"], ids(&page).len(), "{query}");
                    }
                }
            };
            tokio::join!(work, look);
            assert_eq!(ada.get("/image/?state=ready").await.json()["count"], 5);
            assert_eq!(ada.get("/image/").await.json()["count"], 15);
        },
    )
    .await;
}

/// Follows a link from page to page to its end. Returns the ids and the URL of the last page.
async fn follow(user: &User<'_>, path: &str, link: &str) -> (Vec<i64>, String) {
    let (mut all, mut path) = (Vec::new(), path.to_owned());
    loop {
        let page = user.get(&path).await.json();
        assert_eq!(page["count"], 7, "{page}");
        all.extend(ids(&page));
        match page[link].as_str() {
            Some(next) => path = next.to_owned(),
            None => return (all, path),
        }
    }
}

fn ids(page: &Value) -> Vec<i64> {
    let records = page["results"].as_array().unwrap_or_else(|| panic!("{page}"));
    records.iter().map(|record| record["id"].as_i64().expect("an id")).collect()
}

async fn seven(user: &User<'_>) -> Vec<i64> {
    let mut all = Vec::new();
    for _ in 0..7 {
        let answer = user.upload("a.png", &png()).await.json();
        all.push(answer["id"].as_i64().expect("an id"));
    }
    all
}
