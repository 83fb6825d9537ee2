//! Tests of the limits on how often clients may ask.

use std::net::IpAddr;

use reqwest::{Method, RequestBuilder};
use resizinator_shared::settings::{CorsOrigins, Rate, RateLimit, RateLimits, Settings};

use crate::helpers::{Answer, Form, JSON, TestApp, User, on_services_with, send, until};

/// Turns the limits on, with these rates of some of them, behind a proxy that tells the clients' addresses.
fn limited<const N: usize>(rates: [(RateLimit, u32, u32); N]) -> impl Fn(&mut Settings) {
    move |settings| {
        settings.trusted_proxies = vec!["127.0.0.1/32".parse().expect("a network")];
        settings.rate_limits =
            rates.into_iter().fold(RateLimits::default(), |all, (limit, requests, seconds)| {
                all.with(limit, Rate::new(requests, seconds).expect("a rate"))
            });
    }
}

trait From {
    /// Makes the request one of a client with this address.
    fn from(self, address: &str) -> Self;
}

impl From for RequestBuilder {
    fn from(self, address: &str) -> Self {
        self.header("X-Forwarded-For", address.parse::<IpAddr>().expect("an address").to_string())
    }
}

async fn get_from(app: &TestApp, address: &str, path: &str) -> Answer {
    send(app.request(Method::GET, path).from(address)).await
}

async fn post_from(app: &TestApp, address: &str, path: &str, name: &str, password: &str) -> Answer {
    let body = serde_json::json!({ "username": name, "password": password }).to_string();
    send(app.request(Method::POST, path).from(address).header("Content-Type", JSON).body(body)).await
}

async fn login_from(app: &TestApp, address: &str, name: &str, password: &str) -> Answer {
    post_from(app, address, "/user/login/", name, password).await
}

/// Checks a refusal because of a limit, and returns the seconds that it says.
#[track_caller]
fn assert_throttled(answer: &Answer, limit: &str) -> u64 {
    let wait = answer.header("retry-after").parse().expect("whole seconds");
    let plural = if wait == 1 { "" } else { "s" };
    let sentences = format!("Request was throttled. Expected available in {wait} second{plural}. {limit}");
    answer.assert_is(429, &serde_json::json!({ "detail": sentences }).to_string());
    wait
}

fn assert_shows_no_limit(answer: &Answer) {
    assert_eq!((answer.header("ratelimit-policy"), answer.header("ratelimit")), ("", ""), "{answer:?}");
}

#[tokio::test]
async fn an_answer_says_which_limits_applied_and_what_is_left_of_them() {
    let app = TestApp::start_with(limited([])).await;
    let ada = app.user("ada").await;
    let answer = send(ada.request(Method::GET, "/image/").from("192.0.2.1")).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("ratelimit-policy"), r#""address";q=6000;w=60, "user";q=6000;w=60"#);
    assert_eq!(answer.header("ratelimit"), r#""address";r=5999;t=1, "user";r=5999;t=1"#);
    let answer = login_from(&app, "192.0.2.2", "bob", "wrong").await;
    assert_eq!(answer.status, 401);
    assert_eq!(
        answer.header("ratelimit-policy"),
        r#""address";q=6000;w=60, "login";q=20;w=60, "login-stranger";q=10;w=600, "login-name";q=50;w=600"#
    );
    assert_eq!(
        answer.header("ratelimit"),
        r#""address";r=5999;t=1, "login";r=19;t=3, "login-stranger";r=9;t=60, "login-name";r=49;t=12"#
    );
}

#[tokio::test]
async fn every_answer_of_a_limited_path_shows_the_limits() {
    let app = TestApp::start_with(limited([])).await;
    let ada = app.user("ada").await;
    for (method, path, body, status) in [
        (Method::GET, "/nowhere/", None, 404),
        (Method::GET, "/image/99/", None, 404),
        (Method::PUT, "/image/", None, 405),
        (Method::GET, "/image", None, 301),
        (Method::OPTIONS, "/image/", None, 204),
        (Method::POST, "/image/", Some(Form::new().body()), 422),
        (Method::POST, "/image/", Some(b"--".to_vec()), 400),
    ] {
        let mut request = ada.request(method, path).header("Content-Type", Form::TYPE);
        request = request.body(body.unwrap_or_default());
        let answer = send(request).await;
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.header("ratelimit").starts_with("\"address\";r="), "{path}: {answer:?}");
    }
    for (accept, status) in [("text/html", 406), ("*/*", 401)] {
        let answer = send(app.request(Method::GET, "/image/").header("Accept", accept)).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.header("ratelimit-policy"), r#""address";q=6000;w=60"#);
    }
}

