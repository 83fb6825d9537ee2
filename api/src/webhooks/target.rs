//! The target of a webhook: the URL to which its messages are sent.

use std::fmt;
use std::net::IpAddr;

use hyper::http::uri::PathAndQuery;
use resizinator_shared::settings::WebhookTargets;
use url::{Host, Position, Url};

use super::address::is_public;

/// How many characters the URL of a target may have.
const MOST_CHARACTERS: usize = 2000;

/// A URL that may be the target of a webhook. It is never printed whole, since its path or its query may hold a secret
/// of the receiver.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Target {
    url: Url,
    path: PathAndQuery,
}

/// Why a text cannot be the target of a webhook. It says what is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadTarget {
    #[error("The URL has to have at most {MOST_CHARACTERS} characters.")]
    TooLong,
    #[error("This has to be a URL such as https://hooks.example/images.")]
    NoUrl,
    #[error("The URL has to begin with https://.")]
    NotHttps,
    #[error("The URL has to begin with https:// or http://.")]
    NotHttp,
    #[error("The URL must not have a user name or a password.")]
    Credentials,
    #[error("The URL must not have a fragment, which is the part from # on.")]
    Fragment,
    #[error("The host of the URL has to have a public address.")]
    NotPublic,
}

impl Target {
    /// Reads the URL of a target, and checks what can be checked without a look at the names of hosts.
    pub(crate) fn parse(text: &str, targets: WebhookTargets) -> Result<Self, BadTarget> {
        let fits = |text: &str| text.chars().count() <= MOST_CHARACTERS;
        if !fits(text) {
            return Err(BadTarget::TooLong);
        }
        let url = Url::parse(text).map_err(|_| BadTarget::NoUrl)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(match targets {
                WebhookTargets::Public => BadTarget::NotHttps,
                WebhookTargets::Private => BadTarget::NotHttp,
            });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadTarget::Credentials);
        }
        if url.fragment().is_some() {
            return Err(BadTarget::Fragment);
        }
        // The form in which it is stored may be longer, since it is percent-encoded.
        if !fits(url.as_str()) {
            return Err(BadTarget::TooLong);
        }
        let path = url[Position::BeforePath..Position::AfterQuery].parse().map_err(|_| BadTarget::NoUrl)?;
        let target = Self { url, path };
        target.check(targets)?;
        Ok(target)
    }

    /// Checks the scheme and the host. The sender does it again, with the setting that then applies.
    pub(super) fn check(&self, targets: WebhookTargets) -> Result<(), BadTarget> {
        if targets == WebhookTargets::Private {
            return Ok(());
        }
        if !self.is_https() {
            return Err(BadTarget::NotHttps);
        }
        let is_refused = match self.host() {
            Host::Domain(name) => is_localhost(name),
            Host::Ipv4(address) => !is_public(IpAddr::V4(address)),
            Host::Ipv6(address) => !is_public(IpAddr::V6(address)),
        };
        if is_refused { Err(BadTarget::NotPublic) } else { Ok(()) }
    }

    /// The whole URL in its normal form, for its owner and for storage.
    pub(crate) fn expose(&self) -> &str {
        self.url.as_str()
    }

    pub(super) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The host. An address is one here in every spelling that browsers know, such as `0x7f.1`.
    pub(super) fn host(&self) -> Host<&str> {
        self.url.host().expect("http and https URLs have a host")
    }

    pub(super) fn port(&self) -> u16 {
        self.url.port_or_known_default().expect("http and https have a port")
    }

    /// The value of the header `Host`.
    pub(super) fn authority(&self) -> &str {
        &self.url[Position::BeforeHost..Position::AfterPort]
    }

    pub(super) fn path(&self) -> &PathAndQuery {
        &self.path
    }
}

/// Writes scheme, host and port alone.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url[..Position::BeforePath])
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Target({self}…)")
    }
}

