//! The headers with which a reverse proxy says whose request it forwards: `X-Forwarded-For`, `-Host` and `-Proto`, or
//! `Forwarded` (RFC 7239).

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::{
    FORWARDED, HeaderMap, HeaderName, X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO,
};

/// One hop of a request: what a proxy says about the one that it got the request from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Hop {
    /// `None` if the proxy hides it or does not say it.
    pub(crate) address: Option<IpAddr>,
    pub(crate) host: Option<String>,
    pub(crate) scheme: Option<String>,
}

/// The hops in the order in which the request passed them: the last one is what the nearest proxy has added. If a
/// request has headers of both kinds, only `X-Forwarded-*` count.
pub(crate) fn hops(headers: &HeaderMap) -> Vec<Hop> {
    let lists = [X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO]
        .map(|name| values(headers, &name, |b| b == ','));
    if lists.iter().all(Vec::is_empty) {
        return values(headers, &FORWARDED, |byte| byte == ',').iter().map(|element| hop(element)).collect();
    }
    let [addresses, hosts, schemes] = lists;
    let length = addresses.len().max(1);
    let hop = |index: usize| Hop {
        address: addresses.get(index).and_then(|text| address(text)),
        host: at(&hosts, index, length),
        scheme: at(&schemes, index, length),
    };
    (0..length).map(hop).collect()
}

/// The value that belongs to an address. Many proxies replace `X-Forwarded-Host` and `-Proto` instead of adding to
/// them, so if there are not as many values as addresses, the last one counts.
fn at(values: &[String], index: usize, addresses: usize) -> Option<String> {
    if values.len() == addresses { values.get(index) } else { values.last() }.cloned()
}

/// The items of a header that is a list. It may be spread over several lines.
fn values(headers: &HeaderMap, name: &HeaderName, separates: impl Fn(char) -> bool) -> Vec<String> {
    let lines = headers.get_all(name).filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| split(line, &separates)).filter(|item| !item.is_empty()).collect()
}

/// Splits a text at separators that are not within a quoted string.
fn split(text: &str, separates: &impl Fn(char) -> bool) -> Vec<String> {
    let (mut quoted, mut escaped) = (false, false);
    let parts = text.split(|character| {
        let separator = !quoted && separates(character);
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        separator
    });
    parts.map(|part| part.trim().to_owned()).collect()
}

/// Reads an element of `Forwarded`, such as `for="[2001:db8::1]:4711";proto=https`.
fn hop(element: &str) -> Hop {
    let mut hop = Hop::default();
    for pair in split(element, &|character| character == ';') {
        let Some((name, value)) = pair.split_once('=') else { continue };
        let value = unquoted(value.trim());
        match name.trim().to_ascii_lowercase().as_str() {
            "for" => hop.address = address(&value),
            "host" => hop.host = Some(value),
            "proto" => hop.scheme = Some(value),
            _ => {}
        }
    }
    hop
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut escaped = false;
    let kept = |character: &char| {
        escaped = *character == '\\' && !escaped;
        !escaped
    };
    inner.chars().filter(kept).collect()
}

/// Reads an address with or without brackets and a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name.clone(), HeaderValue::from_static(value));
        }
        headers
    }

    fn addresses(hops: &[Hop]) -> Vec<String> {
        hops.iter().map(|hop| hop.address.map_or("?".into(), |address| address.to_string())).collect()
    }

    #[test]
    fn every_spelling_of_an_address_is_read() {
        let all = "192.0.2.1, 192.0.2.2:4711, 2001:db8::1, [2001:db8::2], [2001:db8::3]:80, ::ffff:192.0.2.3, unknown";
        let expected =
            ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.3", "?"];
        assert_eq!(addresses(&hops(&headers(&[(X_FORWARDED_FOR, all)]))), expected);
        let all = "for=192.0.2.1;proto=http, For=\"[2001:db8::1]:4711\", for=_hidden, for=\"unknown\"";
        let expected = ["192.0.2.1", "2001:db8::1", "?", "?"];
        assert_eq!(addresses(&hops(&headers(&[(FORWARDED, all)]))), expected);
    }

    #[test]
    fn lines_of_the_same_name_are_one_list() {
        let both = headers(&[(X_FORWARDED_FOR, "192.0.2.1"), (X_FORWARDED_FOR, "192.0.2.2,, 192.0.2.3")]);
        assert_eq!(addresses(&hops(&both)), ["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    }

    #[test]
    fn a_separator_within_quotes_separates_nothing() {
        let one = headers(&[(FORWARDED, r#"host="a;b,\"c";proto=https;by=x"#)]);
        let expected = Hop { address: None, host: Some("a;b,\"c".into()), scheme: Some("https".into()) };
        assert_eq!(hops(&one), [expected]);
    }

    #[test]
    fn a_host_and_a_scheme_belong_to_the_address_at_their_place_or_else_to_all() {
        let three = [(X_FORWARDED_FOR, "192.0.2.1, 192.0.2.2"), (X_FORWARDED_PROTO, "https, http")];
        let schemes =
            |pairs: &[_]| hops(&headers(pairs)).into_iter().map(|hop| hop.scheme).collect::<Vec<_>>();
        assert_eq!(schemes(&three), [Some("https".into()), Some("http".into())]);
        let one = [(X_FORWARDED_FOR, "192.0.2.1, 192.0.2.2"), (X_FORWARDED_PROTO, "https")];
        assert_eq!(schemes(&one), [Some("https".into()), Some("https".into())]);
    }

    #[test]
    fn the_headers_that_a_proxy_replaces_count_before_the_one_that_it_may_pass_on() {
        let both = headers(&[(FORWARDED, "for=192.0.2.9;host=evil.example"), (X_FORWARDED_FOR, "192.0.2.1")]);
        assert_eq!(addresses(&hops(&both)), ["192.0.2.1"]);
        assert_eq!(hops(&both)[0].host, None);
    }
}