#[tokio::test]
async fn a_burst_beyond_the_limit_is_refused_until_the_time_for_a_request_is_over() {
    let app = TestApp::start_with(limited([(RateLimit::Address, 5, 100)])).await;
    for remaining in (0..5).rev() {
        let answer = get_from(&app, "192.0.2.1", "/image/").await;
        assert_eq!(answer.status, 401);
        assert!(
            answer.header("ratelimit").starts_with(&format!("\"address\";r={remaining};t=")),
            "{answer:?}"
        );
    }
    let answer = get_from(&app, "192.0.2.1", "/image/").await;
    let wait = assert_throttled(&answer, "The limit address is 5 requests in 100 seconds.");
    assert!((15..=20).contains(&wait), "{wait}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("ratelimit-policy"), r#""address";q=5;w=100"#);
    assert_eq!(answer.header("ratelimit"), format!("\"address\";r=0;t={wait}"));
    assert_eq!(get_from(&app, "192.0.2.2", "/image/").await.status, 401, "another address");
}

#[tokio::test]
async fn a_client_that_waits_as_long_as_it_is_told_is_served_again() {
    let app = TestApp::start_with(limited([(RateLimit::Address, 1, 1)])).await;
    let mut refused = get_from(&app, "192.0.2.1", "/image/").await;
    // A slow machine may take a second for a request.
    until("a request is refused", async || {
        refused = get_from(&app, "192.0.2.1", "/image/").await;
        refused.status == 429
    })
    .await;
    let wait = assert_throttled(&refused, "The limit address is 1 request in 1 second.");
    assert_eq!(wait, 1);
    tokio::time::sleep(std::time::Duration::from_secs(wait)).await;
    assert_eq!(get_from(&app, "192.0.2.1", "/image/").await.status, 401);
}

#[tokio::test]
async fn unknown_paths_and_missing_tokens_count_too() {
    let app = TestApp::start_with(limited([(RateLimit::Address, 2, 3600)])).await;
    assert_eq!(get_from(&app, "192.0.2.1", "/nowhere/").await.status, 404);
    assert_eq!(get_from(&app, "192.0.2.1", "/image/").await.status, 401);
    for path in ["/nowhere/", "/image/", "/user/login/"] {
        assert_eq!(get_from(&app, "192.0.2.1", path).await.status, 429, "{path}");
    }
}

#[tokio::test]
async fn an_ipv6_network_of_64_bits_is_one_client() {
    let app = TestApp::start_with(limited([(RateLimit::Address, 2, 3600)])).await;
    for (address, status) in [
        ("2001:db8:0:1::1", 404),
        ("2001:db8:0:1:ffff::2", 404),
        ("2001:db8:0:1::3", 429),
        ("2001:db8:0:2::1", 404),
        ("192.0.2.1", 404),
        ("::ffff:192.0.2.1", 404),
        ("192.0.2.1", 429),
    ] {
        assert_eq!(get_from(&app, address, "/nowhere/").await.status, status, "{address}");
    }
}

#[tokio::test]
async fn an_address_that_no_trusted_proxy_tells_is_not_believed() {
    let app = TestApp::start_with(|settings| {
        limited([(RateLimit::Address, 2, 3600)])(settings);
        settings.trusted_proxies.clear();
    })
    .await;
    let statuses =
        ["192.0.2.1", "192.0.2.2", "192.0.2.3"].map(|address| get_from(&app, address, "/nowhere/"));
    let statuses = futures_util::future::join_all(statuses).await;
    assert_eq!(statuses.iter().filter(|answer| answer.status == 429).count(), 1);
}

#[tokio::test]
async fn probes_and_signed_urls_are_not_limited() {
    let app = TestApp::start_with(limited([(RateLimit::Address, 3, 3600)])).await;
    // Registration and login come from elsewhere than the upload.
    let ada = User::new(&app, token_from(&app, "192.0.2.1", "ada").await);
    let record = ada.uploaded().await;
    let original = record["original"].as_str().expect("a URL");
    for path in ["/healthz", "/readyz", original] {
        for _ in 0..10 {
            let answer = app.get(path).await;
            assert_eq!(answer.status, 200, "{path}");
            assert_shows_no_limit(&answer);
        }
    }
    assert_eq!(app.get("/objects/aa/none?expires=1&signature=00").await.status, 403);
}

/// Registers and logs in from an address.
async fn token_from(app: &TestApp, address: &str, name: &str) -> String {
    assert_eq!(post_from(app, address, "/user/register/", name, "correct horse").await.status, 201);
    let answer = login_from(app, address, name, "correct horse").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["token"].as_str().expect("a token").to_owned()
}

#[tokio::test]
async fn each_user_has_a_budget_of_their_own_wherever_they_are() {
    let app = TestApp::start_with(limited([(RateLimit::User, 3, 3600)])).await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let get =
        async |user: &User<'_>, address: &str| send(user.request(Method::GET, "/image/").from(address)).await;
    for address in ["192.0.2.1", "192.0.2.2", "192.0.2.3"] {
        assert_eq!(get(&ada, address).await.status, 200);
    }
    let answer = get(&ada, "192.0.2.4").await;
    let wait = assert_throttled(&answer, "The limit user is 3 requests in 3600 seconds.");
    assert!((1190..=1200).contains(&wait), "{wait}");
    assert_eq!(answer.header("ratelimit"), format!("\"address\";r=5999;t=1, \"user\";r=0;t={wait}"));
    // Another token of the same user is no way around it.
    let again = User::new(&app, app.token("ada").await);
    assert_eq!(get(&again, "192.0.2.1").await.status, 429);
    assert_eq!(get(&bob, "192.0.2.1").await.status, 200);
}

#[tokio::test]
async fn a_wrong_token_uses_up_nobodys_budget() {
    let app = TestApp::start_with(limited([])).await;
    let stranger = User::new(&app, "0".repeat(40));
    let answer = stranger.get("/image/").await;
    assert_eq!((answer.status, answer.header("ratelimit-policy")), (401, r#""address";q=6000;w=60"#));
}

#[tokio::test]
async fn ten_thousand_wrong_logins_from_one_address_lock_nobody_out() {
    let app = TestApp::start_with(limited([(RateLimit::Address, 1_000_000, 60)])).await;
    let ada = app.user("ada").await;
    let (mut tried, mut refused) = (0, 0);
    for _ in 0..100 {
        let logins = (0..100).map(|_| login_from(&app, "192.0.2.66", "ada", "wrong"));
        for answer in futures_util::future::join_all(logins).await {
            match answer.status {
                401 => tried += 1,
                429 => refused += 1,
                other => panic!("{other}: {}", answer.text()),
            }
        }
        assert_eq!(ada.get("/image/").await.status, 200, "a live token");
    }
    // One more try comes back every minute.
    assert!((10..15).contains(&tried) && tried + refused == 10_000, "{tried} of {}", tried + refused);
    let answer = login_from(&app, "198.51.100.7", "ada", "correct horse").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn a_thousand_addresses_do_not_lock_the_owner_out() {
    let app = TestApp::start_with(limited([])).await;
    attacked_from_a_thousand_addresses(&app, &app).await;
}

#[tokio::test]
async fn a_thousand_addresses_do_not_lock_the_owner_out_of_any_replica() {
    on_services_with(limited([]), async |start| {
        attacked_from_a_thousand_addresses(&start.api().await, &start.api().await).await;
    })
    .await;
}

/// The owner has logged in at one api, and the other one is attacked.
async fn attacked_from_a_thousand_addresses(quiet: &TestApp, attacked: &TestApp) {
    const HOME: &str = "2001:db8:1:2::1";
    let token = token_from(quiet, HOME, "ada").await;
    let (mut tried, mut refused) = (0, 0);
    for round in 0..100 {
        let addresses = (0..10).map(|number| format!("198.18.{round}.{number}"));
        let logins = addresses.map(|from| async move { login_from(attacked, &from, "ada", "wrong").await });
        for answer in futures_util::future::join_all(logins).await {
            match answer.status {
                401 => tried += 1,
                429 => refused += 1,
                other => panic!("{other}: {}", answer.text()),
            }
        }
    }
    // The budget of all strangers together, of whom the owner was one at first. One more comes back every twelve seconds.
    assert!((49..60).contains(&tried) && tried + refused == 1000, "{tried} of {}", tried + refused);
    let stranger = login_from(attacked, "203.0.113.9", "ada", "correct horse").await;
    assert_throttled(&stranger, "The limit login-name is 50 requests in 600 seconds.");
    let answer = login_from(attacked, "2001:db8:1:2:3::4", "ada", "correct horse").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("ratelimit-policy"), r#""address";q=6000;w=60, "login-known";q=30;w=600"#);
    let user = User::new(attacked, token);
    assert_eq!(user.get("/image/").await.status, 200, "a live token");
}

#[tokio::test]
async fn one_who_has_a_token_cannot_try_passwords_for_ever() {
    let app = TestApp::start_with(limited([(RateLimit::Password, 3, 600)])).await;
    let ada = app.user("ada").await;
    let wrong = r#"{"current_password":"wrong","new_password":"battery staple"}"#;
    for _ in 0..3 {
        assert_eq!(ada.post_json("/user/password/", wrong).await.status, 403);
    }
    let right = r#"{"current_password":"correct horse"}"#;
    let answer = ada.with_json(Method::DELETE, "/user/", right).await;
    assert_throttled(&answer, "The limit password is 3 requests in 600 seconds.");
    assert_eq!(ada.get("/image/").await.status, 200);
}

#[tokio::test]
async fn a_client_can_ask_which_limits_there_are() {
    let app = TestApp::start_with(limited([(RateLimit::User, 7, 60)])).await;
    let rates = app.user("ada").await.get("/limits/").await.json()["rates"].clone();
    let find = |name: &str| {
        let rates = rates.as_array().expect("a list");
        rates.iter().find(|rate| rate["name"] == name).expect("a limit").clone()
    };
    assert_eq!(find("user"), serde_json::json!({ "name": "user", "requests": 7, "seconds": 60, "left": 6 }));
    assert_eq!(
        find("login"),
        serde_json::json!({ "name": "login", "requests": 20, "seconds": 60, "left": null })
    );
    let app = TestApp::start().await;
    assert_eq!(app.user("ada").await.get("/limits/").await.json()["rates"], serde_json::json!([]));
}

#[tokio::test]
async fn names_that_exist_and_names_that_do_not_meet_the_same_limits() {
    let app = TestApp::start_with(limited([])).await;
    app.user("ada").await;
    let mut seen = Vec::new();
    for (name, address) in [("ada", "192.0.2.1"), ("nobody", "192.0.2.2")] {
        let mut answers = Vec::new();
        for _ in 0..12 {
            let answer = login_from(&app, address, name, "wrong").await;
            // The seconds depend on how long the logins before have taken.
            let text = answer.text().replace(|character: char| character.is_ascii_digit(), "");
            answers.push((answer.status, text, answer.header("ratelimit-policy").to_owned()));
        }
        assert_eq!(answers.iter().filter(|(status, ..)| *status == 429).count(), 2);
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn a_network_can_register_only_so_many_users_and_malformed_requests_do_not_count() {
    let app = TestApp::start_with(limited([(RateLimit::Register, 2, 3600)])).await;
    let register =
        async |address, name, password| post_from(&app, address, "/user/register/", name, password).await;
    for _ in 0..5 {
        assert_eq!(register("192.0.2.1", "ada", "").await.status, 422);
    }
    assert_eq!(register("192.0.2.1", "ada", "correct horse").await.status, 201);
    // A name that is taken counts, since the answer tells that it exists.
    assert_eq!(register("192.0.2.1", "ada", "correct horse").await.status, 400);
    for name in ["ada", "bob"] {
        let answer = register("192.0.2.1", name, "correct horse").await;
        assert_throttled(&answer, "The limit register is 2 requests in 3600 seconds.");
    }
    assert_eq!(register("192.0.2.2", "bob", "correct horse").await.status, 201);
}

#[tokio::test]
async fn limits_that_are_off_refuse_nothing_and_are_not_shown() {
    let app = TestApp::start_with(|settings| settings.rate_limits = RateLimits::OFF).await;
    let ada = app.user("ada").await;
    for _ in 0..30 {
        let answer = app.post_json("/user/login/", r#"{"username":"ada","password":"wrong"}"#).await;
        assert_eq!(answer.status, 401);
        assert_shows_no_limit(&answer);
    }
    assert_shows_no_limit(&ada.get("/image/").await);
}

#[tokio::test]
async fn a_page_of_another_origin_can_read_why_it_is_refused() {
    let app = TestApp::start_with(|settings| {
        limited([(RateLimit::Address, 1, 3600)])(settings);
        settings.cors_origins = CorsOrigins::Any;
    })
    .await;
    for status in [404, 429] {
        let request = app.request(Method::GET, "/nowhere/").header("Origin", "https://app.example");
        let answer = send(request).await;
        assert_eq!((answer.status, answer.header("access-control-allow-origin")), (status, "*"));
        let exposed = answer.header("access-control-expose-headers").to_ascii_lowercase();
        for name in ["ratelimit", "ratelimit-policy", "retry-after"] {
            assert!(exposed.split(", ").any(|one| one == name), "{exposed}");
        }
        assert!(!answer.header("ratelimit").is_empty(), "{answer:?}");
    }
}
