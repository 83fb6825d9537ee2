use actix_web::{HttpRequest, HttpResponse};

use crate::console::{ConsoleFile, VERSION};
use crate::error::ApiError;
use crate::openapi::refuses;

/// `GET console/<version>/<file>`: answers 200 with a file of the console; 307 to the file of this version if a page of
/// another one asks, as during an upgrade.
#[utoipa::path(
    get,
    path = "/console/{version}/{file}",
    operation_id = "get_console_file",
    tag = "service",
    summary = "Get a file of the console",
    params(
        ("version" = String, Path, description = "The version of the console, which the page has in its links.", example = "0123456789abcdef"),
        ("file" = String, Path, description = "The name of the file.", example = "main.js"),
    ),
    responses(
        (
            status = 200,
            description = "The file.",
            content((String = "text/css"), (String = "text/javascript"), (String = "image/svg+xml")),
        ),
        (status = 304, description = "The client has the file."),
        (status = 307, description = "The console has another version now.", headers(("Location" = String, description = "The path of the file in that version."))),
        Refusals,
    ),
)]
pub(crate) async fn handle(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let name = request.match_info().query("file");
    let file = ConsoleFile::named(name).ok_or(ApiError::NotFound)?;
    if request.match_info().query("version") == VERSION {
        return Ok(file.answer(&request));
    }
    // Its own imports are relative, so that a page of another version gets modules that all belong together.
    Ok(file.redirect())
}

refuses! {
    "no such file, or the console is off" => ApiError::NotFound,
}
