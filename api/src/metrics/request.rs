//! The labels of a request. None of them is text of a client, so that their number is bounded.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::HttpRequest;
use actix_web::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;

use crate::routes::URLS;

/// The label of a request whose path is not known, or that was refused before its path was looked at.
pub(crate) const UNKNOWN: &str = "unknown";

/// The paths of the URL table as the description of the api has them.
static TEMPLATES: LazyLock<HashMap<&'static str, String>> =
    LazyLock::new(|| URLS.iter().map(|url| (url.path, url.template())).collect());

/// What is counted of an answered request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Answered {
    pub(crate) method: &'static str,
    pub(crate) route: &'static str,
    pub(crate) status: u16,
}

impl Answered {
    /// The labels of a request with this method, whose answer has this status.
    pub(crate) fn new(method: &Method, route: &'static str, status: StatusCode) -> Self {
        let served = ["GET", "HEAD", "POST", "DELETE", "OPTIONS"];
        let method = served.into_iter().find(|name| method == *name).unwrap_or("other");
        Self { method, route, status: status.as_u16() }
    }
}

/// The path of the URL table that serves a request. The table gives it to each of its resources.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Route(&'static str);

impl Route {
    /// The route of a line of the table.
    pub(crate) fn of(path: &'static str) -> Self {
        Self(TEMPLATES.get(path).map_or(UNKNOWN, String::as_str))
    }

    /// The label of a request that has come to its resource.
    pub(crate) fn label(request: &HttpRequest) -> &'static str {
        request.app_data::<Self>().map_or(UNKNOWN, |route| route.0)
    }
}
