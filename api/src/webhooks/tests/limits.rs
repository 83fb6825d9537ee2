use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::join;

use super::super::outcome::{Failure, Outcome};
use super::super::send::MOST_HEAD;
use super::{Receiver, TIME_LIMIT, message, request, sender};

const SHORT: Duration = Duration::from_millis(500);

/// What comes of a delivery whose receiver writes this text and then keeps the connection open.
async fn answered(limit: Duration, answer: &str) -> Outcome {
    let receiver = Receiver::new().await;
    let (sender, target, message) = (sender(limit), receiver.target(), message());
    let (outcome, _open) = join!(sender.send(&target, &message), async {
        let mut stream = receiver.accept().await;
        request(&mut stream).await;
        // A sender that has seen enough does not wait for the rest.
        let _ = stream.write_all(answer.as_bytes()).await;
        stream
    });
    outcome
}

#[tokio::test]
async fn a_receiver_that_does_not_end_the_head_of_its_answer_in_time_has_failed() {
    for beginning in ["", "HTTP/1.1 200 OK\r\nx: y"] {
        assert_eq!(answered(SHORT, beginning).await, Outcome::Failed(Failure::Timeout), "{beginning}");
    }
}

#[tokio::test]
async fn a_status_counts_although_the_body_does_not_come_in_time() {
    let outcome = answered(SHORT, "HTTP/1.1 202 OK\r\ncontent-length: 9\r\n\r\nx").await;
    assert_eq!(outcome, Outcome::Delivered { status: 202 });
}

#[tokio::test]
async fn a_body_without_end_is_cut_off_and_its_status_counts() {
    const WHOLE: usize = 100 << 20;
    for length in ["content-length: 104857600", "transfer-encoding: chunked"] {
        let receiver = Receiver::new().await;
        let (sender, target, message) = (sender(TIME_LIMIT), receiver.target(), message());
        let (outcome, sent) = join!(sender.send(&target, &message), async {
            let mut stream = receiver.accept().await;
            request(&mut stream).await;
            let head = format!("HTTP/1.1 200 OK\r\n{length}\r\n\r\n");
            stream.write_all(head.as_bytes()).await.expect("a head");
            let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            let mut sent = 0;
            while sent < WHOLE && stream.write_all(chunk.as_bytes()).await.is_ok() {
                sent += chunk.len();
            }
            sent
        });
        assert_eq!(outcome, Outcome::Delivered { status: 200 });
        // The rest is what fits into the buffers of the system.
        assert!(sent < WHOLE / 2, "{sent} bytes were sent");
    }
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    for head in [
        format!("HTTP/1.1 200 OK\r\nx: {}", "y".repeat(2 * MOST_HEAD)),
        format!("HTTP/1.1 200 {}", "y".repeat(2 * MOST_HEAD)),
        format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(101)),
    ] {
        assert_eq!(answered(TIME_LIMIT, &head).await, Outcome::Failed(Failure::Protocol));
    }
}

#[tokio::test]
async fn what_is_not_http_is_a_failure() {
    for answer in ["SSH-2.0-OpenSSH_10.0\r\n", "HTTP/2.0 200 OK\r\n\r\n", "\u{1}\u{2}\r\n"] {
        assert_eq!(answered(TIME_LIMIT, answer).await, Outcome::Failed(Failure::Protocol), "{answer}");
    }
}

#[tokio::test]
async fn a_connection_that_ends_without_an_answer_is_a_failure() {
    let receiver = Receiver::new().await;
    let (sender, target, message) = (sender(TIME_LIMIT), receiver.target(), message());
    let (outcome, ()) = join!(sender.send(&target, &message), async {
        request(&mut receiver.accept().await).await;
    });
    assert_eq!(outcome, Outcome::Failed(Failure::Protocol));
}
