use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use url::Url;

use crate::console::PAGE;
use crate::error::ApiError;
use crate::links::base_url;
use crate::openapi::refuses;
use crate::state::ApiState;

refuses! {
    "not a browser, or the console is off" => ApiError::NotFound,
}

/// `GET /`: answers 200 with the console, a page for people; 404 like any unknown path unless `Accept` names `text/html`
/// and the console is on.
#[utoipa::path(
    get,
    path = "/",
    operation_id = "get_console",
    tag = "service",
    summary = "Use the service in a browser",
    responses(
        (
            status = 200,
            description = "The console.",
            content_type = "text/html",
            body = String,
            headers(("Content-Security-Policy" = String, description = "It loads nothing but its own files and the user's images.")),
        ),
        (status = 304, description = "The client has the page."),
        Refusals,
    ),
)]
pub(crate) async fn handle(request: HttpRequest, state: Data<ApiState>) -> Result<HttpResponse, ApiError> {
    let mut response = PAGE.answer(&request);
    let policy = policy(&image_origin(&request, &state));
    let policy = HeaderValue::from_str(&policy).expect("an origin is ASCII");
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// What the page may do: run its own modules, use its own styles, ask this api, and show images of the user. Markup from
/// text is impossible with Trusted Types and no policy.
fn policy(images: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'{images}; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
         trusted-types 'none'"
    )
}

/// The origin that signed URLs lead to, which is another one if S3 serves the objects or a public URL is set.
fn image_origin(request: &HttpRequest, state: &ApiState) -> String {
    let url = state.backends.objects.origin().unwrap_or_else(|| base_url(request));
    Url::parse(&url).map(|url| format!(" {}", url.origin().ascii_serialization())).unwrap_or_default()
}
