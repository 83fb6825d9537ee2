//! The scheme and the host of absolute links.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::web::Data;
use url::Url;

use crate::client::{Reached, Scheme};
use crate::state::ApiState;

pub(crate) fn state(request: &HttpRequest) -> Arc<ApiState> {
    request.app_data::<Data<ApiState>>().expect("the server sets it").clone().into_inner()
}

/// The scheme and authority of links: the public URL if one is set, or else those by which the client reached the
/// service.
pub(crate) fn base_url(request: &HttpRequest) -> String {
    let state = state(request);
    if let Some(url) = &state.settings.public_url {
        return url.as_str().trim_end_matches('/').to_owned();
    }
    let reached = Reached::of(request);
    let host = reached.as_ref().and_then(|reached| reached.host.as_ref());
    let scheme = reached.as_ref().map_or(Scheme::Http, |reached| reached.scheme);
    format!("{}://{}", scheme.name(), host.map_or(&*state.settings.listen, |host| host.as_str()))
}

/// The absolute URL of this request.
pub(crate) fn absolute_url(request: &HttpRequest) -> Option<Url> {
    let base = Url::parse(&base_url(request)).ok()?;
    let mut url = base.join(request.path()).ok()?;
    url.set_query(Some(request.query_string()));
    Some(url)
}
