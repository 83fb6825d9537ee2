//! The console: pages for people, at `/`. Its files stand in `api/console/` and are part of the program.

use std::sync::LazyLock;

use actix_web::guard::GuardContext;
use actix_web::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, LOCATION};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::middleware::resource::media_types;
use crate::openapi::Served;
use crate::state::ApiState;

include!(concat!(env!("OUT_DIR"), "/console.rs"));

/// How long browsers keep the files of a version, which never change.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// What a file may do that is opened by itself.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// A file of a version of the console.
pub(crate) struct ConsoleFile {
    name: &'static str,
    served: Served,
}

static SERVED: LazyLock<Vec<ConsoleFile>> = LazyLock::new(|| {
    let file = |&(name, bytes, packed): &(&'static str, &'static [u8], &'static [u8])| {
        let (_, extension) = name.rsplit_once('.').unwrap_or_default();
        let media_type = match extension {
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            _ => "text/javascript; charset=utf-8",
        };
        ConsoleFile { name, served: Served::packed(media_type, bytes, packed) }
    };
    FILES.iter().map(file).collect()
});

impl ConsoleFile {
    /// The file with this name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        SERVED.iter().find(|file| file.name == name)
    }

    /// The answer with a file of a version.
    pub(crate) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let mut response = self.served.answer(request);
        response.headers_mut().insert(CACHE_CONTROL, FOR_EVER);
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, NOTHING);
        response
    }

    /// The answer to a page of another version: the file of this one, under its own address.
    pub(crate) fn redirect(&self) -> HttpResponse {
        HttpResponse::TemporaryRedirect()
            .insert_header((LOCATION, format!("../{VERSION}/{}", self.name)))
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((CONTENT_SECURITY_POLICY, NOTHING))
            .finish()
    }
}

/// The page itself, for which browsers ask anew each time.
pub(crate) static PAGE: LazyLock<Served> =
    LazyLock::new(|| Served::packed("text/html; charset=utf-8", PAGE_BYTES.0, PAGE_BYTES.1));

/// Whether the console is on.
pub(crate) fn is_on(context: &GuardContext<'_>) -> bool {
    context.app_data::<Data<ApiState>>().is_some_and(|state| state.settings.console)
}

/// Whether a request to `/` is one of a browser: it names `text/html`. Any other client gets what an unknown path gets.
pub(crate) fn is_for_a_browser(context: &GuardContext<'_>) -> bool {
    let mut named = media_types(context.head().headers().get_all(ACCEPT));
    named.any(|media_type| media_type.eq_ignore_ascii_case("text/html"))
}
