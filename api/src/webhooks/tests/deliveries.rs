use std::net;
use std::process::Command;
use std::time::Duration;

use resizinator_shared::settings::WebhookTargets;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::join;

use super::super::outcome::{Failure, Outcome};
use super::super::signature::{WebhookSecret, sign};
use super::{NOT_FOUND, OK, Receiver, Sender, TIME_LIMIT, message, request, sender, target};

/// What a receiver that answers with this text makes of a delivery, and the request that it gets.
async fn deliver(receiver: &Receiver, answer: &str) -> (Outcome, String) {
    let (sender, target, message) = (sender(TIME_LIMIT), receiver.target(), message());
    join!(sender.send(&target, &message), async {
        let mut stream = receiver.accept().await;
        let request = request(&mut stream).await;
        stream.write_all(answer.as_bytes()).await.expect("an answer");
        request
    })
}

#[tokio::test]
async fn a_message_arrives_with_its_id_its_time_and_a_signature_of_each_secret() {
    let receiver = Receiver::new().await;
    let mut message = message();
    message.secrets.push(WebhookSecret::random());
    let (sender, target) = (sender(TIME_LIMIT), receiver.target());
    let (outcome, text) = join!(sender.send(&target, &message), async {
        let mut stream = receiver.accept().await;
        let text = request(&mut stream).await;
        stream.write_all(OK.as_bytes()).await.expect("an answer");
        assert_eq!(stream.read(&mut [0]).await.expect("an end"), 0, "the connection is not kept");
        text
    });
    assert_eq!(outcome, Outcome::Delivered { status: 200 });
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    let signature = sign("msg_1", 1_700_000_000, body.as_bytes(), &message.secrets);
    assert_eq!(body.as_bytes(), message.body);
    assert_eq!(
        head.split("\r\n").collect::<Vec<_>>(),
        [
            "POST /hook?token=hunter2 HTTP/1.1",
            &format!("host: {}", receiver.address()),
            "connection: close",
            concat!("user-agent: Resizinator/", env!("CARGO_PKG_VERSION")),
            "content-type: application/json",
            "webhook-id: msg_1",
            "webhook-timestamp: 1700000000",
            &format!("webhook-signature: {signature}"),
            "content-length: 22",
        ]
    );
    assert_eq!(signature.split(' ').count(), 2);
}

#[tokio::test]
async fn the_status_of_the_answer_is_told() {
    let receiver = Receiver::new().await;
    let (outcome, _) = deliver(&receiver, NOT_FOUND).await;
    assert_eq!(outcome, Outcome::Refused { status: 404, retry_after: None });
    let (outcome, _) = deliver(&receiver, "HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(outcome, Outcome::Gone);
    let busy = "HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n";
    let (outcome, _) = deliver(&receiver, busy).await;
    assert_eq!(outcome, Outcome::Refused { status: 503, retry_after: Some(Duration::from_secs(7)) });
}

#[tokio::test]
async fn a_redirect_is_a_failure_and_is_not_followed() {
    let other = net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let elsewhere = other.local_addr().expect("an address");
    let answer = format!("HTTP/1.1 307 x\r\nlocation: http://{elsewhere}/\r\ncontent-length: 0\r\n\r\n");
    let (outcome, _) = deliver(&Receiver::new().await, &answer).await;
    assert_eq!(outcome, Outcome::Failed(Failure::Redirect(307)));
    other.set_nonblocking(true).expect("a listener");
    assert_eq!(other.accept().expect_err("no connection").kind(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_a_failure_to_connect() {
    let receiver = Receiver::new().await;
    let target = receiver.target();
    drop(receiver);
    let outcome = sender(TIME_LIMIT).send(&target, &message()).await;
    assert_eq!(outcome, Outcome::Failed(Failure::Connect));
}

#[tokio::test]
async fn the_system_resolves_names() {
    let receiver = Receiver::new().await;
    let target = target(&format!("http://localhost:{}/", receiver.address().port()));
    let (sender, message) = (Sender::new(WebhookTargets::Private), message());
    let (outcome, text) = join!(sender.send(&target, &message), async {
        let mut stream = receiver.accept().await;
        let text = request(&mut stream).await;
        stream.write_all(OK.as_bytes()).await.expect("an answer");
        text
    });
    assert_eq!(outcome, Outcome::Delivered { status: 200 });
    assert!(text.contains(&format!("host: localhost:{}\r\n", receiver.address().port())), "{text}");
}

/// The environment of a process cannot be changed safely, so the tests above run in one that names a proxy.
#[test]
fn a_proxy_that_the_environment_names_is_not_used() {
    let mut command = Command::new(std::env::current_exe().expect("the tests"));
    command.args(["--exact", "webhooks::tests::deliveries::the_system_resolves_names"]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        command.env(name, "http://127.0.0.1:1");
    }
    let output = command.env_remove("no_proxy").env_remove("NO_PROXY").output().expect("a run");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}
