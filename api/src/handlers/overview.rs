use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, ContentType};
use actix_web::web::Data;

use crate::auth::AuthenticatedAdmin;
use crate::error::ApiError;
use crate::overview::Overview;
use crate::state::ApiState;

/// `GET admin/overview/`: answers 200 with what becomes of the images of all users, the workers, and the queue.
#[utoipa::path(
    get,
    path = "/admin/overview/",
    operation_id = "get_overview",
    tag = "operators",
    summary = "See how the service is",
    description = "What becomes of the images of all users, which workers run, and what waits in the queue. It may be asked every second.",
    responses((
        status = 200,
        description = "How the service is. Without the job queue `queue` is null.",
        body = Overview,
        headers(("Cache-Control" = String, description = "The answer is for operators alone.")),
        example = json!({
            "images": { "pending": 3, "processing": 2, "ready": 812, "failed": 4 },
            "oldest_waiting_seconds": 12.3,
            "unqueued": 0,
            "held": 0,
            "queue": { "kind": "rabbitmq", "ready": 3, "retrying": 0, "failed": 4 },
            "workers": [{
                "id": "0f8fad5bd9cb469fa16570867728950e",
                "host": "worker-1",
                "pid": 17,
                "version": "0.1.0",
                "slots": 2,
                "busy": 2,
                "consuming": true,
                "started_at": "2024-05-18T18:05:06.009201Z",
                "seen_at": "2024-05-18T19:10:00.204111Z",
            }],
            "failures": [{
                "code": "decode_failed",
                "images": 4,
                "retryable": false,
                "detail": "The PNG image cannot be decoded: the file is damaged.",
                "last_at": "2024-05-18T18:45:12.204111Z",
            }],
            "rabbitmq_ui": "https://rabbitmq.images.example/",
            "at": "2024-05-18T19:10:03.118402Z",
        }),
    )),
)]
pub(crate) async fn handle(_: AuthenticatedAdmin, state: Data<ApiState>) -> Result<HttpResponse, ApiError> {
    let body = Box::pin(state.overview.fresh(&state)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "private, no-cache"))
        .content_type(ContentType::json())
        .body(body))
}
