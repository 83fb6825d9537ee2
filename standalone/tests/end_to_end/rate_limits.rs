//! Tests of the rate limits on a machine whose clock is wrong.

use std::time::{Duration, Instant};

use reqwest::{Client, Response, StatusCode};

use crate::clock::Clock;
use crate::eventually::eventually;
use crate::one_process::OneProcess;

/// The seconds after which a request may come that was refused.
fn wait(refused: &Response) -> u64 {
    let header = refused.headers().get("Retry-After").expect("says when to come again");
    header.to_str().expect("ASCII").parse().expect("whole seconds")
}

#[tokio::test]
async fn a_clock_that_jumps_neither_opens_nor_closes_a_limit() {
    let clock = Clock::at("+0");
    let mut settings = clock.environment();
    // Ten requests at once, and one more every four seconds.
    settings.push(("RESIZINATOR_RATE_LIMITS".into(), "address=10/40".into()));
    let app = OneProcess::with(settings).await;
    let client = Client::new();
    let ask = async || client.get(format!("{}/nowhere/", app.base)).send().await.expect("an answer");
    let begun = Instant::now();
    let mut answered = 0;
    let mut asked = async || {
        let answer = ask().await;
        answered += u32::from(answer.status() == StatusCode::NOT_FOUND);
        answer
    };
    eventually("the limit is reached", async || {
        (asked().await.status() == StatusCode::TOO_MANY_REQUESTS).then_some(())
    })
    .await;
    for jump in ["+1h", "-1h", "+1h", "+0"] {
        clock.jump_to(jump);
        // An hour would fill the bucket, or keep it empty for an hour.
        let refused = eventually("the limit is still there", async || {
            let answer = asked().await;
            (answer.status() == StatusCode::TOO_MANY_REQUESTS).then_some(answer)
        })
        .await;
        assert!(wait(&refused) <= 4, "after {jump}: {}", wait(&refused));
    }
    clock.jump_to("-1h");
    eventually("one more request is answered", async || {
        (asked().await.status() == StatusCode::NOT_FOUND).then_some(())
    })
    .await;
    let most = 10 + begun.elapsed().as_secs() / Duration::from_secs(4).as_secs() + 1;
    assert!(
        u64::from(answered) <= most,
        "{answered} requests were answered, and at most {most} were allowed"
    );
}
