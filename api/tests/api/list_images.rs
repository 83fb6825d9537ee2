//! Tests of `GET image/`: its pages, links and order.

use serde_json::Value;

use crate::helpers::{TestApp, User, on_every_backend, raw_answer};

async fn a_list_is_read_page_by_page(app: &TestApp) {
    let ada = app.user("ada").await;
    for _ in 0..5 {
        ada.uploaded().await;
    }
    let base = app.url("/image/");
    let first = page(&ada, "?limit=2").await;
    assert_eq!(first, (5, vec![1, 2], Some(format!("{base}?limit=2&offset=2")), None));
    let second = page(&ada, first.2.as_deref().expect("a link")).await;
    let expected = (5, vec![3, 4], Some(format!("{base}?limit=2&offset=4")), Some(format!("{base}?limit=2")));
    assert_eq!(second, expected);
    let last = page(&ada, second.2.as_deref().expect("a link")).await;
    assert_eq!(last, (5, vec![5], None, Some(format!("{base}?limit=2&offset=2"))));
    assert_eq!(page(&ada, last.3.as_deref().expect("a link")).await.1, [3, 4]);
    assert_eq!(page(&ada, "?ordering=-id&limit=2").await.1, [5, 4]);
    assert_eq!(page(&ada, "").await, (5, vec![1, 2, 3, 4, 5], None, None));
}

on_every_backend! {
    a_list_is_read_page_by_page
}

