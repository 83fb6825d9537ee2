//! The request that carries a message, and its signature as Standard Webhooks has it
//! (<https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>).

use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::events::Event;

/// The secret that signs the messages of one webhook.
pub(crate) struct Secret(Vec<u8>);

/// A request, as far as it is looked at.
pub(crate) struct Request {
    head: String,
    body: Vec<u8>,
}

/// What a message tells.
pub(crate) struct Message {
    pub(crate) event: Event,
    /// When it was sent, in seconds since 1970, by the clock of its sender.
    pub(crate) timestamp: i64,
}

impl Secret {
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let key = text.strip_prefix("whsec_").context("a secret")?;
        Ok(Self(STANDARD.decode(key)?))
    }

    /// Whether one of the signatures, which are separated by spaces, is that of the message.
    fn has_signed(&self, id: &str, timestamp: &str, body: &[u8], signatures: &str) -> bool {
        signatures.split(' ').filter_map(|signature| signature.strip_prefix("v1,")).any(|signature| {
            let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("a key of any length will do");
            mac.update(format!("{id}.{timestamp}.").as_bytes());
            mac.update(body);
            STANDARD.decode(signature).is_ok_and(|bytes| mac.verify_slice(&bytes).is_ok())
        })
    }
}

impl Request {
    /// Reads a request to its end; `None` if the connection dies before.
    pub(crate) async fn read(connection: &mut (impl AsyncRead + Unpin)) -> anyhow::Result<Option<Self>> {
        let (mut bytes, mut end) = (Vec::new(), None);
        loop {
            if end.is_none() {
                end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
            }
            if let Some(end) = end {
                let request =
                    Self { head: str::from_utf8(&bytes[..end])?.to_owned(), body: bytes[end + 4..].to_vec() };
                if request.body.len() >= request.header("content-length")?.parse::<usize>()? {
                    return Ok(Some(request));
                }
            }
            if !connection.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {
                return Ok(None);
            }
        }
    }

    fn header(&self, name: &str) -> anyhow::Result<&str> {
        let headers = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut values = headers.filter(|(header, _)| header.eq_ignore_ascii_case(name));
        let (_, value) = values.next().with_context(|| format!("no {name}"))?;
        ensure!(values.next().is_none(), "{name} is there twice");
        Ok(value.trim())
    }

    /// The message, if the request is what it has to be.
    pub(crate) fn message(&self, secret: &Secret) -> anyhow::Result<Message> {
        ensure!(self.head.starts_with("POST /events/ HTTP/1.1\r\n"), "the request is {:?}", self.head);
        let (message_id, timestamp) = (self.header("webhook-id")?, self.header("webhook-timestamp")?);
        let signatures = self.header("webhook-signature")?;
        ensure!(
            secret.has_signed(message_id, timestamp, &self.body, signatures),
            "the signature of {message_id} is wrong"
        );
        let body: Value = serde_json::from_slice(&self.body)?;
        let data = &body["data"];
        let text = |value: &Value| value.as_str().map(str::to_owned).context("a text");
        let event = Event {
            id: data["id"].as_i64().context("an id")?,
            image: data["image_id"].as_i64().context("an image")?,
            kind: text(&data["type"])?,
        };
        ensure!(message_id == format!("evt_{}", event.id), "{message_id} tells {event:?}");
        ensure!(body["type"] == format!("image.{}", event.kind), "{} tells {event:?}", body["type"]);
        Ok(Message { event, timestamp: timestamp.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector in the tests of the reference libraries.
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const TIMESTAMP: &str = "1614265330";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn only_a_message_as_it_was_signed_is_taken() {
        let secret = Secret::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a secret");
        let two = format!("v1,AAAA {SIGNATURE}");
        assert!(secret.has_signed(ID, TIMESTAMP, BODY, SIGNATURE));
        assert!(secret.has_signed(ID, TIMESTAMP, BODY, &two));
        assert!(!secret.has_signed("msg_x", TIMESTAMP, BODY, &two));
        assert!(!secret.has_signed(ID, "1614265331", BODY, &two));
        assert!(!secret.has_signed(ID, TIMESTAMP, b"{}", &two));
        assert!(!secret.has_signed(ID, TIMESTAMP, BODY, "v1,AAAA"));
        assert!(!secret.has_signed(ID, TIMESTAMP, BODY, ""));
        let other = Secret::parse("whsec_NfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("a secret");
        assert!(!other.has_signed(ID, TIMESTAMP, BODY, SIGNATURE));
    }
}
