use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::failure_code::{FailureCode, RecordedCode};
use resizinator_shared::image::State;

use super::image_id::image_id;
use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::image_status::ImageStatus;
use crate::openapi::{examples, refuses};
use crate::state::ApiState;

refuses! {
    "no such image" => ApiError::NoSuchImage,
    "not failed" => not_failed(State::Ready),
    "file at fault" => ApiError::Conflict(hopeless(FailureCode::DecodeFailed)),
}

/// `POST image/<id>/retry/`: has a failed image rendered once more, and answers 202 with its status; 409 if it has not
/// failed, or if its file is at fault so that it would fail again; 404 if the user has no such image.
#[utoipa::path(
    post,
    path = "/image/{id}/retry/",
    operation_id = "retry_image",
    tag = "images",
    summary = "Have a failed image rendered once more",
    description = "This helps where not the file was at fault but the service or a backend.",
    params(("id" = i64, Path, minimum = 1, description = "The id of the image.", example = 42)),
    responses(
        (
            status = 202,
            description = "The image waits for a worker again.",
            body = ImageStatus,
            headers(("Cache-Control" = String, description = "The answer is for the user alone.")),
            example = json!(examples::pending_status()),
        ),
        Refusals,
    ),
)]
pub(crate) async fn handle(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let id = image_id(&request)?;
    let metadata = &state.backends.metadata;
    let image = metadata.image(user.id, id).await?.ok_or(ApiError::NoSuchImage)?;
    let code = match image.error_code {
        Some(code) if image.state == State::Failed => code,
        _ => return Err(not_failed(image.state)),
    };
    if let RecordedCode::Known(code) = code
        && !code.may_pass_later()
    {
        return Err(ApiError::Conflict(hopeless(code)));
    }
    let Some(image) = metadata.retry_own(user.id, id, &code).await? else {
        // Another request came first.
        let image = metadata.image(user.id, id).await?.ok_or(ApiError::NoSuchImage)?;
        return Err(not_failed(image.state));
    };
    state.turns.hold();
    Ok(HttpResponse::Accepted()
        .insert_header(("Cache-Control", "private, no-cache"))
        .json(ImageStatus::of(image)))
}

fn not_failed(state: State) -> ApiError {
    ApiError::Conflict(format!("Only a failed image can be retried, and this one is {state}."))
}

fn hopeless(code: FailureCode) -> String {
    format!("Another try would fail too, since the file is at fault ({code}). {}", code.sentence())
}
