//! The address of the broker's management UI.

use url::Url;

/// Reads a URL that people open in a browser: `http` or `https`, and without a user or a password, since it is shown to
/// every operator.
pub(super) fn parse(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_page = matches!(url.scheme(), "http" | "https") && url.has_host();
    (is_page && url.username().is_empty() && url.password().is_none()).then_some(url)
}
