//! Token authentication. It works like `TokenAuthentication` of Django REST framework.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderValue};
use actix_web::{FromRequest, HttpRequest};
use resizinator_shared::ids::UserId;
use resizinator_shared::metadata::TokenHolder;
use sha2::{Digest, Sha256};

use crate::error::ApiError;
use crate::links::state;
use crate::rates::RequestLimits;
use crate::state::ApiState;

const NOT_PROVIDED: ApiError = ApiError::NotAuthenticated("Authentication credentials were not provided.");
const NO_KEY: ApiError = ApiError::NotAuthenticated("Invalid token header. No credentials provided.");
const SPACES: ApiError =
    ApiError::NotAuthenticated("Invalid token header. Token string should not contain spaces.");
const NOT_UTF8: ApiError =
    ApiError::NotAuthenticated("Invalid token header. Token string should not contain invalid characters.");
const UNKNOWN: ApiError = ApiError::NotAuthenticated("Invalid token.");

/// The answer to a user who was disabled or deleted.
const USER_GONE: ApiError = ApiError::NotAuthenticated("User inactive or deleted.");

/// Every 401 that a request without a good token gets, for the description of the api.
pub(crate) const REFUSALS: [(&str, ApiError); 6] = [
    ("not provided", NOT_PROVIDED),
    ("no key", NO_KEY),
    ("spaces", SPACES),
    ("not UTF-8", NOT_UTF8),
    ("unknown token", UNKNOWN),
    ("user gone", USER_GONE),
];

/// The answer to a user who is not an operator.
pub(crate) const NOT_ADMIN: ApiError =
    ApiError::Forbidden("You do not have permission to perform this action.");

/// The detail of a 401 for a user who lost access while the request ran.
pub(crate) const NO_ACCESS: &str =
    "The token was revoked, or the user disabled, while the request was running.";

/// The user whose token the request has. As the first argument of a handler, it makes the answer 401 before anything
/// else in the request is checked, or 429 if the user's requests come too often.
pub(crate) struct AuthenticatedUser {
    pub(crate) id: UserId,
    /// On the heap, since a future that holds it may wait for long.
    pub(crate) holder: Box<TokenHolder>,
    key_hash: String,
}

impl AuthenticatedUser {
    /// Looks the user up once more, after the request has taken long or before it does what cannot be undone.
    pub(crate) async fn look_again(&mut self, state: &ApiState) -> Result<(), ApiError> {
        *self.holder = holder(state, &self.key_hash).await?;
        Ok(())
    }
}

impl FromRequest for AuthenticatedUser {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = state(request);
        let key = key(request.headers().get(AUTHORIZATION));
        let limits = RequestLimits::of(request);
        Box::pin(async move {
            let key_hash = hash(&key?);
            let holder = Box::new(holder(&state, &key_hash).await?);
            limits.user(holder.user.id)?;
            state.token_uses.note(&holder);
            Ok(Self { id: holder.user.id, holder, key_hash })
        })
    }
}

/// The operator whose token the request has. As the first argument of a handler, it makes the answer that of
/// [`AuthenticatedUser`], or 403 if the user is not an operator, before anything else in the request is checked.
pub(crate) struct AuthenticatedAdmin(AuthenticatedUser);

impl AuthenticatedAdmin {
    pub(crate) fn id(&self) -> UserId {
        self.0.id
    }

    /// Looks the user up once more, after the body has taken long.
    pub(crate) async fn look_again(&mut self, state: &ApiState) -> Result<(), ApiError> {
        self.0.look_again(state).await?;
        self.check()
    }

    fn check(&self) -> Result<(), ApiError> {
        if self.0.holder.user.admin { Ok(()) } else { Err(NOT_ADMIN) }
    }
}

impl FromRequest for AuthenticatedAdmin {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let user = AuthenticatedUser::from_request(request, payload);
        Box::pin(async move {
            let admin = Self(user.await?);
            admin.check()?;
            Ok(admin)
        })
    }
}

/// The active user whose token has this hash.
async fn holder(state: &ApiState, key_hash: &str) -> Result<TokenHolder, ApiError> {
    let lifetime = state.settings.limits.token_lifetime;
    match state.backends.metadata.holder_of_token(key_hash, lifetime).await? {
        None => Err(UNKNOWN),
        Some(holder) if !holder.user.active => Err(USER_GONE),
        Some(holder) => Ok(holder),
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
    let key = words.next().ok_or(NO_KEY)?;
    if words.next().is_some() {
        return Err(SPACES);
    }
    String::from_utf8(key.to_vec()).map_err(|_| NOT_UTF8)
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
