use actix_files::NamedFile;
use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_RANGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap,
    HeaderValue,
};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::objects::Refusal;
use serde_json::json;

use crate::error::ApiError;
use crate::openapi::{Detail, refuses};
use crate::state::ApiState;

const NOT_SIGNED: &str = "The signature does not match this URL.";
const EXPIRED: &str = "This URL has expired.";

refuses! {
    "another signature" => ApiError::Forbidden(NOT_SIGNED),
    "expired" => ApiError::Forbidden(EXPIRED),
    "no such object" => ApiError::NotFound,
}

/// `GET objects/<key>`: answers with the bytes of an object of the folder store, if the URL is signed and has not
/// expired.
#[utoipa::path(
    get,
    path = "/objects/{key}",
    operation_id = "get_object",
    tag = "files",
    summary = "Get a file by its signed URL",
    description = "Use a URL that an image has, as it is. Only a service that keeps its files in a folder serves them here.",
    params(
        ("key" = String, Path, description = "The key of the object, with its slashes."),
        ("expires" = String, Query, description = "When the URL expires, in seconds since 1970."),
        ("signature" = String, Query, description = "The signature of the key and the expiry."),
    ),
    responses(
        (
            status = 200,
            description = "The bytes of the file.",
            content(
                (Vec<u8> = "image/jpeg"),
                (Vec<u8> = "image/png"),
                (Vec<u8> = "image/gif"),
                (Vec<u8> = "image/webp"),
                (Vec<u8> = "image/avif"),
                (Vec<u8> = "image/tiff"),
                (Vec<u8> = "image/bmp"),
            ),
            headers(
                ("Cache-Control" = String, description = "How long the URL stays the same."),
                ("Content-Disposition" = String, description = "A name for the file."),
                ("ETag" = String, description = "The version of the file."),
            ),
        ),
        (status = 206, description = "The part of the file that `Range` asks for."),
        (status = 304, description = "The client has the file."),
        (status = 412, description = "The file does not meet a condition of the request.", body = Detail, example = json!({ "detail": "Precondition Failed." })),
        (status = 416, description = "The file has no such range.", body = Detail, headers(("Content-Range" = String, description = "The size of the file.")), example = json!({ "detail": "Range Not Satisfiable." })),
        Refusals,
    ),
)]
pub(crate) async fn handle(request: HttpRequest, state: Data<ApiState>) -> Result<HttpResponse, ApiError> {
    let folder = state.backends.objects.served_folder().ok_or(ApiError::NotFound)?;
    let key = folder
        .verify(
            request.match_info().query("key"),
            &parameter(&request, "expires"),
            &parameter(&request, "signature"),
        )
        .map_err(|refusal| match refusal {
            Refusal::BadSignature => ApiError::Forbidden(NOT_SIGNED),
            Refusal::Expired => ApiError::Forbidden(EXPIRED),
        })?;
    let file = NamedFile::open(folder.path_of(&key)).map_err(|_| ApiError::NotFound)?;
    let name = key.as_str().rsplit('/').next().unwrap_or_default();
    let mut response = file.into_response(&request);
    let status = response.status();
    if status.is_client_error() {
        return Ok(refused(&response));
    }
    let headers = response.headers_mut();
    match status {
        StatusCode::NOT_MODIFIED => drop(headers.remove(CONTENT_TYPE)),
        _ => drop(headers.insert(CONTENT_TYPE, HeaderValue::from_static(key.content_type()))),
    }
    // A browser that opens an upload runs no code in it, whatever the user uploaded.
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    insert(headers, CONTENT_DISPOSITION, &format!("inline; filename=\"{name}\""));
    insert(headers, CACHE_CONTROL, &folder.window().cache_control());
    Ok(response)
}

/// The answer to a range or a condition that the object does not meet, in JSON like any other refusal.
fn refused(response: &HttpResponse) -> HttpResponse {
    let mut refused = HttpResponse::build(response.status());
    refused.insert_header((CACHE_CONTROL, "no-store"));
    if let Some(range) = response.headers().get(CONTENT_RANGE) {
        refused.insert_header((CONTENT_RANGE, range.clone()));
    }
    let reason = response.status().canonical_reason().unwrap_or("Bad Request");
    refused.json(json!({ "detail": format!("{reason}.") }))
}

fn parameter(request: &HttpRequest, name: &str) -> String {
    let mut parameters = url::form_urlencoded::parse(request.query_string().as_bytes());
    parameters.find(|(key, _)| key == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn insert(headers: &mut HeaderMap, name: actix_web::http::header::HeaderName, value: &str) {
    headers.insert(name, HeaderValue::from_str(value).expect("ASCII"));
}
