//! Presigned URLs for GET, with the signature in the query string.
//!
//! rusoto always signs with the present time. Here the signing time is that of the window, so that an object keeps its
//! URL for a while.

use chrono::{DateTime, Utc};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::signature::{ALGORITHM, Signatory, Signer};
use crate::settings::S3Location;

/// The characters that SigV4 encodes: all except the unreserved characters of RFC 3986.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PATH: &AsciiSet = &QUERY.remove(b'/');

/// The parts that all URLs of one window and one signatory have in common, which are computed once.
pub(super) struct Presigner {
    signer: Signer,
    /// The query without the signature.
    query: String,
}

impl Presigner {
    pub(super) fn new(
        signatory: &Signatory<'_>,
        region: &str,
        signed_at: DateTime<Utc>,
        lifetime_seconds: u64,
    ) -> Self {
        let signer = Signer::new(signatory, region, signed_at);
        let credential = utf8_percent_encode(&signer.credential, QUERY);
        let token = signatory.session_token.map_or_else(String::new, |token| {
            format!("&X-Amz-Security-Token={}", utf8_percent_encode(token, QUERY))
        });
        // SigV4 needs the names in alphabetical order.
        let query = format!(
            "X-Amz-Algorithm={ALGORITHM}&X-Amz-Credential={credential}&X-Amz-Date={}\
             &X-Amz-Expires={lifetime_seconds}{token}&X-Amz-SignedHeaders=host",
            signer.time
        );
        Self { signer, query }
    }

    /// The URL of `key` in `site`.
    pub(super) fn get(&self, site: &Site, key: &str) -> String {
        let Site { scheme, host, folder } = site;
        let path = format!("{folder}{}", utf8_percent_encode(key, PATH));
        let request = format!("GET\n{path}\n{}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD", self.query);
        let signature = self.signer.sign(&request);
        format!("{scheme}://{host}{path}?{}&X-Amz-Signature={signature}", self.query)
    }
}

/// The place where clients find the objects.
pub(super) struct Site {
    scheme: String,
    /// The host as it is in the Host header.
    host: String,
    /// The encoded path in front of every key, with slashes at both ends.
    folder: String,
}

impl Site {
    /// The scheme and the host.
    pub(super) fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.host)
    }

    pub(super) fn of(location: &S3Location) -> Self {
        let S3Location { bucket, prefix, .. } = location;
        let prefix = utf8_percent_encode(prefix, PATH);
        if let Some(server) = location.public_endpoint.as_ref().or(location.endpoint.as_ref()) {
            let base = server.path().trim_end_matches('/');
            return Self {
                scheme: server.scheme().to_owned(),
                host: authority(server),
                folder: format!("{base}/{bucket}/{prefix}"),
            };
        }
        let amazon = amazon_host(&location.region);
        // Amazon's certificate covers only one label below the region, so a bucket with dots is in the path.
        let (host, folder) = if bucket.contains('.') {
            (amazon, format!("/{bucket}/{prefix}"))
        } else {
            (format!("{bucket}.{amazon}"), format!("/{prefix}"))
        };
        Self { scheme: "https".into(), host, folder }
    }
}

/// The host of Amazon S3 in a region.
pub(super) fn amazon_host(region: &str) -> String {
    let china = if region.starts_with("cn-") { ".cn" } else { "" };
    format!("s3.{region}.amazonaws.com{china}")
}

fn authority(server: &Url) -> String {
    let host = server.host_str().unwrap_or_default();
    server.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn location(bucket: &str, endpoint: Option<&str>, public: Option<&str>) -> S3Location {
        let url = |text: &str| Url::parse(text).expect("a URL");
        S3Location {
            bucket: bucket.into(),
            prefix: "a b/".into(),
            region: "eu-west-1".into(),
            endpoint: endpoint.map(url),
            public_endpoint: public.map(url),
            keys: None,
        }
    }

    fn presigner(session_token: Option<&str>) -> Presigner {
        let signatory = Signatory {
            access_key: "AKIAIOSFODNN7EXAMPLE",
            secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            session_token,
        };
        let signed_at = DateTime::from_timestamp(1_369_353_600, 0).expect("a time");
        Presigner::new(&signatory, "us-east-1", signed_at, 86_400)
    }

    /// The example of <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>.
    #[test]
    fn the_documented_example_has_the_documented_signature() {
        let site = Site {
            scheme: "https".into(),
            host: "examplebucket.s3.amazonaws.com".into(),
            folder: "/".into(),
        };
        assert_eq!(
            presigner(None).get(&site, "test.txt"),
            "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
             &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
             &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        );
    }

    #[test]
    fn the_token_of_temporary_credentials_is_part_of_the_url() {
        let url = presigner(Some("a+b/c=")).get(&Site::of(&location("photos", None, None)), "key");
        assert!(
            url.contains("&X-Amz-Expires=86400&X-Amz-Security-Token=a%2Bb%2Fc%3D&X-Amz-SignedHeaders=host&")
        );
    }

    #[test]
    fn the_url_names_the_server_that_clients_reach() {
        let cases = [
            (location("photos", None, None), "https://photos.s3.eu-west-1.amazonaws.com/a%20b/key?"),
            (location("my.photos", None, None), "https://s3.eu-west-1.amazonaws.com/my.photos/a%20b/key?"),
            (
                location("photos", Some("http://10.0.0.1:8333"), None),
                "http://10.0.0.1:8333/photos/a%20b/key?",
            ),
            (
                location("photos", Some("http://10.0.0.1:8333"), Some("https://cdn.example/s3/")),
                "https://cdn.example/s3/photos/a%20b/key?",
            ),
        ];
        for (location, start) in cases {
            let url = presigner(None).get(&Site::of(&location), "key");
            assert!(url.starts_with(start), "{url}");
        }
    }
}
