//! The fields of requests about accounts, which are sent as JSON or as a form.

use std::borrow::Cow;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Payload;
use resizinator_shared::account::{AccountEvent, BadPassword, BadUsername, Password, Username};
use resizinator_shared::metadata::User;
use serde_json::{Map, Value};

use crate::auth::AuthenticatedUser;
use crate::client::Reached;
use crate::error::ApiError;
use crate::rates::RequestLimits;
use crate::state::ApiState;
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

/// The answer to a name or a password that breaks a rule.
pub(crate) const UNUSABLE: ApiError = ApiError::Account(
    StatusCode::UNPROCESSABLE_ENTITY,
    Cow::Borrowed("A username has at most 150 characters and no NUL, a password at most 4096 bytes"),
);

/// Checks a password that a user chooses.
pub(crate) fn check_new(password: &Password, state: &ApiState) -> Result<(), ApiError> {
    password
        .check_new(state.settings.limits.password_min)
        .map_err(|bad| ApiError::Account(StatusCode::UNPROCESSABLE_ENTITY, bad.to_string().into()))
}

/// Hashes a password that a user chooses.
pub(crate) async fn hash(password: Password, state: &ApiState) -> Result<String, ApiError> {
    let hash = state.hashers.run(move || password.hash()).await?;
    hash.map_err(|error| ApiError::Internal(error.to_string()))
}

/// The answer to one who does not know the current password.
pub(crate) const WRONG: ApiError =
    ApiError::Account(StatusCode::FORBIDDEN, Cow::Borrowed("The current password is wrong"));

/// The answer to a request without a field.
pub(crate) fn missing(name: &str) -> ApiError {
    ApiError::Account(StatusCode::UNPROCESSABLE_ENTITY, format!("Please provide {name}").into())
}

/// Checks that the user of a request knows the current password, so that a token that was stolen is not enough for what
/// cannot be undone. Returns the user as they are now, since the body may have taken long.
pub(crate) async fn check_current(
    fields: &Fields,
    user: &mut AuthenticatedUser,
    request: &HttpRequest,
    state: &ApiState,
) -> Result<User, ApiError> {
    let password = fields.password("current_password")?;
    user.look_again(state).await?;
    RequestLimits::of(request).password(user.holder.token)?;
    let user = &user.holder.user;
    // A text that no password can be is a wrong one.
    let is_right = match password {
        Ok(password) => {
            let hash = user.password_hash.clone();
            state.hashers.run(move || password.matches(Some(&hash))).await?
        }
        Err(_) => false,
    };
    if is_right {
        return Ok(user.clone());
    }
    state.backends.metadata.record(user, AccountEvent::PasswordRefused, Reached::address_of(request)).await?;
    Err(WRONG)
}

/// The fields of a request.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    /// Reads the body of a request.
    pub(crate) async fn of(request: &HttpRequest, payload: Payload) -> Result<Self, ApiError> {
        let body = plain_body::collect(request, payload).await?;
        plain_body::fields(request, &body).map(Self)
    }

    /// The text of a field; empty if it is missing or is not a text.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The password in a field, or the rule that it breaks.
    ///
    /// # Errors
    /// 422 if there is none.
    pub(crate) fn password(&self, name: &'static str) -> Result<Result<Password, BadPassword>, ApiError> {
        match self.text(name).parse() {
            Err(BadPassword::Empty) => Err(missing(name)),
            parsed => Ok(parsed),
        }
    }

    /// Reads the name and the password with which a user registers or logs in.
    pub(crate) fn credentials(&self) -> Result<Credentials, Wanting> {
        match (self.text("username").parse(), self.text("password").parse()) {
            (Ok(username), Ok(password)) => Ok(Credentials { username, password }),
            (Err(BadUsername::Empty), _) | (_, Err(BadPassword::Empty)) => Err(Wanting::Missing),
            (Err(_), _) | (_, Err(_)) => Err(Wanting::Unusable),
        }
    }
}
