//! The scheme and the host of absolute links.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::header::HOST;
use actix_web::web::Data;
use url::Url;

use crate::state::ApiState;

pub(crate) fn state(request: &HttpRequest) -> Arc<ApiState> {
    request.app_data::<Data<ApiState>>().expect("the server sets it").clone().into_inner()
}

/// The scheme and authority of links: the public URL if one is set, or else the host that the client used. Forwarded
/// headers count only if a trusted proxy sends them.
pub(crate) fn base_url(request: &HttpRequest) -> String {
    let state = state(request);
    if let Some(url) = &state.settings.public_url {
        return url.as_str().trim_end_matches('/').to_owned();
    }
    let proxied = request.peer_addr().is_some_and(|peer| state.settings.trusted_proxies.contains(&peer.ip()));
    if proxied {
        let info = request.connection_info();
        return format!("{}://{}", info.scheme(), info.host());
    }
    format!("http://{}", host(request).unwrap_or(&state.settings.listen))
}

/// The absolute URL of this request.
pub(crate) fn absolute_url(request: &HttpRequest) -> Option<Url> {
    let base = Url::parse(&base_url(request)).ok()?;
    let mut url = base.join(request.path()).ok()?;
    url.set_query(Some(request.query_string()));
    Some(url)
}

pub(crate) fn host(request: &HttpRequest) -> Option<&str> {
    request.headers().get(HOST)?.to_str().ok()
}
