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
use crate::state::ApiState;

/// `GET objects/<key>`: answers with the bytes of an object of the folder store, if the URL is signed and has not
/// expired.
pub(crate) async fn handle(request: HttpRequest, state: Data<ApiState>) -> Result<HttpResponse, ApiError> {
    let folder = state.backends.objects.served_folder().ok_or(ApiError::NotFound)?;
    let key = folder
        .verify(
            request.match_info().query("key"),
            &parameter(&request, "expires"),
            &parameter(&request, "signature"),
        )
        .map_err(|refusal| match refusal {
            Refusal::BadSignature => ApiError::Forbidden("The signature does not match this URL."),
            Refusal::Expired => ApiError::Forbidden("This URL has expired."),
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