/// Whether the name always means the machine itself (RFC 6761, section 6.3).
fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn public(text: &str) -> Result<Target, BadTarget> {
        Target::parse(text, WebhookTargets::Public)
    }

    #[test]
    fn a_target_is_kept_whole_but_shown_without_path_and_query() {
        let target = public("https://Hooks.example:8443/T0/secret?token=hunter2").expect("a target");
        assert_eq!(target.expose(), "https://hooks.example:8443/T0/secret?token=hunter2");
        assert_eq!(target.to_string(), "https://hooks.example:8443");
        assert_eq!(format!("{target:?}"), "Target(https://hooks.example:8443…)");
        assert_eq!(public(target.expose()), Ok(target));
    }

    #[test]
    fn a_target_may_have_2000_characters_in_its_stored_form() {
        let begin = "https://hooks.example/";
        let of = |length: usize| format!("{begin}{}", "a".repeat(length - begin.len()));
        assert!(public(&of(2000)).is_ok());
        assert_eq!(public(&of(2001)), Err(BadTarget::TooLong));
        assert_eq!(public(&format!("{begin}{}", "ä".repeat(500))), Err(BadTarget::TooLong));
    }

    #[test]
    fn what_is_no_plain_https_url_is_refused_with_what_is_expected() {
        for (text, expected) in [
            ("", BadTarget::NoUrl),
            ("hooks.example", BadTarget::NoUrl),
            ("https://", BadTarget::NoUrl),
            ("https://hooks.example:99999", BadTarget::NoUrl),
            ("https://1.2.3.4.5/", BadTarget::NoUrl),
            ("http://hooks.example", BadTarget::NotHttps),
            ("ftp://hooks.example", BadTarget::NotHttps),
            ("file:///etc/passwd", BadTarget::NotHttps),
            ("gopher://127.0.0.1:6379/_", BadTarget::NotHttps),
            ("https://me@hooks.example", BadTarget::Credentials),
            ("https://:hunter2@hooks.example", BadTarget::Credentials),
            ("https://hooks.example/#part", BadTarget::Fragment),
        ] {
            assert_eq!(public(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn no_spelling_of_an_address_or_of_localhost_that_is_not_public_is_taken() {
        for host in [
            "127.0.0.1",
            "2130706433",
            "0x7f.1",
            "0x7f000001",
            "0177.0.0.1",
            "127.1",
            "127.0.0.1.",
            "１２７.0.0.1",
            "127。0。0。1",
            "%31%32%37.0.0.1",
            "0",
            "0.0.0.0",
            "10.0.0.1",
            "169.254.169.254",
            "2852039166",
            "[::]",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::127.0.0.1]",
            "[64:ff9b::127.0.0.1]",
            "[2002:7f00:1::]",
            "[fd00:ec2::254]",
            "localhost",
            "LOCALHOST",
            "localhost.",
            "a.localhost",
            "ⓛocalhost",
        ] {
            assert_eq!(public(&format!("https://{host}/")), Err(BadTarget::NotPublic), "{host}");
        }
        assert!(public("https://localhost.example/").is_ok() && public("https://8.8.8.8/").is_ok());
    }

    #[test]
    fn private_targets_may_have_any_address_and_http_but_no_other_scheme() {
        let private = |text: &str| Target::parse(text, WebhookTargets::Private);
        let target = private("http://2130706433:8080/hook").expect("a target");
        assert_eq!(target.expose(), "http://127.0.0.1:8080/hook");
        assert!(private("https://[::1]/").is_ok() && private("http://localhost/").is_ok());
        assert_eq!(private("ftp://hooks.example"), Err(BadTarget::NotHttp));
        assert_eq!(private("http://me@localhost/"), Err(BadTarget::Credentials));
        assert_eq!(target.check(WebhookTargets::Public), Err(BadTarget::NotHttps));
    }

    #[test]
    fn every_path_and_query_that_is_a_url_can_be_sent() {
        let odd: String = (' '..='~').filter(|character| !"#?\\".contains(*character)).collect();
        let target = public(&format!("https://hooks.example//{odd}ä?{odd}ä")).expect("a target");
        assert!(target.path().as_str().starts_with("//"), "{:?}", target.path());
    }
}
