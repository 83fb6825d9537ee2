//! The header fields that tell a client its limits (draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4).

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

use super::standing::{Standing, Standings};

/// The field with the limits that a request was held against, and their rates.
pub(crate) const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// The field with what is left of them.
pub(crate) const STATE: HeaderName = HeaderName::from_static("ratelimit");

impl Standings {
    /// Sets both fields, if a limit applied to the request. They are lists of structured fields (RFC 9651). An item of the
    /// policy has the requests `q` and the seconds `w` for which they are (section 3.1), one of the state has the
    /// requests `r` that are left and the seconds `t` until there is one more (section 4.1). There is no partition key
    /// `pk`, since it would show clients what we know them by.
    pub(crate) fn set(&self, headers: &mut HeaderMap) {
        let standings = self.all();
        if standings.is_empty() {
            return;
        }
        let list = |item: fn(&Standing) -> String| standings.iter().map(item).collect::<Vec<_>>().join(", ");
        let policy =
            list(|one| format!("\"{}\";q={};w={}", one.limit, one.rate.requests(), one.rate.seconds()));
        let state = list(|one| format!("\"{}\";r={};t={}", one.limit, one.remaining, one.seconds()));
        for (name, value) in [(POLICY, policy), (STATE, state)] {
            headers.insert(name, HeaderValue::from_str(&value).expect("names and numbers are ASCII"));
        }
    }
}
