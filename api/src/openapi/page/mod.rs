//! The page that shows the description: Swagger UI, and the two files that start it.

use std::sync::LazyLock;

use crate::openapi::Served;

/// A file of the page.
pub(crate) struct PageFile {
    pub(crate) name: &'static str,
    pub(crate) served: Served,
}

/// The files of the page. The first one is the page itself.
pub(crate) static PAGE: LazyLock<[PageFile; 5]> = LazyLock::new(|| {
    let file = |name, media_type, content: &'static [u8]| PageFile {
        name,
        served: Served::new(media_type, content),
    };
    [
        file("index.html", "text/html; charset=utf-8", include_bytes!("index.html")),
        file("page.js", "text/javascript; charset=utf-8", include_bytes!("page.js")),
        file("favicon.png", "image/png", include_bytes!(concat!(env!("OUT_DIR"), "/favicon-32x32.png"))),
        file(
            "swagger-ui.js",
            "text/javascript; charset=utf-8",
            include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui-bundle.js")),
        ),
        file(
            "swagger-ui.css",
            "text/css; charset=utf-8",
            include_bytes!(concat!(env!("OUT_DIR"), "/swagger-ui.css")),
        ),
    ]
});
