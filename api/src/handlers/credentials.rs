//! `username` and `password`, from JSON or from a form.

use actix_web::HttpRequest;
use resizinator_shared::account::{BadPassword, BadUsername, Password, Username};
use serde_json::Value;

use crate::error::ApiError;
use crate::upload::plain_body;

/// What a user registers and logs in with.
pub(crate) struct Credentials {
    pub(crate) username: Username,
    pub(crate) password: Password,
}

/// What is wrong with the credentials of a request that could be read.
pub(crate) enum Wanting {
    /// The name or the password is missing, empty or no text.
    Missing,
    /// The name or the password is there and breaks a rule of [`resizinator_shared::account`].
    Unusable,
}

impl Credentials {
    /// Reads the credentials from the body of a request.
    pub(crate) fn read(request: &HttpRequest, body: &[u8]) -> Result<Result<Self, Wanting>, ApiError> {
        let fields = plain_body::fields(request, body)?;
        let text = |name| fields.get(name).and_then(Value::as_str).unwrap_or_default();
        Ok(match (text("username").parse(), text("password").parse()) {
            (Ok(username), Ok(password)) => Ok(Self { username, password }),
            (Err(BadUsername::Empty), _) | (_, Err(BadPassword::Empty)) => Err(Wanting::Missing),
            (Err(_), _) | (_, Err(_)) => Err(Wanting::Unusable),
        })
    }
}
