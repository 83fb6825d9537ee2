//! The client of a request: its address, and the scheme and the host by which it reached the service. If the request
//! came through proxies that `RESIZINATOR_TRUSTED_PROXIES` names, they say it; nobody else is believed.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::dev::RequestHead;
use actix_web::http::header::HOST;
use actix_web::http::uri::Authority;
use actix_web::{HttpMessage, HttpRequest};
use ipnet::IpNet;
use resizinator_shared::account::ClientNetwork;

use crate::error::ApiError;
use crate::forwarded::{Hop, hops};

/// The scheme by which a client reached the service or the proxy in front of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// Who sent a request, and where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    pub(crate) address: IpAddr,
    scheme: Option<String>,
    host: Option<String>,
}

impl Client {
    /// Finds out who the client is. Behind trusted proxies it is the one with the last address that is not a trusted
    /// proxy's, since a client can write anything before it.
    pub(crate) fn of(request: &RequestHead, trusted: &[IpNet]) -> Self {
        let is_trusted = |address: &IpAddr| trusted.iter().any(|network| network.contains(address));
        let peer = request.peer_addr.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.ip().to_canonical());
        let direct = Self { address: peer, scheme: None, host: own_host(request) };
        if !is_trusted(&peer) {
            return direct;
        }
        let hops = hops(request.headers());
        let outermost =
            hops.iter().rposition(|hop| !hop.address.as_ref().is_some_and(is_trusted)).unwrap_or(0);
        let Hop { address, host, scheme } = hops.into_iter().nth(outermost).unwrap_or_default();
        Self { address: address.unwrap_or(direct.address), scheme, host: host.or(direct.host) }
    }

    /// The host, and the port if it is not the scheme's own; `None` if the client has named none.
    ///
    /// # Errors
    /// [`ApiError::MalformedHost`] if it is not a host with an optional port.
    pub(crate) fn host(&self) -> Result<Option<Authority>, ApiError> {
        let Some(host) = self.host.as_deref().filter(|host| !host.is_empty()) else { return Ok(None) };
        let parsed = host.parse::<Authority>().ok();
        let is_plain = |authority: &Authority| {
            let port = authority.as_str().strip_prefix(authority.host());
            // `host()` leaves out what stands before an @.
            port.is_some_and(|port| port.is_empty() || authority.port_u16().is_some())
        };
        parsed.filter(is_plain).map(Some).ok_or_else(|| ApiError::MalformedHost(host.to_owned()))
    }

    /// The scheme.
    ///
    /// # Errors
    /// [`ApiError::BadScheme`] if a proxy names one that the service is not reached by.
    pub(crate) fn scheme(&self) -> Result<Scheme, ApiError> {
        match self.scheme.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("http") => Ok(Scheme::Http),
            Some("https") => Ok(Scheme::Https),
            Some(other) => Err(ApiError::BadScheme(other.to_owned())),
        }
    }
}

/// The host that the request itself names. One in the request's target counts before the header (RFC 9112, section
/// 3.2.2).
fn own_host(request: &RequestHead) -> Option<String> {
    let in_target = request.uri.authority().map(|authority| authority.as_str().to_owned());
    in_target.or_else(|| {
        // A header that is not text is not a host either, and `host` says so.
        request.headers().get(HOST).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
    })
}

/// The address of the client, and the scheme and the host by which it reached the service, which were checked before
/// any handler runs.
#[derive(Debug, Clone)]
pub(crate) struct Reached {
    pub(crate) address: IpAddr,
    pub(crate) scheme: Scheme,
    pub(crate) host: Option<Authority>,
}

impl Reached {
    pub(crate) fn of(request: &HttpRequest) -> Option<Self> {
        request.extensions().get::<Self>().cloned()
    }

    /// The network of the client.
    pub(crate) fn network(&self) -> ClientNetwork {
        self.address.into()
    }

    /// The address of the client.
    pub(crate) fn address_of(request: &HttpRequest) -> Option<IpAddr> {
        Self::of(request).map(|reached| reached.address)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{
        FORWARDED, HeaderName, X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO,
    };
    use actix_web::test::TestRequest;

    use super::*;

    fn client(peer: &str, headers: &[(HeaderName, &str)]) -> Client {
        let mut request = TestRequest::get().peer_addr(format!("{peer}:4711").parse().expect("an address"));
        request = request.insert_header((HOST, "direct.example"));
        for (name, value) in headers {
            request = request.append_header((name.clone(), *value));
        }
        let trusted = ["10.0.0.0/8", "192.0.2.7/32"].map(|network| network.parse().expect("a network"));
        Client::of(request.to_http_request().head(), &trusted)
    }

    fn address(peer: &str, forwarded_for: &str) -> String {
        client(peer, &[(X_FORWARDED_FOR, forwarded_for)]).address.to_string()
    }

    #[test]
    fn nobody_but_a_trusted_proxy_is_believed() {
        let client =
            client("198.51.100.1", &[(X_FORWARDED_FOR, "203.0.113.5"), (X_FORWARDED_HOST, "evil.example")]);
        assert_eq!(client.address.to_string(), "198.51.100.1");
        assert_eq!(client.host().expect("a host").expect("named").as_str(), "direct.example");
    }

    #[test]
    fn the_client_is_the_last_address_that_is_not_a_trusted_proxys() {
        assert_eq!(address("10.0.0.1", "203.0.113.5"), "203.0.113.5");
        assert_eq!(address("10.0.0.1", "203.0.113.5, 10.9.9.9, 192.0.2.7"), "203.0.113.5");
        assert_eq!(
            address("10.0.0.1", "1.1.1.1, 203.0.113.5, 10.9.9.9"),
            "203.0.113.5",
            "the first is forged"
        );
        assert_eq!(address("10.0.0.1", "10.9.9.8, 10.9.9.9"), "10.9.9.8", "a client within the network");
        assert_eq!(address("10.0.0.1", "203.0.113.5, unknown"), "10.0.0.1", "a proxy that hides its client");
    }

    #[test]
    fn host_and_scheme_are_those_of_the_client() {
        let forwarded =
            "for=1.1.1.1;host=evil.example, for=203.0.113.5;host=a.example;proto=HTTPS, for=10.0.0.2;host=b";
        let client = client("10.0.0.1", &[(FORWARDED, forwarded)]);
        assert_eq!(client.host().expect("a host").expect("named").as_str(), "a.example");
        assert_eq!(client.scheme().expect("a scheme"), Scheme::Https);
    }

    #[test]
    fn a_scheme_that_no_browser_would_follow_safely_is_refused() {
        let client = client("10.0.0.1", &[(X_FORWARDED_PROTO, "javascript")]);
        assert!(client.scheme().is_err());
    }

    #[test]
    fn a_host_has_no_credentials_no_path_and_no_query() {
        let host = |text: &str| Client {
            address: Ipv4Addr::LOCALHOST.into(),
            scheme: None,
            host: Some(text.into()),
        };
        for text in ["a.example", "a.example:8080", "192.0.2.1", "[2001:db8::1]:8080", "A.Example"] {
            assert_eq!(host(text).host().expect("a host").expect("named").as_str(), text);
        }
        for text in [
            "me@a.example",
            "me:pw@a.example",
            "a.example/x",
            "a.example?x",
            "a.example#x",
            "a b",
            "a:b",
            "a:99999",
            "é",
        ] {
            assert!(host(text).host().is_err(), "{text}");
        }
    }
}
