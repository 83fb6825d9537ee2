//! The boundary of a multipart body, as the header `Content-Type` names it.

use super::parameters::Parameters;
use crate::error::ApiError;

/// How many characters a boundary may have. RFC 2046 says 70; Django takes 201.
const MAX_BOUNDARY: usize = 201;

/// A boundary: printable ASCII characters, the last of which is no space.
#[derive(Debug, Clone)]
pub(crate) struct Boundary(String);

impl Boundary {
    /// Reads the boundary from the value of `Content-Type`. Its characters need no quotes, whichever they are.
    pub(crate) fn of(content_type: &str) -> Result<Self, ApiError> {
        let found = Parameters::of(content_type).any("boundary");
        let is_usable = |text: &String| {
            (1..=MAX_BOUNDARY).contains(&text.len())
                && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
                && !text.ends_with(' ')
        };
        match found {
            Some(text) if is_usable(&text) => Ok(Self(text)),
            found => {
                let shown: String = found.as_deref().unwrap_or("None").chars().take(MAX_BOUNDARY).collect();
                let message = format!("Multipart form parse error - Invalid boundary in multipart: {shown}");
                Err(ApiError::Parse(message))
            }
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boundary(parameters: &str) -> Option<String> {
        Boundary::of(&format!("multipart/form-data{parameters}")).ok().map(|boundary| boundary.0)
    }

    #[test]
    fn a_boundary_may_have_any_printable_characters_with_or_without_quotes() {
        for (parameters, value) in [
            ("; boundary=a=b/c", "a=b/c"),
            ("; charset=utf-8;BOUNDARY = b ", "b"),
            ("; boundary=\"a b:(c)?\"", "a b:(c)?"),
            ("; boundary='b'", "'b'"),
            ("; boundary=a, b", "a, b"),
        ] {
            assert_eq!(boundary(parameters).as_deref(), Some(value));
        }
        assert_eq!(boundary(&format!("; boundary={}", "b".repeat(201))).map(|text| text.len()), Some(201));
    }

    #[test]
    fn a_boundary_that_is_missing_or_cannot_be_one_is_named() {
        for (parameters, shown) in [
            ("".to_owned(), "None".to_owned()),
            ("; boundary=".into(), String::new()),
            ("; boundary=\"b \"".into(), "b ".into()),
            ("; boundary=é".into(), "é".into()),
            (format!("; boundary={}", "b".repeat(999)), "b".repeat(201)),
        ] {
            let error = Boundary::of(&format!("multipart/form-data{parameters}")).expect_err("refused");
            let message = format!("Multipart form parse error - Invalid boundary in multipart: {shown}");
            assert_eq!(error.to_string(), message);
        }
    }
}
