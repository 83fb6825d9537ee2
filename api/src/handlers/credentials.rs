//! `username` and `password`, from JSON or from a form.

use actix_web::HttpRequest;
use serde_json::Value;

use crate::error::ApiError;
use crate::upload::plain_body;

/// Django's own limit for user names, in characters.
const USERNAME_MAX: usize = 150;
/// Nobody types more; hashing it would cost more.
const PASSWORD_MAX: usize = 4096;

pub(crate) struct Credentials {
    pub(crate) username: String,
    pub(crate) password: String,
}

/// What is wrong with the credentials of a request that could be read.
pub(crate) enum Wanting {
    /// One is missing, empty or no text.
    Missing,
    /// One is longer than any may be, or holds a NUL, which no database column takes.
    Unusable,
}

impl Credentials {
    pub(crate) fn read(request: &HttpRequest, body: &[u8]) -> Result<Result<Self, Wanting>, ApiError> {
        let fields = plain_body::fields(request, body)?;
        let text = |name| match fields.get(name) {
            Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
            _ => None,
        };
        let (Some(username), Some(password)) = (text("username"), text("password")) else {
            return Ok(Err(Wanting::Missing));
        };
        let too_long = username.chars().count() > USERNAME_MAX || password.len() > PASSWORD_MAX;
        if too_long || username.contains('\0') {
            return Ok(Err(Wanting::Unusable));
        }
        Ok(Ok(Self { username, password }))
    }
}
