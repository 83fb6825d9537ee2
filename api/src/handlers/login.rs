use std::borrow::Cow;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::USER_AGENT;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::account::{AccountEvent, TokenLabel};
use resizinator_shared::metadata::NewToken;
use serde::Serialize;

use super::credentials::{Credentials, Fields};
use crate::auth;
use crate::client::Reached;
use crate::error::ApiError;
use crate::openapi::{examples, refuses};
use crate::rates::RequestLimits;
use crate::state::ApiState;

const INVALID: ApiError = ApiError::Account(StatusCode::UNAUTHORIZED, Cow::Borrowed("Invalid credentials"));

/// How long a network stays known for a user who has logged in from it.
const KNOWN: Duration = Duration::from_secs(30 * 86_400);

/// The name and the password of a user, and what to call the token.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it is only described")]
struct Login {
    username: String,
    #[schema(format = Password)]
    password: String,
    /// A text. The name of the client's program, if it is missing or anything else.
    label: Option<serde_json::Value>,
}

/// A new token.
#[derive(Serialize, utoipa::ToSchema)]
struct Token {
    /// 40 hexadecimal digits.
    #[schema(pattern = "^[0-9a-f]{40}$")]
    token: String,
}

refuses! {
    "invalid" => INVALID,
}

/// `POST user/login/`: answers 200 with a new token, or 401 if anything is wrong. An unknown name takes as long as a
/// wrong password, so that nobody can find out which names exist.
#[utoipa::path(
    post,
    path = "/user/login/",
    operation_id = "log_in",
    tag = "account",
    summary = "Get a token",
    description = "Each login makes a new token. A user has a limited number of them, and the oldest ends first.",
    request_body(
        content((Login = "application/json", example = json!({ "username": "ada", "password": "correct horse", "label": "phone" })), (Login = "application/x-www-form-urlencoded")),
        description = "The name and the password, and what to call the token.",
    ),
    responses(
        (
            status = 200,
            description = "The token, which is shown this once.",
            body = Token,
            headers(("Cache-Control" = String, description = "Nobody may store the token on the way.")),
            example = json!({ "token": examples::TOKEN }),
        ),
        Refusals,
    ),
)]
pub(crate) async fn handle(
    request: HttpRequest,
    payload: Payload,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let fields = match Fields::of(&request, payload).await {
        Err(ApiError::Parse(_) | ApiError::UnsupportedMediaType(_)) => return Err(INVALID),
        fields => fields?,
    };
    let Ok(Credentials { username, password }) = fields.credentials() else { return Err(INVALID) };
    let metadata = &state.backends.metadata;
    let limits = RequestLimits::of(&request);
    // One query for both, so that its time does not tell which names exist.
    let found = metadata.find_login(&username, limits.network(), KNOWN).await?;
    let known = found.as_ref().filter(|(_, is_known)| *is_known).map(|(user, _)| user.id);
    limits.login(&username, known)?;
    let user = found.map(|(user, _)| user);
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let is_right = state.hashers.run(move || password.matches(hash.as_deref())).await?;
    let address = Reached::address_of(&request);
    let user = match user {
        Some(user) if is_right && user.active => user,
        Some(user) => {
            // The answer does not wait for it, since an unknown name has nothing to record.
            let state = state.clone();
            state.clone().under_way.spawn(async move {
                let recorded = state.backends.metadata.record(&user, AccountEvent::LoginFailed, address);
                if let Err(error) = recorded.await {
                    log::warn!("a failed login of user {} is not recorded: {error}", user.id);
                }
            });
            return Err(INVALID);
        }
        None => {
            // The name is not logged: some people type their password there.
            let address = address.map(|address| address.to_string()).unwrap_or_default();
            log::info!("a login failed, since there is no such user, client={address}");
            return Err(INVALID);
        }
    };
    let token = hex::encode(rand::random::<[u8; 20]>());
    let (key_hash, label) = (auth::hash(&token), label(&fields, &request));
    let keep = state.settings.limits.tokens_per_user;
    let new = NewToken { key_hash: &key_hash, label: &label, address, keep };
    // The password may have been changed, or the user disabled, while it was hashed.
    if !metadata.create_token(&user, &new).await? {
        return Err(INVALID);
    }
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(Token { token }))
}

/// The label that the client gives the token, or else the name of the client's program.
fn label(fields: &Fields, request: &HttpRequest) -> TokenLabel {
    let program = || request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    match fields.text("label") {
        "" => TokenLabel::of(program().unwrap_or_default()),
        label => TokenLabel::of(label),
    }
}
