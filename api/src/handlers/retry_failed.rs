use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::failure_code::RecordedCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::credentials::Fields;
use crate::auth::AuthenticatedAdmin;
use crate::error::ApiError;
use crate::openapi::refuses;
use crate::state::ApiState;

/// The most images that one request retries.
const MOST: i64 = 1000;
/// The longest name that a code can have, in characters.
const LONGEST_CODE: usize = 64;

/// Which images to render once more.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is only described")]
struct FailedWith {
    /// The code with which they have failed, as the overview names it.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z0-9_]+$")]
    code: String,
}

/// How many images are rendered once more.
#[derive(Serialize, ToSchema)]
struct Retried<'a> {
    code: &'a str,
    /// How many wait for a worker again: at most 1,000.
    #[schema(minimum = 0, maximum = 1000)]
    retried: usize,
    /// How many images are left that have failed with this code.
    #[schema(minimum = 0)]
    left: i64,
}

refuses! {
    "missing code" => missing_code(),
    "unknown code" => unknown_code("no_such_code"),
    "not JSON" => ApiError::Parse("JSON parse error - expected value at line 1 column 1".into()),
    "another type" => ApiError::UnsupportedMediaType("text/plain".into()),
}

/// `POST admin/retry/` with `code`: has at most 1,000 images of all users that have failed with this code rendered once
/// more, and answers 200 with their number; 422 if there is no such code.
#[utoipa::path(
    post,
    path = "/admin/retry/",
    operation_id = "retry_failed",
    tag = "operators",
    summary = "Have failed images rendered once more",
    description = "At most 1,000 images of all users that have failed with one code are rendered once more, those first that failed the longest ago. Repeat the request until as many are retried as the first answer names in `retried` and `left` together: images that fail once more would be taken again.",
    request_body(
        content((FailedWith = "application/json", example = json!({ "code": "renderer_crashed" })), (FailedWith = "application/x-www-form-urlencoded")),
        description = "The code.",
    ),
    responses(
        (
            status = 200,
            description = "The images wait for a worker again.",
            body = Retried<'_>,
            headers(("Cache-Control" = String, description = "The answer is for operators alone.")),
            example = json!({ "code": "renderer_crashed", "retried": 12, "left": 0 }),
        ),
        Refusals,
    ),
)]
pub(crate) async fn handle(
    mut admin: AuthenticatedAdmin,
    request: HttpRequest,
    payload: Payload,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let fields = Fields::of(&request, payload).await?;
    let code = code(fields.text("code"))?;
    admin.look_again(&state).await?;
    let metadata = &state.backends.metadata;
    let images = metadata.retry_failed(&code, metadata.now().await?, MOST).await?.unwrap_or_default();
    let left = metadata.count_failed(&code).await?;
    let retried = images.len();
    if retried == 0 && left == 0 && matches!(code, RecordedCode::Unknown(_)) {
        return Err(unknown_code(code.name()));
    }
    log::info!(
        "user {} has {retried} images rendered once more that failed with {}",
        admin.id(),
        code.name()
    );
    state.turns.hold();
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "private, no-cache")).json(Retried {
        code: code.name(),
        retried,
        left,
    }))
}

/// Reads a code: one that this version has, or one that another version may have recorded.
fn code(text: &str) -> Result<RecordedCode, ApiError> {
    if text.is_empty() {
        return Err(missing_code());
    }
    let is_letter = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
    if text.len() > LONGEST_CODE || !text.bytes().all(is_letter) {
        return Err(unknown_code(text));
    }
    let Ok(code) = text.parse();
    Ok(code)
}

fn missing_code() -> ApiError {
    ApiError::Field(
        "code",
        "Expected is the code with which images have failed, such as renderer_crashed.".into(),
    )
}

fn unknown_code(text: &str) -> ApiError {
    let shown: String = text.chars().take(LONGEST_CODE).collect();
    ApiError::Field(
        "code",
        format!("“{shown}” is not a failure code of this version, and no image has failed with it."),
    )
}
