//! What a backend's error says: the reason, down to the last cause, and never the password. Needs the services of the
//! other suites: `TEST_DATABASE_URL`, `TEST_QUEUE_URL` and `TEST_STORAGE_URL`.

use std::time::{Duration, Instant};

use resizinator_shared::jobs::{JobQueue, RabbitOptions, RabbitQueue};
use resizinator_shared::metadata::MetadataStore;
use resizinator_shared::settings::DatabaseUrl;
use url::Url;

/// A password that is wrong everywhere. In a URL it is percent-encoded.
const WRONG: &str = "s3cr3t/of#nobody";
const PATIENCE: Duration = Duration::from_secs(20);

/// The URL of a service with some part of it changed.
fn url(variable: &str, change: impl FnOnce(&mut Url)) -> String {
    let url = std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: `make test` starts the services and sets it"));
    let mut url = Url::parse(&url).unwrap_or_else(|error| panic!("{variable}: {error}"));
    change(&mut url);
    url.into()
}

fn with_wrong_password(url: &mut Url) {
    url.set_password(Some(WRONG)).expect("a URL with a host");
    assert!(!url.as_str().contains(WRONG), "percent-encoded");
}

/// A port at which nothing listens.
fn at_a_closed_port(url: &mut Url) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    url.set_port(Some(listener.local_addr().expect("its address").port())).expect("a URL with a host");
}

fn assert_tells(error: &str, reason: &str) {
    assert!(error.contains(reason), "{reason:?} is missing: {error}");
    let encoded = "s3cr3t";
    assert!(!error.contains(encoded) && !error.contains('\n'), "{error}");
}

async fn errors_of_postgres(url: String) -> [String; 2] {
    let store = MetadataStore::open(&DatabaseUrl::Postgres(url)).expect("a store that does not connect yet");
    let (called, migrated) = tokio::join!(store.check(), store.migrate());
    [called.expect_err("of no use").to_string(), migrated.expect_err("of no use").to_string()]
}

/// What the queue says as soon as it knows more than that it is not connected yet.
async fn error_of_rabbitmq(url: &str) -> String {
    let queue = RabbitQueue::new(url, RabbitOptions::default()).expect("a queue that does not connect yet");
    let begin = Instant::now();
    loop {
        let error = queue.check().await.expect_err("of no use").to_string();
        if error.contains("not connected: ") {
            return error;
        }
        assert!(begin.elapsed() < PATIENCE, "{error}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_of_postgres_is_called_that() {
    for error in errors_of_postgres(url("TEST_DATABASE_URL", with_wrong_password)).await {
        assert_tells(&error, "password authentication failed for user \"");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_postgres_does_not_have_is_named() {
    for error in errors_of_postgres(url("TEST_DATABASE_URL", |url| url.set_path("nowhere_at_all"))).await {
        assert_tells(&error, "database \"nowhere_at_all\" does not exist");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_is_away_refuses_the_connection() {
    let away = url("TEST_DATABASE_URL", |url| {
        with_wrong_password(url);
        at_a_closed_port(url);
    });
    for error in errors_of_postgres(away).await {
        assert_tells(&error, "Connection refused");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_without_tls_is_called_that() {
    let with_tls = url("TEST_DATABASE_URL", |url| url.set_query(Some("sslmode=require")));
    for error in errors_of_postgres(with_tls).await {
        assert_tells(&error, "server does not support TLS");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_parameter_of_postgres_is_named() {
    let unknown = url("TEST_DATABASE_URL", |url| url.set_query(Some("colour=red")));
    for error in errors_of_postgres(unknown).await {
        assert_tells(&error, "colour");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_of_rabbitmq_is_called_that() {
    let error = error_of_rabbitmq(&url("TEST_QUEUE_URL", with_wrong_password)).await;
    assert_tells(&error, "ACCESS_REFUSED - Login was refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vhost_that_rabbitmq_does_not_have_is_named() {
    let error = error_of_rabbitmq(&url("TEST_QUEUE_URL", |url| url.set_path("nowhere-at-all"))).await;
    assert_tells(&error, "nowhere-at-all");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rabbitmq_that_is_away_refuses_the_connection() {
    let away = url("TEST_QUEUE_URL", |url| {
        with_wrong_password(url);
        at_a_closed_port(url);
    });
    assert_tells(&error_of_rabbitmq(&away).await, "Connection refused");
}
