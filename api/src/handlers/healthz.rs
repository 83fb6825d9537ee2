use actix_web::HttpResponse;
use serde::Serialize;

/// The process runs.
#[derive(Serialize, utoipa::ToSchema)]
struct Liveness {
    status: &'static str,
}

/// `GET healthz`: answers 200 while this process runs. It does not ask the backends, so that no supervisor restarts the
/// api because of their outage.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "is_alive",
    tag = "service",
    summary = "Ask whether the process runs",
    responses((status = 200, description = "It does.", body = Liveness, example = json!({ "status": "alive" }))),
)]
pub(crate) async fn handle() -> HttpResponse {
    HttpResponse::Ok().json(Liveness { status: "alive" })
}
