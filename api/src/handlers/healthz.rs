use actix_web::HttpResponse;
use serde_json::json;

/// `GET healthz`: answers 200 while this process runs. It does not ask the backends, so that no supervisor restarts the
/// api because of their outage.
pub(crate) async fn handle() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "alive" }))
}
