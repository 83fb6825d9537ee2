//! Recognises the placeholders of our examples, which everybody knows and which are therefore no secrets.

use percent_encoding::percent_decode_str;
use url::Url;

/// What the placeholders in `deploy/example.env` contain, and those that people are used to write.
const MARKS: [&str; 6] = ["replaceme", "replace-me", "replace_me", "changeme", "change-me", "change_me"];

/// The placeholder in the forms of URLs that the README shows.
const IN_URLS: &str = "PASSWORD";

/// Whether a secret is a placeholder that nobody has replaced.
pub(super) fn is_placeholder(secret: &str) -> bool {
    let lower = secret.to_ascii_lowercase();
    secret == IN_URLS || MARKS.iter().any(|mark| lower.contains(mark))
}

/// Whether a URL has a placeholder as its password.
pub(super) fn has_placeholder(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let in_front = url.password().map(|password| percent_decode_str(password).decode_utf8_lossy());
    // PostgreSQL also takes the password from a parameter.
    let as_parameter = url.query_pairs().find(|(name, _)| name == "password").map(|(_, value)| value);
    in_front.is_some_and(|password| is_placeholder(&password))
        || as_parameter.is_some_and(|password| is_placeholder(&password))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_known_in_any_case_and_encoding() {
        for secret in ["replaceme1", "Replace-Me-with-64-random-hex-digits", "CHANGE_ME", "PASSWORD"] {
            assert!(is_placeholder(secret), "{secret}");
            assert!(has_placeholder(&format!("amqp://me:{secret}@host")), "{secret}");
        }
        assert!(has_placeholder("amqp://me:%72eplaceme@host"));
        assert!(has_placeholder("postgres://host/db?user=me&password=changeme"));
    }

    #[test]
    fn what_somebody_has_chosen_is_no_placeholder() {
        for secret in ["b0c5d0f6a1", "password", "correct horse battery staple"] {
            assert!(!is_placeholder(secret), "{secret}");
        }
        for url in ["amqp://replaceme:mine@host", "amqp://host/changeme", "in-process", ""] {
            assert!(!has_placeholder(url), "{url}");
        }
    }
}
