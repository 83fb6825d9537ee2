//! The header fields of a part that count for an upload.

use actix_web::http::header::{CONTENT_DISPOSITION, HeaderMap, HeaderName};

use super::parameters::Parameters;

/// The names in the `Content-Disposition` of a part.
#[derive(Debug, Default)]
pub(crate) struct Disposition {
    /// The name of the field. A part without one belongs to no field.
    pub(crate) field: Option<String>,
    /// The name of the file. A part without one, or with an empty one, is no file.
    pub(crate) file_name: Option<String>,
    /// Whether the part is in Base64. RFC 7578 advises against it, but Django decodes it.
    pub(crate) is_base64: bool,
}

impl Disposition {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let last = |name: HeaderName| {
            headers.get_all(name).last().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let encoding = last(HeaderName::from_static("content-transfer-encoding"));
        let is_base64 = encoding.is_some_and(|encoding| encoding.trim().eq_ignore_ascii_case("base64"));
        let Some(disposition) = last(CONTENT_DISPOSITION) else { return Self::default() };
        let parameters = Parameters::of(&disposition);
        Self {
            field: parameters.any("name").map(|name| name.trim().to_owned()),
            file_name: parameters.any("filename").filter(|name| !name.is_empty()),
            is_base64,
        }
    }
}
