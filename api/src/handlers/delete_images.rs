use std::collections::HashSet;

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::ids::ImageId;
use serde::Serialize;
use serde_json::Value;

use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::state::ApiState;
use crate::upload::plain_body;

/// The most images that one request deletes.
const MOST: usize = 1000;

/// What became of each image that the request names.
#[derive(Serialize)]
struct Outcomes {
    results: Vec<Outcome>,
}

#[derive(Serialize)]
struct Outcome {
    id: ImageId,
    /// `deleted`, or `not_found` if the user has no such image.
    outcome: &'static str,
}

/// `POST image/delete/`: deletes the images whose ids are in the JSON `{"ids":[…]}`, and answers 200 with the outcome of
/// each; 422 if there are none or more than 1,000. The deleted ones are invisible at once.
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
    let outcome = |id: &ImageId| if deleted.contains(id) { "deleted" } else { "not_found" };
    let results = ids.iter().map(|id| Outcome { id: *id, outcome: outcome(id) }).collect();
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "private, no-cache")).json(Outcomes { results }))
}

/// The ids in their order, each of them once.
fn ids(field: Option<&Value>) -> Result<Vec<ImageId>, ApiError> {
    let wrong = || ApiError::Field("ids", format!("Expected is a list of 1 to {MOST} ids of images."));
    let listed = field.and_then(Value::as_array).filter(|listed| (1..=MOST).contains(&listed.len()));
    let (mut ids, mut seen) = (Vec::new(), HashSet::new());
    for id in listed.ok_or_else(wrong)? {
        let id = id.as_i64().and_then(|id| ImageId::try_from(id).ok()).ok_or_else(wrong)?;
        if seen.insert(id) {
            ids.push(id);
        }
    }
    Ok(ids)
}
