//! The fields `username` and `password` of a request, which are sent as JSON or as a form.

use actix_web::HttpRequest;
use resizinator_shared::account::{BadPassword, BadUsername, Password, Username};
use serde_json::Value;

use crate::error::ApiError;
use crate::upload::plain_body;

/// The name and the password with which a user registers and logs in.
pub(crate) struct Credentials {
    pub(crate) username: Username,
    pub(crate) password: Password,
}

/// The fault in the credentials of a request whose body could be read.
pub(crate) enum Wanting {
    /// The name or the password is missing, is empty, or is not a text.
    Missing,
    /// The name or the password breaks a rule of [`resizinator_shared::account`].
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
