use actix_web::HttpResponse;
use serde_json::json;

/// Alive: this process answers. It says nothing of the backends, so that an outage of theirs makes
/// no supervisor restart the api.
pub(crate) async fn handle() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "alive" }))
}
