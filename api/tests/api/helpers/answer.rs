//! An answer of the api. The test that gets it fails if it breaks the rules for all answers.

use reqwest::header::{CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap};
use serde_json::Value;

/// The headers that every answer has.
const EVERYWHERE: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
];

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) async fn of(response: reqwest::Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = response.bytes().await.expect("the whole body").to_vec();
        let answer = Self { status, headers, body };
        answer.assert_contract();
        answer
    }

    /// A header's value, empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    #[track_caller]
    pub(crate) fn assert_is(&self, status: u16, body: &str) {
        assert_eq!((self.status, self.text()), (status, body));
    }

    /// The answer to a bad field `original`.
    #[track_caller]
    pub(crate) fn assert_refused(&self, message: &str) {
        let body = serde_json::json!({ "original": [message] });
        self.assert_is(422, &body.to_string());
    }

    #[track_caller]
    pub(crate) fn assert_contract(&self) {
        for (name, value) in EVERYWHERE {
            assert_eq!(self.header(name), value, "{name} of {self:?}");
        }
        // What the CORS protocol adds comes behind it.
        assert!(self.header("vary").split(", ").any(|name| name == "Accept"), "{self:?}");
        assert!(!self.header("x-request-id").is_empty(), "{self:?}");
        assert!(!self.headers.contains_key("set-cookie"), "{self:?}");
        if matches!(self.status, 204 | 304) {
            assert!(self.body.is_empty(), "{self:?}");
            assert!(!self.headers.contains_key(CONTENT_TYPE), "{self:?}");
            assert!(!self.headers.contains_key(CONTENT_LENGTH), "{self:?}");
            return;
        }
        assert!(self.headers.contains_key(CONTENT_LENGTH), "{self:?}");
        if self.header("content-type").starts_with("image/") && matches!(self.status, 200 | 206) {
            return;
        }
        // Pages for people have types of their own.
        if self.headers.contains_key(CONTENT_SECURITY_POLICY) {
            return;
        }
        assert_eq!(self.header("content-type"), "application/json", "{self:?}");
        // An answer to HEAD has no body, but the length of the body that GET has.
        if !self.body.is_empty() {
            assert_eq!(self.header("content-length"), self.body.len().to_string(), "{self:?}");
            // The JSON has the same length when it is written again: it has no spaces, no line break at the end, and no
            // escaped UTF-8.
            assert_eq!(self.json().to_string().len(), self.body.len(), "{}", self.text());
        }
    }
}
