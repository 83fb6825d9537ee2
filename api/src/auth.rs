//! Token authentication. It works like `TokenAuthentication` of Django REST framework.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderValue};
use actix_web::{FromRequest, HttpRequest};
use resizinator_shared::ids::UserId;
use resizinator_shared::metadata::User;
use sha2::{Digest, Sha256};

use crate::error::ApiError;
use crate::links::state;
use crate::rates::RequestLimits;

const NOT_PROVIDED: ApiError = ApiError::NotAuthenticated("Authentication credentials were not provided.");

/// The user whose token the request has. As the first argument of a handler, it makes the answer 401 before anything
/// else in the request is checked, or 429 if the user's requests come too often.
pub(crate) struct AuthenticatedUser {
    pub(crate) id: UserId,
}

impl FromRequest for AuthenticatedUser {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = state(request);
        let key = key(request.headers().get(AUTHORIZATION));
        let limits = RequestLimits::of(request);
        Box::pin(async move {
            let user = state.backends.metadata.user_of_token(&hash(&key?)).await?;
            match user {
                None => Err(ApiError::NotAuthenticated("Invalid token.")),
                Some(User { active: false, .. }) => {
                    Err(ApiError::NotAuthenticated("User inactive or deleted."))
                }
                Some(User { id, .. }) => {
                    limits.user(id)?;
                    Ok(Self { id })
                }
            }
        })
    }
}

/// Hashes a token. A token has 160 random bits, so nobody can guess it from a plain hash.
pub(crate) fn hash(key: &str) -> String {
    hex::encode(Sha256::digest(key.as_bytes()))
}

fn key(header: Option<&HeaderValue>) -> Result<String, ApiError> {
    let mut words = header.map_or(&b""[..], HeaderValue::as_bytes).split(u8::is_ascii_whitespace);
    let mut words = words.by_ref().filter(|word| !word.is_empty());
    let scheme = words.next().ok_or(NOT_PROVIDED)?;
    if !scheme.eq_ignore_ascii_case(b"token") && !scheme.eq_ignore_ascii_case(b"bearer") {
        return Err(NOT_PROVIDED);
    }
    let key =
        words.next().ok_or(ApiError::NotAuthenticated("Invalid token header. No credentials provided."))?;
    if words.next().is_some() {
        return Err(ApiError::NotAuthenticated(
            "Invalid token header. Token string should not contain spaces.",
        ));
    }
    String::from_utf8(key.to_vec()).map_err(|_| {
        ApiError::NotAuthenticated(
            "Invalid token header. Token string should not contain invalid characters.",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn complaint(header: Option<&[u8]>) -> String {
        let header = header.map(|bytes| HeaderValue::from_bytes(bytes).expect("a header"));
        key(header.as_ref()).expect_err("refused").to_string()
    }

    #[test]
    fn the_scheme_may_be_token_or_bearer_in_any_case() {
        for header in ["Token abc", "token abc", "TOKEN  abc", "Bearer abc"] {
            assert_eq!(key(Some(&HeaderValue::from_static(header))).expect("a key"), "abc");
        }
    }

    #[test]
    fn every_wrong_header_has_its_own_sentence() {
        let missing = "Authentication credentials were not provided.";
        assert_eq!(complaint(None), missing);
        assert_eq!(complaint(Some(b"Basic dXNlcg==")), missing);
        assert_eq!(complaint(Some(b"Token")), "Invalid token header. No credentials provided.");
        assert!(complaint(Some(b"Token a b")).contains("should not contain spaces"));
        assert!(complaint(Some(b"Token \xff\xfe")).contains("invalid characters"));
    }
}