#[tokio::test]
async fn an_empty_list_is_an_empty_page() {
    let app = TestApp::start().await;
    let answer = app.user("ada").await.get("/image/").await;
    answer.assert_is(200, r#"{"count":0,"next":null,"previous":null,"results":[]}"#);
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert_eq!(answer.header("allow"), "GET, POST, HEAD, OPTIONS");
}

#[tokio::test]
async fn a_record_in_the_list_is_the_record_itself() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.uploaded().await;
    let record = ada.get("/image/1/").await;
    let list = ada.get("/image/").await;
    let expected = format!(r#"{{"count":1,"next":null,"previous":null,"results":[{}]}}"#, record.text());
    list.assert_is(200, &expected);
}

#[tokio::test]
async fn nobody_sees_the_images_of_another() {
    let app = TestApp::start().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    for user in [&ada, &bob, &ada] {
        user.uploaded().await;
    }
    assert_eq!(page(&ada, "").await.1, [1, 3]);
    assert_eq!(page(&bob, "").await.1, [2]);
}

#[tokio::test]
async fn what_is_no_usable_number_counts_as_the_default() {
    let app = TestApp::start().await;
    let ada = twelve(&app).await;
    let ids: Vec<i64> = (1..=10).collect();
    for query in [
        "?limit=0",
        "?limit=-1",
        "?limit=x",
        "?limit=",
        "?limit=1.5",
        "?limit",
        "?limit=%00",
        "?limit=%FF",
        "?limit=99999999999999999999999",
        "?offset=-1",
        "?offset=x",
        "?offset=",
        "?offset=1e3",
        "?&&=&",
        "?ordering=user",
        "?ordering=",
        "?ordering=id",
    ] {
        assert_eq!(page(&ada, query).await.1, ids, "{query}");
    }
    assert_eq!(page(&ada, "?limit=1&limit=3").await.1, [1, 2, 3]);
    assert_eq!(page(&ada, "?limit=3&offset=5&offset=1").await.1, [2, 3, 4]);
    assert_eq!(page(&ada, "?ordering=id&ordering=-id&limit=1").await.1, [12]);
}

#[tokio::test]
async fn a_page_has_at_most_a_hundred_images() {
    let app = TestApp::start().await;
    let ada = twelve(&app).await;
    let answer = page(&ada, "?limit=1000&offset=3").await;
    assert_eq!((answer.1.len(), answer.3), (9, Some(format!("{}?limit=100", app.url("/image/")))));
}

#[tokio::test]
async fn beyond_the_end_there_is_nothing_but_a_way_back() {
    let app = TestApp::start().await;
    let ada = twelve(&app).await;
    let base = app.url("/image/");
    assert_eq!(
        page(&ada, "?offset=100").await,
        (12, vec![], None, Some(format!("{base}?limit=10&offset=90")))
    );
    let huge = format!("?limit=5&offset={}", i64::MAX);
    let before = format!("{base}?limit=5&offset={}", i64::MAX - 5);
    assert_eq!(page(&ada, &huge).await, (12, vec![], None, Some(before)));
    assert_eq!(page(&ada, "?offset=12").await.3, Some(format!("{base}?limit=10&offset=2")));
}

#[tokio::test]
async fn links_keep_other_parameters_sorted_and_encoded() {
    let app = TestApp::start().await;
    let ada = twelve(&app).await;
    let base = app.url("/image/");
    let (_, _, next, previous) = page(&ada, "?_z=%C3%A9%20%26&offset=4&limit=4&_a=2&_a=1&ordering=-id").await;
    let ours = "_a=2&_a=1&_z=%C3%A9+%26";
    assert_eq!(next, Some(format!("{base}?{ours}&limit=4&offset=8&ordering=-id")));
    // The link to the first page has no offset.
    assert_eq!(previous, Some(format!("{base}?{ours}&limit=4&ordering=-id")));
    let (_, _, next, previous) = page(&ada, "?offset=1").await;
    assert_eq!(
        (next, previous),
        (Some(format!("{base}?limit=10&offset=11")), Some(format!("{base}?limit=10")))
    );
}

#[tokio::test]
async fn links_begin_as_the_client_called_the_server() {
    let app = TestApp::start().await;
    let ada = twelve(&app).await;
    let answer =
        called(&ada, "photos.example:81", "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\n")
            .await;
    assert_eq!(answer["next"], "http://photos.example:81/image/?limit=10&offset=10");
    let original = answer["results"][0]["original"].as_str().expect("a URL");
    assert!(original.starts_with("http://photos.example:81/objects/"), "{original}");
}

#[tokio::test]
async fn forwarded_headers_count_when_a_trusted_proxy_sends_them() {
    let app = TestApp::start_with(|settings| {
        settings.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    })
    .await;
    let ada = twelve(&app).await;
    let answer =
        called(&ada, "inner", "X-Forwarded-Host: photos.example\r\nX-Forwarded-Proto: https\r\n").await;
    assert_eq!(answer["next"], "https://photos.example/image/?limit=10&offset=10");
    let original = answer["results"][0]["original"].as_str().expect("a URL");
    assert!(original.starts_with("https://photos.example/objects/"), "{original}");
}

#[tokio::test]
async fn links_begin_with_the_public_url_if_one_is_set() {
    let app = TestApp::start_with(|settings| {
        settings.public_url = Some("https://images.example".parse().expect("a URL"));
        settings.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
    })
    .await;
    let ada = twelve(&app).await;
    let answer = called(&ada, "inner", "X-Forwarded-Host: other.example\r\n").await;
    assert_eq!(answer["next"], "https://images.example/image/?limit=10&offset=10");
    let original = answer["results"][0]["original"].as_str().expect("a URL");
    assert!(original.starts_with("https://images.example/objects/"), "{original}");
}

/// Gets a page, and returns its count, ids, next and previous link. The query may be a whole link.
async fn page(user: &User<'_>, query: &str) -> (i64, Vec<i64>, Option<String>, Option<String>) {
    let link = if query.starts_with("http") { query.to_owned() } else { format!("/image/{query}") };
    let answer = user.get(&link).await;
    assert_eq!(answer.status, 200, "{query}: {}", answer.text());
    assert!(answer.text().starts_with(r#"{"count":"#), "{}", answer.text());
    let page = answer.json();
    let ids = page["results"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|record| record["id"].as_i64().expect("an id"));
    let text = |name: &str| page[name].as_str().map(str::to_owned);
    (page["count"].as_i64().expect("a count"), ids.collect(), text("next"), text("previous"))
}

async fn twelve(app: &TestApp) -> User<'_> {
    let ada = app.user("ada").await;
    for _ in 0..12 {
        ada.uploaded().await;
    }
    ada
}

async fn called(user: &User<'_>, host: &str, headers: &str) -> Value {
    let request = format!(
        "GET /image/ HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Token {}\r\n{headers}\r\n",
        user.token
    );
    raw_answer(user.app, request).await.json()
}
