//! Tests of the work that passwords make.

use std::time::{Duration, Instant};

use futures_util::future::join_all;

use crate::helpers::{Line, TestApp};

/// More requests than may hash a password or wait for it.
const CROWD: usize = 150;

#[tokio::test]
async fn logins_beyond_the_queue_are_told_at_once_to_try_again() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let login = async || {
        let begun = Instant::now();
        let answer = app.post_json("/user/login/", r#"{"username":"ada","password":"correct horse"}"#).await;
        (begun.elapsed(), answer)
    };
    let answers = join_all((0..CROWD).map(|_| login())).await;
    let (served, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|(_, answer)| answer.status == 200);
    assert!(served.len() >= 64 && !refused.is_empty(), "{} of {CROWD} were served", served.len());
    let slowest = served.iter().map(|(time, _)| *time).max().expect("some were served");
    for (time, answer) in refused {
        assert_eq!((answer.status, answer.header("retry-after")), (503, "5"), "{}", answer.text());
        assert!(
            answer.text().contains("the limit") || answer.text().contains("The limit"),
            "{}",
            answer.text()
        );
        assert!(*time < slowest, "a refusal took {time:?}, and the slowest login {slowest:?}");
    }
    app.token("ada").await;
}

#[tokio::test]
async fn logins_that_are_aborted_leave_room_for_others() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let body = r#"{"username":"ada","password":"wrong"}"#;
    let request = format!(
        "POST /user/login/ HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    for _ in 0..CROWD {
        Line::to(&app).await.send(&request).await;
    }
    let begun = Instant::now();
    crate::helpers::until("a login is served again", async || {
        app.post_json("/user/login/", r#"{"username":"ada","password":"correct horse"}"#).await.status == 200
    })
    .await;
    assert!(begun.elapsed() < Duration::from_secs(20));
}
