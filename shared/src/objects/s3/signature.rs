//! AWS Signature Version 4, as presigned URLs and signed requests have it in common.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html>

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use rusoto_credential::AwsCredentials;
use sha2::{Digest, Sha256};

pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The credentials that sign.
pub(super) struct Signatory<'a> {
    pub(super) access_key: &'a str,
    pub(super) secret_key: &'a str,
    /// The token of temporary credentials; `None` for others.
    pub(super) session_token: Option<&'a str>,
}

impl<'a> Signatory<'a> {
    pub(super) fn of(credentials: &'a AwsCredentials) -> Self {
        Self {
            access_key: credentials.aws_access_key_id(),
            secret_key: credentials.aws_secret_access_key(),
            session_token: credentials.token().as_deref(),
        }
    }
}

/// What signs the requests of one signatory to one region at one time.
pub(super) struct Signer {
    key: Hmac<Sha256>,
    /// The string to sign, up to the hash of the request.
    preamble: String,
    /// The time of the signature, as requests tell it.
    pub(super) time: String,
    /// The access key and what its signature is good for, as requests tell it.
    pub(super) credential: String,
}

impl Signer {
    pub(super) fn new(signatory: &Signatory<'_>, region: &str, signed_at: DateTime<Utc>) -> Self {
        let time = signed_at.format("%Y%m%dT%H%M%SZ").to_string();
        let date = &time[..8];
        let scope = format!("{date}/{region}/s3/aws4_request");
        let seed = format!("AWS4{}", signatory.secret_key);
        let key = [date, region, "s3", "aws4_request"]
            .iter()
            .fold(seed.into_bytes(), |key, part| hmac(&mac(&key), part).to_vec());
        Self {
            key: mac(&key),
            preamble: format!("{ALGORITHM}\n{time}\n{scope}\n"),
            credential: format!("{}/{scope}", signatory.access_key),
            time,
        }
    }

    /// The signature of a canonical request.
    pub(super) fn sign(&self, request: &str) -> String {
        let text = format!("{}{}", self.preamble, hex::encode(Sha256::digest(request)));
        hex::encode(hmac(&self.key, &text))
    }
}

fn mac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of every length")
}

fn hmac(key: &Hmac<Sha256>, text: &str) -> [u8; 32] {
    let mut mac = key.clone();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().into()
}
