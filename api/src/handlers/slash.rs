use actix_web::http::header::LOCATION;
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

/// The handler of a known path without its final slash: it redirects to the path with the slash. The status 308 keeps
/// the method, so that no upload is turned into a GET.
pub(crate) async fn handle(request: HttpRequest) -> HttpResponse {
    let status = match *request.method() {
        Method::GET | Method::HEAD => StatusCode::MOVED_PERMANENTLY,
        _ => StatusCode::PERMANENT_REDIRECT,
    };
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let location = format!("{}/{query}", request.path());
    HttpResponse::build(status)
        .insert_header((LOCATION, location))
        .json(json!({ "detail": "This path ends with a slash." }))
}
