//! The request that an image comes from. Its ids are in the row, in the headers of the job and in the log of the worker, so
//! that one search finds everything that happened to an image.

use std::fmt;
use std::str::FromStr;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::ids::ImageId;
use crate::sql_text::{from_sql_text, to_sql_text};

/// The ids of the request that uploaded an image.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Trace {
    /// The request id; `None` for an image of an earlier release.
    pub request_id: Option<RequestId>,
    /// The client's `traceparent`, if the request had one.
    pub parent: Option<TraceParent>,
}

impl Trace {
    /// The name in logs of the image with this id, which comes from this request.
    pub fn log_name(&self, image: ImageId) -> LogName<'_> {
        LogName { image, trace: self }
    }
}

/// The name of an image in logs, with the ids of its request: `image 7 (request 0123abcd)`, or
/// `image 7 (request 0123abcd, trace 4bf92f3577b34da6a3ce929d0e0e4736)` if the client sent a `traceparent`.
#[derive(Debug, Clone, Copy)]
pub struct LogName<'a> {
    image: ImageId,
    trace: &'a Trace,
}

impl fmt::Display for LogName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Trace { request_id, parent } = self.trace;
        write!(f, "image {}", self.image)?;
        match (request_id, parent) {
            (None, None) => Ok(()),
            (Some(request), None) => write!(f, " (request {})", request.as_str()),
            (None, Some(parent)) => write!(f, " (trace {})", parent.trace_id()),
            (Some(request), Some(parent)) => {
                write!(f, " (request {}, trace {})", request.as_str(), parent.trace_id())
            }
        }
    }
}

/// The id of a request, `X-Request-Id`: 1 to 64 letters, digits, `-`, `_` and `.`.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct RequestId(String);

impl RequestId {
    /// Makes a random id.
    pub fn random() -> Self {
        Self(hex::encode(rand::random::<[u8; 8]>()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RequestId {
    type Err = BadTrace;

    fn from_str(text: &str) -> Result<Self, BadTrace> {
        let is_sane = (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        is_sane.then(|| Self(text.into())).ok_or(BadTrace)
    }
}

/// The header `traceparent` of a request: version, trace id, parent id and flags, in lower-case hexadecimal digits.
/// <https://www.w3.org/TR/trace-context/#traceparent-header>
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct TraceParent(String);

impl TraceParent {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The trace id, which all parts of one trace have in common: 32 hexadecimal digits.
    pub fn trace_id(&self) -> &str {
        // The version and a hyphen stand before it.
        &self.0[3..35]
    }
}

impl FromStr for TraceParent {
    type Err = BadTrace;

    fn from_str(text: &str) -> Result<Self, BadTrace> {
        let fields: Vec<&str> = text.split('-').collect();
        let is_hex = |field: &str, len| {
            field.len() == len && field.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let is_zero = |field: &str| field.bytes().all(|byte| byte == b'0');
        match fields[..] {
            // Later versions may have more fields, which are not known here.
            ["00", trace, parent, flags]
                if is_hex(trace, 32)
                    && is_hex(parent, 16)
                    && is_hex(flags, 2)
                    && !is_zero(trace)
                    && !is_zero(parent) =>
            {
                Ok(Self(text.into()))
            }
            _ => Err(BadTrace),
        }
    }
}

/// The error for a text that is no such id.
#[derive(Debug, thiserror::Error)]
#[error("it is not the id of a request")]
pub struct BadTrace;

to_sql_text!(RequestId, as_str);
from_sql_text!(RequestId);
to_sql_text!(TraceParent, as_str);
from_sql_text!(TraceParent);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_is_short_and_safe_in_logs() {
        assert!(
            "a.B-9_".parse::<RequestId>().is_ok()
                && RequestId::random().as_str().parse::<RequestId>().is_ok()
        );
        for text in ["", "a b", "a\n", "\u{e4}", &"a".repeat(65)] {
            assert!(text.parse::<RequestId>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_image_is_called_by_its_id_and_its_request() {
        let image = "7".parse().expect("an id");
        let request_id = "story-1".parse().ok();
        let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse().ok();
        for (trace, name) in [
            (Trace::default(), "image 7"),
            (Trace { request_id: request_id.clone(), parent: None }, "image 7 (request story-1)"),
            (
                Trace { request_id, parent },
                "image 7 (request story-1, trace 4bf92f3577b34da6a3ce929d0e0e4736)",
            ),
        ] {
            assert_eq!(trace.log_name(image).to_string(), name);
        }
    }

    #[test]
    fn a_traceparent_is_what_the_w3c_says() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert_eq!(good.parse::<TraceParent>().expect("a traceparent").as_str(), good);
        for text in [
            "",
            "00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
        ] {
            assert!(text.parse::<TraceParent>().is_err(), "{text:?}");
        }
    }
}
