//! The put of an object. rusoto signs a stream without its hash and knows no checksums, so the request is built and
//! signed here, and rusoto's HTTP client sends it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use rusoto_core::signature::SignedRequest;
use rusoto_core::{ByteStream, DispatchSignedRequest};
use rusoto_credential::ProvideAwsCredentials;

use super::attempt::AttemptError;
use super::clients::Client;
use super::signature::{ALGORITHM, Signatory, Signer};
use super::{Failure, S3Store};
use crate::objects::ObjectKey;

/// The header that is not signed. rusoto does not sign it either: servers get it from proxies that have changed it.
const UNSIGNED: &str = "content-length";

impl S3Store {
    /// Sends an object once. The server stores it only if its bytes have this SHA-256.
    pub(super) async fn send(
        &self,
        client: Client,
        key: &ObjectKey,
        sha256: &[u8; 32],
        body: ByteStream,
    ) -> Result<(), AttemptError> {
        let path = format!("/{}/{}", self.location.bucket, self.full_key(key));
        let mut request = SignedRequest::new("PUT", "s3", &self.region, &path);
        request.set_content_type(key.content_type().into());
        request.add_header("cache-control", &self.window.cache_control());
        // Some servers check only this checksum, and others only the hash in the signature.
        request.add_header("x-amz-checksum-sha256", &BASE64_STANDARD.encode(sha256));
        request.set_payload_stream(body);
        // This adds the host and the length of the body.
        request.complement();
        let credentials = self.credentials.credentials().await.map_err(Failure::from)?;
        sign(&mut request, &Signatory::of(&credentials), Utc::now(), sha256);
        let mut answer = client.http.dispatch(request, None).await.map_err(Failure::from)?;
        if answer.status.is_success() {
            return Ok(());
        }
        let answer = answer.buffer().await.map_err(Failure::from)?;
        Err(Failure::Unknown(answer).into())
    }
}

/// Signs a request whose headers and path are complete, and the SHA-256 of its body with it.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>
fn sign(request: &mut SignedRequest, signatory: &Signatory<'_>, signed_at: DateTime<Utc>, sha256: &[u8; 32]) {
    let signer = Signer::new(signatory, request.region.name(), signed_at);
    let sha256 = hex::encode(sha256);
    request.add_header("x-amz-content-sha256", &sha256);
    request.add_header("x-amz-date", &signer.time);
    request.add_optional_header("x-amz-security-token", signatory.session_token);
    let (mut names, mut lines) = (Vec::new(), String::new());
    // They are in alphabetical order, as SigV4 needs them.
    for (name, values) in request.headers() {
        if name != UNSIGNED {
            names.push(name.as_str());
            lines += &format!("{name}:{}\n", String::from_utf8_lossy(&values.concat()));
        }
    }
    let names = names.join(";");
    let (method, path) = (request.method(), request.canonical_path());
    let signature = signer.sign(&format!("{method}\n{path}\n\n{lines}\n{names}\n{sha256}"));
    let credential = &signer.credential;
    let authorization =
        format!("{ALGORITHM} Credential={credential}, SignedHeaders={names}, Signature={signature}");
    request.add_header("authorization", &authorization);
}

#[cfg(test)]
mod tests {
    use rusoto_core::Region;
    use sha2::{Digest, Sha256};

    use super::*;

    fn signed(mut request: SignedRequest, session_token: Option<&str>) -> SignedRequest {
        let signatory = Signatory {
            access_key: "AKIAIOSFODNN7EXAMPLE",
            secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            session_token,
        };
        let signed_at = DateTime::from_timestamp(1_369_353_600, 0).expect("a time");
        sign(&mut request, &signatory, signed_at, &Sha256::digest("Welcome to Amazon S3.").into());
        request
    }

    fn request() -> SignedRequest {
        let endpoint = "https://examplebucket.s3.amazonaws.com".into();
        let region = Region::Custom { name: "us-east-1".into(), endpoint };
        let mut request = SignedRequest::new("PUT", "s3", &region, "/test$file.text");
        request.add_header("host", "examplebucket.s3.amazonaws.com");
        request
    }

    fn header(request: &SignedRequest, name: &str) -> String {
        String::from_utf8(request.headers()[name].concat()).expect("text")
    }

    /// The example "PUT Object" of <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>.
    #[test]
    fn the_documented_example_has_the_documented_signature() {
        let mut request = request();
        request.add_header("date", "Fri, 24 May 2013 00:00:00 GMT");
        request.add_header("x-amz-storage-class", "REDUCED_REDUNDANCY");
        let request = signed(request, None);
        assert_eq!(
            header(&request, "x-amz-content-sha256"),
            "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
        );
        assert_eq!(
            header(&request, "authorization"),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
             SignedHeaders=date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class, \
             Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
        );
    }

    #[test]
    fn the_token_of_temporary_credentials_is_signed() {
        let request = signed(request(), Some("a+b/c="));
        assert_eq!(header(&request, "x-amz-security-token"), "a+b/c=");
        let authorization = header(&request, "authorization");
        assert!(
            authorization
                .contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-security-token, "),
            "{authorization}"
        );
    }
}
