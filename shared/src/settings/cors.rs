//! The origins of browser apps (Cross-Origin Resource Sharing, <https://fetch.spec.whatwg.org/#http-cors-protocol>).

use url::Url;

/// The origins whose pages may read the answers of the api in a browser.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum CorsOrigins {
    /// No page of another origin may.
    #[default]
    None,
    /// Every page may. There are no cookies, so a page still needs a user's token.
    Any,
    /// The pages of these origins may. Each is written as a browser sends it, such as `https://app.example:8443`.
    Listed(Vec<String>),
}

impl CorsOrigins {
    /// Reads `*`, or origins that are separated by commas.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.trim() == "*" {
            return Some(Self::Any);
        }
        text.split(',').map(|one| origin(one.trim())).collect::<Option<_>>().map(Self::Listed)
    }
}

/// The origin as browsers spell it: in lower case, and without the port if it is the scheme's own.
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    let has_nobody = url.username().is_empty() && url.password().is_none();
    // An asterisk inside a name would look as if it stood for any part of it.
    let is_exact = url.has_host() && !text.contains('*');
    (is_bare && has_nobody && is_exact && !text.ends_with('/')).then(|| {
        let origin = url.origin();
        // Apps on phones have schemes of their own, whose origins `url` calls opaque.
        if origin.is_tuple() { origin.ascii_serialization() } else { text.to_owned() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_spelled_as_browsers_send_them() {
        let text = "https://App.example, http://localhost:3000,https://app.example:443,capacitor://localhost";
        let expected =
            ["https://app.example", "http://localhost:3000", "https://app.example", "capacitor://localhost"];
        assert_eq!(CorsOrigins::parse(text), Some(CorsOrigins::Listed(expected.map(str::to_owned).to_vec())));
        assert_eq!(CorsOrigins::parse("*"), Some(CorsOrigins::Any));
    }

    #[test]
    fn what_is_no_exact_origin_is_refused() {
        for text in [
            "app.example",
            "https://app.example/",
            "https://app.example/page",
            "https://*.app.example",
            "https://app.example,*",
            "https://me:secret@app.example",
            "https://app.example?x",
            "null",
        ] {
            assert_eq!(CorsOrigins::parse(text), None, "{text}");
        }
    }
}
