use std::collections::HashSet;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::ids::ImageId;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::openapi::refuses;
use crate::state::ApiState;
use crate::upload::plain_body;

/// The most images that one request deletes.
const MOST: usize = 1000;

/// The images to delete.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it is only described")]
struct Deletion {
    /// Ids of images, at most 1,000.
    #[schema(min_items = 1, max_items = 1000, minimum = 1)]
    ids: Vec<i64>,
}

/// What became of each image that the request names.
#[derive(Serialize, ToSchema)]
struct Outcomes {
    results: Vec<Outcome>,
}

/// What became of one image.
#[derive(Serialize, ToSchema)]
struct Outcome {
    #[schema(value_type = i64, minimum = 1)]
    id: ImageId,
    outcome: OutcomeKind,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum OutcomeKind {
    /// The image is deleted.
    Deleted,
    /// The user has no such image.
    NotFound,
}

refuses! {
    "wrong ids" => wrong_ids(),
    "not JSON" => ApiError::Parse("JSON parse error - expected value at line 1 column 1".into()),
    "another type" => ApiError::UnsupportedMediaType("image/png".into()),
}

/// `POST image/delete/`: deletes the images whose ids are in the JSON `{"ids":[…]}`, and answers 200 with the outcome of
/// each; 422 if there are none or more than 1,000. The deleted ones are invisible at once.
#[utoipa::path(
    post,
    path = "/image/delete/",
    operation_id = "delete_images",
    tag = "images",
    summary = "Delete many images",
    description = "The images are invisible at once, and their files are removed soon after. An id that is named twice counts once.",
    request_body(content = Deletion, content_type = "application/json", example = json!({ "ids": [41, 42] })),
    responses(
        (
            status = 200,
            description = "The outcome for each id, in the order of the request.",
            body = Outcomes,
            headers(("Cache-Control" = String, description = "The answer is for the user alone.")),
            example = json!({
                "results": [{ "id": 41, "outcome": "not_found" }, { "id": 42, "outcome": "deleted" }],
            }),
        ),
        Refusals,
    ),
)]
pub(crate) async fn handle(
    mut user: AuthenticatedUser,
    request: HttpRequest,
    payload: Payload,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let body = plain_body::collect(&request, payload).await?;
    let ids = ids(plain_body::fields(&request, &body)?.get("ids"))?;
    // The body may have taken long, and this cannot be undone.
    user.look_again(&state).await?;
    let deleted = state.backends.metadata.delete_images(user.id, &ids).await?;
    if !deleted.is_empty() {
        state.buried.notify_one();
    }
    let outcome = |id: &ImageId| match deleted.contains(id) {
        true => OutcomeKind::Deleted,
        false => OutcomeKind::NotFound,
    };
    let results = ids.iter().map(|id| Outcome { id: *id, outcome: outcome(id) }).collect();
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "private, no-cache")).json(Outcomes { results }))
}

fn wrong_ids() -> ApiError {
    ApiError::Field("ids", format!("Expected is a list of 1 to {MOST} ids of images."))
}

/// The value of a JSON number without a fraction: `42.0` is one too.
fn whole(number: &Value) -> Option<i64> {
    /// Beyond this, a floating-point number may stand for another one.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let float = || number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < EXACT);
    #[expect(clippy::cast_possible_truncation, reason = "it has no fraction and is in the range")]
    number.as_i64().or_else(|| float().map(|float| float as i64))
}

/// The ids in their order, each of them once.
fn ids(field: Option<&Value>) -> Result<Vec<ImageId>, ApiError> {
    let listed = field.and_then(Value::as_array).filter(|listed| (1..=MOST).contains(&listed.len()));
    let (mut ids, mut seen) = (Vec::new(), HashSet::new());
    for id in listed.ok_or_else(wrong_ids)? {
        let id = whole(id).and_then(|id| ImageId::try_from(id).ok()).ok_or_else(wrong_ids)?;
        if seen.insert(id) {
            ids.push(id);
        }
    }
    Ok(ids)
}
