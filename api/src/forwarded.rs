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
    // These know no quoted strings, so that a quote that a client has put in hides nothing.
    let plain = |line: &str| line.split(',').map(|item| item.trim().to_owned()).collect();
    let lists =
        [X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO].map(|name| values(headers, &name, plain));
    if lists.iter().all(Vec::is_empty) {
        let elements = values(headers, &FORWARDED, |line| split(line, ','));
        return elements.iter().map(|element| hop(element)).collect();
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
fn values(headers: &HeaderMap, name: &HeaderName, split: impl Fn(&str) -> Vec<String>) -> Vec<String> {
    // A byte that is no text spoils its own item and no other.
    let lines = headers.get_all(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    lines.flat_map(|line| split(&line)).filter(|item| !item.is_empty()).collect()
}

/// Splits a text at separators that are not within a quoted string. A quote that nothing closes counts as a character.
fn split(text: &str, separator: char) -> Vec<String> {
    let (mut quoted, mut escaped) = (false, false);
    let mut parts = vec![String::new()];
    for character in text.chars() {
        let is_separator = !quoted && character == separator;
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        match parts.last_mut() {
            Some(part) if !is_separator => part.push(character),
            _ => parts.push(String::new()),
        }
    }
    if quoted {
        parts = text.split(separator).map(str::to_owned).collect();
    }
    parts.into_iter().map(|part| part.trim().to_owned()).collect()
}

/// Reads an element of `Forwarded`, such as `for="[2001:db8::1]:4711";proto=https`.
fn hop(element: &str) -> Hop {
    let mut hop = Hop::default();
    for pair in split(element, ';') {
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
    fn nothing_that_a_client_puts_in_hides_what_its_proxy_adds() {
        for hostile in ["\"", "\"a, \\", "\"for=1.1.1.1"] {
            let line = format!("{hostile}, 192.0.2.1");
            let mut headers = HeaderMap::new();
            headers.insert(X_FORWARDED_FOR, HeaderValue::from_str(&line).expect("a header"));
            assert_eq!(addresses(&hops(&headers)).last().expect("an address"), "192.0.2.1", "{line}");
            let line = format!("{hostile}, for=192.0.2.1");
            let mut headers = HeaderMap::new();
            headers.insert(FORWARDED, HeaderValue::from_str(&line).expect("a header"));
            assert_eq!(addresses(&hops(&headers)).last().expect("an address"), "192.0.2.1", "{line}");
        }
        let mut headers = HeaderMap::new();
        headers.insert(X_FORWARDED_FOR, HeaderValue::from_bytes(b"\xff, 192.0.2.1").expect("a header"));
        assert_eq!(addresses(&hops(&headers)), ["?", "192.0.2.1"]);
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
