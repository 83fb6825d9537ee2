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
    let own = |name, media_type, content: &'static [u8]| PageFile {
        name,
        served: Served::new(media_type, content),
    };
    macro_rules! vendored {
        ($name:literal, $media_type:literal, $file:literal) => {
            PageFile {
                name: $name,
                served: Served::packed(
                    $media_type,
                    include_bytes!(concat!(env!("OUT_DIR"), "/", $file)),
                    include_bytes!(concat!(env!("OUT_DIR"), "/", $file, ".gz")),
                ),
            }
        };
    }
    [
        own("index.html", "text/html; charset=utf-8", include_bytes!("index.html")),
        own("page.js", "text/javascript; charset=utf-8", include_bytes!("page.js")),
        own("favicon.png", "image/png", include_bytes!(concat!(env!("OUT_DIR"), "/favicon-32x32.png"))),
        vendored!("swagger-ui.js", "text/javascript; charset=utf-8", "swagger-ui-bundle.js"),
        vendored!("swagger-ui.css", "text/css; charset=utf-8", "swagger-ui.css"),
    ]
});
