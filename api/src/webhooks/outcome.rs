//! What became of one try to deliver a message.

use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, Utc};
use hyper::header::{HeaderMap, RETRY_AFTER};
use hyper::{Response, StatusCode};

use super::send::{MOST_HEAD, TIME_LIMIT};
use super::target::BadTarget;

/// The longest delay that a receiver may ask for: the longest one of the schedule in Standard Webhooks.
const MOST_DELAY: Duration = Duration::from_secs(24 * 3600);

/// What became of one try to deliver a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The receiver has the message: it answered with this status, which is a 2xx.
    Delivered { status: u16 },
    /// The receiver answered with another status. `retry_after` is the delay that it asks for, 24 hours at most.
    Refused { status: u16, retry_after: Option<Duration> },
    /// The receiver answered 410: it wants no more messages, and the webhook is to be disabled.
    Gone,
    /// There is no answer that counts.
    Failed(Failure),
}

/// Why there is no answer that counts. It is a sentence for the owner of the webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The settings have changed since the target was accepted.
    #[error("{0}")]
    Target(#[from] BadTarget),
    /// The first such address of the host. It is for the log alone: the owner may know a name of the operator's network,
    /// but not its addresses.
    #[error("The host has an address that is not public, so nothing was sent.")]
    NotPublic(IpAddr),
    #[error("The name of the host could not be resolved.")]
    Unresolvable,
    #[error("The host could not be connected to.")]
    Connect,
    #[error("There is no secure connection to the host: its certificate has to be valid for its name.")]
    Tls,
    #[error("The host did not answer within {} seconds.", TIME_LIMIT.as_secs())]
    Timeout,
    #[error("The host answered with status {0}, a redirect. Redirects are not followed.")]
    Redirect(u16),
    #[error(
        "The host closed the connection without an answer in HTTP/1.1 whose head has at most {MOST_HEAD} bytes."
    )]
    Protocol,
}

impl Outcome {
    /// What the head of an answer means.
    pub(super) fn of<B>(answer: &Response<B>) -> Self {
        let status = answer.status().as_u16();
        match answer.status() {
            StatusCode::GONE => Self::Gone,
            code if code.is_success() => Self::Delivered { status },
            code if code.is_redirection() => Self::Failed(Failure::Redirect(status)),
            _ => Self::Refused { status, retry_after: retry_after(answer.headers(), Utc::now()) },
        }
    }
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// The delay in `Retry-After`, which is a number of seconds or a date (RFC 9110, section 10.2.3).
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    let delay = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => (DateTime::parse_from_rfc2822(text).ok()?.to_utc() - now).to_std().unwrap_or_default(),
    };
    Some(delay.min(MOST_DELAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16) -> Outcome {
        Outcome::of(&Response::builder().status(status).body(()).expect("an answer"))
    }

    #[test]
    fn the_status_decides_whether_a_message_is_delivered() {
        for status in [200, 202, 204, 299] {
            assert_eq!(of(status), Outcome::Delivered { status });
        }
        for status in [300, 301, 302, 303, 304, 307, 308] {
            assert_eq!(of(status), Outcome::Failed(Failure::Redirect(status)));
        }
        for status in [101, 400, 404, 429, 500, 503, 999] {
            assert_eq!(of(status), Outcome::Refused { status, retry_after: None });
        }
        assert_eq!(of(410), Outcome::Gone);
    }

    #[test]
    fn a_receiver_may_ask_for_a_delay_of_at_most_a_day() {
        let now = DateTime::parse_from_rfc3339("1994-11-06T08:49:00Z").expect("a time").to_utc();
        let asked = |text: &str| {
            let answer =
                Response::builder().status(429).header(RETRY_AFTER, text).body(()).expect("an answer");
            retry_after(answer.headers(), now).map(|delay| delay.as_secs())
        };
        assert_eq!(asked("120"), Some(120));
        assert_eq!(asked("0"), Some(0));
        assert_eq!(asked("86401"), Some(86_400));
        assert_eq!(asked("18446744073709551615"), Some(86_400));
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:37 GMT"), Some(37));
        assert_eq!(asked("Sun, 06 Nov 1993 08:49:37 GMT"), None);
        assert_eq!(asked("Sat, 06 Nov 1993 08:49:37 GMT"), Some(0));
        assert_eq!(asked("Mon, 06 Nov 2094 08:49:37 GMT"), None);
        assert_eq!(asked("Sat, 06 Nov 2094 08:49:37 GMT"), Some(86_400));
        for text in ["", "soon", "-1", "1.5", "18446744073709551616"] {
            assert_eq!(asked(text), None, "{text}");
        }
    }
}
