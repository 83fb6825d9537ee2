use actix_web::{HttpRequest, HttpResponse};

use crate::openapi::DOCUMENT;

/// `GET openapi.json`: answers 200 with the description of the api in OpenAPI 3.1, or 304 if the client has it.
#[utoipa::path(
    get,
    path = "/openapi.json",
    operation_id = "get_description",
    tag = "service",
    summary = "Get this description",
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag` of the answer that the client has.")),
    responses(
        (
            status = 200,
            description = "The description of the api in OpenAPI 3.1.",
            content_type = "application/json",
            body = Object,
            headers(("ETag" = String, description = "The hash of the document.")),
            example = json!({ "openapi": "3.1.0" }),
        ),
        (status = 304, description = "The client has the document.", headers(("ETag" = String, description = "The hash of the document."))),
    ),
)]
pub(crate) async fn handle(request: HttpRequest) -> HttpResponse {
    DOCUMENT.answer(&request)
}
