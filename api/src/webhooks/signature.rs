//! The signature of a webhook, by which its receiver knows that it comes from here and was not changed (Standard
//! Webhooks, <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>).

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// What the text of every secret begins with.
const PREFIX: &str = "whsec_";

/// The lengths that the specification allows, in bytes.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// A secret that a webhook shares with its receiver. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    /// Makes a random secret of 32 bytes.
    pub(crate) fn random() -> Self {
        Self(rand::random::<[u8; 32]>().to_vec())
    }

    /// Reads the text of a secret; `None` if it is not one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.strip_prefix(PREFIX)?).ok()?;
        LENGTHS.contains(&bytes.len()).then_some(Self(bytes))
    }

    /// The text of the secret, for its owner and for storage: `whsec_` and Base64.
    pub(crate) fn expose(&self) -> String {
        format!("{PREFIX}{}", STANDARD.encode(&self.0))
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

/// The value of `webhook-signature`: one signature for each secret. There are two secrets while a receiver changes from
/// the old one to the new one. The timestamp is in seconds since 1970. The id must not contain a full stop, since a
/// message with another id could then have the same signature.
pub(super) fn sign(id: &str, timestamp: i64, body: &[u8], secrets: &[WebhookSecret]) -> String {
    let signature = |secret: &WebhookSecret| {
        let mut mac = Hmac::<Sha256>::new_from_slice(&secret.0).expect("a key of any length will do");
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    };
    secrets.iter().map(signature).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector in the tests of the reference libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const TIMESTAMP: i64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn a_message_is_signed_as_the_reference_libraries_sign_it() {
        let secret = WebhookSecret::parse(SECRET).expect("a secret");
        assert_eq!(sign(ID, TIMESTAMP, BODY, &[secret]), SIGNATURE);
    }

    #[test]
    fn every_secret_signs() {
        let (old, new) = (WebhookSecret::parse(SECRET).expect("a secret"), WebhookSecret::random());
        let both = sign(ID, TIMESTAMP, BODY, &[new.clone(), old]);
        assert_eq!(both, format!("{} {SIGNATURE}", sign(ID, TIMESTAMP, BODY, &[new])));
    }

    #[test]
    fn a_secret_is_read_back_from_its_text() {
        let secret = WebhookSecret::random();
        let text = secret.expose();
        assert_eq!(text.len(), PREFIX.len() + 44);
        assert_eq!(WebhookSecret::parse(&text), Some(secret));
        assert_ne!(WebhookSecret::random().expose(), text);
    }

    #[test]
    fn what_is_no_secret_of_24_to_64_bytes_is_refused() {
        let of = |bytes: usize| format!("{PREFIX}{}", STANDARD.encode(vec![7; bytes]));
        for text in
            [of(23), of(65), of(32).replace(PREFIX, ""), of(32).replace('=', ""), format!("{PREFIX}*")]
        {
            assert_eq!(WebhookSecret::parse(&text), None, "{text}");
        }
        assert!(WebhookSecret::parse(&of(24)).is_some() && WebhookSecret::parse(&of(64)).is_some());
    }

    #[test]
    fn a_secret_is_not_printed() {
        let secret = WebhookSecret::parse(SECRET).expect("a secret");
        assert_eq!(format!("{secret:?}"), "WebhookSecret(…)");
    }
}
