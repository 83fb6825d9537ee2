use actix_web::http::header::ACCEPT;
use actix_web::{HttpRequest, HttpResponse};

use super::docs_file;
use crate::error::ApiError;
use crate::middleware::resource;
use crate::openapi::PAGE;

/// `GET docs/`: answers 200 with a page that shows the description of the api, and has requests tried out.
#[utoipa::path(
    get,
    path = "/docs/",
    operation_id = "get_docs",
    tag = "service",
    summary = "Read this description in a browser",
    responses(
        (
            status = 200,
            description = "A page that shows this description.",
            content_type = "text/html",
            body = String,
            headers(("Content-Security-Policy" = String, description = "It loads nothing from elsewhere.")),
        ),
        (status = 304, description = "The client has the page."),
    ),
)]
pub(crate) async fn handle(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    if !resource::accepts(request.headers().get_all(ACCEPT), &["text/html", "text/*"]) {
        return Err(ApiError::NotAcceptable);
    }
    Ok(docs_file::answer(&request, &PAGE[0]))
}
