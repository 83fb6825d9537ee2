use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

use crate::error::ApiError;
use crate::openapi::{PAGE, PageFile, refuses};

/// What the page may do: run the scripts and use the styles that come with it, show pictures, and ask this api. Its
/// pictures stand in its styles (`data:`), or come from an answer that it shows (`blob:`).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// `GET docs/<file>`: answers 200 with a file of the page at `docs/`.
#[utoipa::path(
    get,
    path = "/docs/{file}",
    operation_id = "get_docs_file",
    tag = "service",
    summary = "Get a file of the page",
    params(("file" = String, Path, description = "The name of the file.", example = "page.js")),
    responses(
        (
            status = 200,
            description = "The file.",
            content((String = "text/html"), (String = "text/css"), (String = "text/javascript"), (Vec<u8> = "image/png")),
            headers(("Content-Security-Policy" = String, description = "It loads nothing from elsewhere.")),
        ),
        (status = 304, description = "The client has the file."),
        Refusals,
    ),
)]
pub(crate) async fn handle(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let name = request.match_info().query("file");
    let file = PAGE.iter().find(|file| file.name == name).ok_or(ApiError::NotFound)?;
    Ok(answer(&request, file))
}

pub(super) fn answer(request: &HttpRequest, file: &PageFile) -> HttpResponse {
    let mut response = file.served.answer(request);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

refuses! {
    "no such file" => ApiError::NotFound,
}
