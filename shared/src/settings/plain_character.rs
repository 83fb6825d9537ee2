//! Finds characters in the credentials of a URL that have to be percent-encoded there.
//!
//! `postgres://me:a#b@host/db` is a valid URL, but of a host `me` with a port `a` and a fragment. Nothing that reads it
//! could tell what is wrong, so this looks at the text before it is read as a URL.

/// A character in the user name or the password of a URL that has to be percent-encoded there and is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PlainCharacter {
    pub(super) part: &'static str,
    pub(super) character: char,
}

impl PlainCharacter {
    /// Finds the first one; `None` if there is none, or if the text has no credentials.
    pub(super) fn find(url: &str) -> Option<Self> {
        let (_, rest) = url.split_once("://")?;
        let credentials = credentials(rest)?;
        let bytes = credentials.as_bytes();
        let (at, character) = credentials.char_indices().find(|(at, character)| match character {
            '#' | '/' | '?' => true,
            '%' => !bytes[at + 1..].iter().take(2).filter(|digit| digit.is_ascii_hexdigit()).count().eq(&2),
            _ => false,
        })?;
        let part = if credentials[..at].contains(':') { "password" } else { "user name" };
        Some(Self { part, character })
    }

    /// The character in its percent-encoded form.
    pub(super) fn encoded(self) -> String {
        format!("%{:02X}", u32::from(self.character))
    }
}

/// The text that its author meant as user name and password: everything up to the last `@`, except for one in the value
/// of a parameter behind a complete address.
fn credentials(rest: &str) -> Option<&str> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at(end);
    let with_parameters = tail.split_once('?').filter(|(path, _)| !path.contains(['@', '#']));
    let in_a_value = is_complete(authority)
        && with_parameters.is_some_and(|(_, parameters)| {
            let before = parameters.split_once('@').map_or("", |(before, _)| before);
            before.rsplit('&').next().is_some_and(|parameter| parameter.contains('='))
        });
    let meant = if in_a_value { authority } else { rest };
    meant.rsplit_once('@').map(|(credentials, _)| credentials)
}

/// Whether this is a host with at most a port, with or without credentials in front.
fn is_complete(authority: &str) -> bool {
    let (credentials, host) =
        authority.rsplit_once('@').map_or((None, authority), |(c, host)| (Some(c), host));
    credentials.is_some() || host.split_once(':').is_none_or(|(_, port)| port.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(url: &str) -> Option<(&'static str, char)> {
        PlainCharacter::find(url).map(|plain| (plain.part, plain.character))
    }

    #[test]
    fn a_number_sign_in_a_password_is_found() {
        assert_eq!(found("postgres://me:pass#word@host:5432/db"), Some(("password", '#')));
        assert_eq!(PlainCharacter::find("postgres://me:#@host/db").expect("is found").encoded(), "%23");
    }

    #[test]
    fn a_slash_in_a_password_is_found() {
        assert_eq!(found("amqp://me:pass/word@host/vhost"), Some(("password", '/')));
        assert_eq!(found("amqp://me:54321/word@host/vhost"), Some(("password", '/')));
        assert_eq!(PlainCharacter::find("amqp://me:a/b@host").expect("is found").encoded(), "%2F");
    }

    #[test]
    fn a_question_mark_in_a_password_is_found() {
        assert_eq!(found("postgres://me:pass?word@host/db"), Some(("password", '?')));
        assert_eq!(found("postgres://me:a?b=c@host/db"), Some(("password", '?')));
        assert_eq!(PlainCharacter::find("postgres://me:?@host/db").expect("is found").encoded(), "%3F");
    }

    #[test]
    fn a_percent_sign_without_two_digits_is_found() {
        for password in ["100%", "%zz", "%4", "%4g", "a%é"] {
            let url = format!("postgres://me:{password}@host/db");
            assert_eq!(found(&url), Some(("password", '%')), "{url}");
        }
        assert_eq!(PlainCharacter::find("postgres://me:1%@host/db").expect("is found").encoded(), "%25");
    }

    #[test]
    fn a_character_in_a_user_name_is_found_there() {
        assert_eq!(found("postgres://m/e:password@host/db"), Some(("user name", '/')));
        assert_eq!(found("amqp://m%e@host"), Some(("user name", '%')));
    }

    #[test]
    fn one_behind_an_at_sign_in_the_password_is_found_too() {
        assert_eq!(found("postgres://me:p@ss/word@host/db"), Some(("password", '/')));
        assert_eq!(found("postgres://me:p@ss#word@host/db"), Some(("password", '#')));
    }

    #[test]
    fn what_is_encoded_or_stands_elsewhere_is_left_alone() {
        for url in [
            "postgres://me:a%23%2F%3F%25%40@host:5432/db?sslmode=require&sslrootcert=/etc/ca.pem",
            "postgres://me:password@host/db?application_name=me@here",
            "postgres://host:5432/db?application_name=me@here",
            "postgres://host/db",
            "amqp://me:p@ssword@host/%2F",
            "amqps://[::1]:5671/#",
            "in-process",
            "sqlite:///var/lib/%/#?",
        ] {
            assert_eq!(found(url), None, "{url}");
        }
    }
}
