//! Tests of what operators get wrong. The log and `readyz` say in one sentence what is wrong and what is expected.

use serde_json::{Value, json};

use crate::clock::Clock;
use crate::eventually::eventually;
use crate::operators::{METRICS, get, until_readiness};
use crate::process::Process;
use crate::services::Services;

/// Waits until `readyz` and the log name this problem in these words.
async fn assert_told(process: &mut Process, problem: &str, words: &[&str]) {
    let address = process.operators_address().await;
    let sentence = eventually(&format!("readyz names a problem with {problem}"), async || {
        let (_, body) = get(&address, "readyz").await;
        let body: Value = serde_json::from_str(&body).expect("JSON");
        body["problems"][problem].as_str().map(str::to_owned)
    })
    .await;
    for word in words {
        assert!(sentence.contains(word), "{word:?} is not in: {sentence}");
        assert!(process.log().contains(word), "{word:?} is not in the log: {}", process.log());
    }
}

/// A URL with another password.
fn with_password(url: &str, password: &str) -> String {
    let mut url = url::Url::parse(url).expect("a URL");
    url.set_password(Some(password)).expect("a password");
    url.into()
}

const PROGRAMS: [&str; 2] = ["resizinator-api", "resizinator-worker"];

#[tokio::test]
async fn a_bucket_that_is_missing_is_named_with_the_command_that_creates_it() {
    let services = Services::new().await;
    let url = services.objects.url_of_bucket("no-such-bucket");
    for name in PROGRAMS {
        let mut process = services.start(name, [METRICS, ("STORAGE_URL", &url)]);
        assert_told(
            &mut process,
            "objects",
            &["the bucket no-such-bucket does not exist", "resizinator bucket create"],
        )
        .await;
    }
}

#[tokio::test]
async fn a_secret_key_that_is_wrong_is_named_with_the_right_that_is_needed() {
    let services = Services::new().await;
    for name in PROGRAMS {
        let mut process = services.start(name, [METRICS, ("AWS_SECRET_ACCESS_KEY", "not-the-secret")]);
        assert_told(&mut process, "objects", &["403", "the access key, its secret", "s3:ListBucket"]).await;
    }
}

#[tokio::test]
async fn a_password_of_the_database_that_is_wrong_is_told() {
    let services = Services::new().await;
    let url = with_password(services.database_url(), "wrong");
    for name in PROGRAMS {
        let mut process = services.start(name, [METRICS, ("DATABASE_URL", &url)]);
        assert_told(&mut process, "metadata", &["password authentication failed for user"]).await;
    }
}

#[tokio::test]
async fn a_password_of_the_broker_that_is_wrong_is_told() {
    let services = Services::new().await;
    let url = with_password(&services.broker.user_who_may(".*", ".*", ".*").await, "wrong");
    for name in PROGRAMS {
        let mut process = services.start(name, [METRICS, ("QUEUE_URL", &url)]);
        assert_told(&mut process, "jobs", &["ACCESS_REFUSED"]).await;
    }
}

#[tokio::test]
async fn a_queue_that_exists_with_other_arguments_is_named_and_used_all_the_same() {
    for name in PROGRAMS {
        let services = Services::new().await;
        services.broker.declare("images.resize.retry.1s", json!({ "durable": true })).await;
        let mut process = services.start(name, [METRICS]);
        let words = ["the queue images.resize.retry.1s exists with other arguments", "deleted"];
        assert_told(&mut process, "queues", &words).await;
        let address = process.operators_address().await;
        let (status, _) = until_readiness(&address, "status", "degraded").await;
        assert!(status.is_success(), "{name}: {status}");
    }
}

#[tokio::test]
async fn a_clock_that_is_an_hour_off_is_told_by_how_much_and_to_which_side() {
    let services = Services::new().await;
    for (offset, words) in [
        ("+1h", ["s ahead of that of the database", "s ahead of that of the S3 server"]),
        ("-1h", ["s behind that of the database", "s behind that of the S3 server"]),
    ] {
        let clock = Clock::at(offset);
        for name in PROGRAMS {
            let mut environment = services.environment([METRICS]);
            environment.extend(clock.environment());
            let mut process = services.start_in(name, &environment);
            assert_told(&mut process, "clock", &["the clock of this machine is 3", words[0]]).await;
            assert_told(&mut process, "objects", &["the clock of this machine is 3", words[1]]).await;
        }
    }
}
