//! Reads the URLs of backends, which may contain a password. No error shows it.

use super::SettingError;
use super::placeholder::has_placeholder;
use super::plain_character::PlainCharacter;
use super::read::Lookup;
use super::secret_variable::{SecretText, SecretVariable};

/// The schemes of URLs with credentials. The others are paths, where every character stands for itself.
const WITH_CREDENTIALS: [&str; 4] = ["postgres://", "postgresql://", "amqp://", "amqps://"];

/// Reads a URL from a variable or from the file that its twin names; `None` if neither is set.
pub(super) fn read<T>(
    lookup: Lookup<'_>,
    variable: SecretVariable,
    expected: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, SettingError> {
    let Some(SecretText { variable, text, .. }) = variable.read(lookup)? else { return Ok(None) };
    let wrong = |value: String, expected: &str| SettingError { variable, value, expected: expected.into() };
    if WITH_CREDENTIALS.iter().any(|scheme| text.starts_with(scheme)) {
        if let Some(plain) = PlainCharacter::find(&text) {
            let PlainCharacter { part, character } = plain;
            return Err(wrong(
                format!("(hidden), and its {part} contains a plain \"{character}\""),
                &format!("the percent-encoded form \"{}\" of that character", plain.encoded()),
            ));
        }
        if has_placeholder(&text) {
            return Err(wrong(
                "(hidden), and its password is the placeholder of an example".into(),
                "the password of your own service",
            ));
        }
    }
    parse(&text).map(Some).ok_or_else(|| wrong(shown(&text), expected))
}

/// The beginnings of values that are no secret: they name a file, a folder or this process.
const WITHOUT_SECRETS: [&str; 3] = ["sqlite://", "file://", "in-process"];

/// The value as an error may show it. A value of another kind may be a password that got into the wrong place.
fn shown(text: &str) -> String {
    if WITHOUT_SECRETS.iter().any(|beginning| text.starts_with(beginning)) {
        return format!("{text:?}");
    }
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    match scheme.filter(|scheme| scheme.len() <= 16 && scheme.bytes().all(|b| b.is_ascii_alphanumeric())) {
        Some(scheme) => format!("(hidden, since it may hold a password; it begins with {scheme}://)"),
        None => "(hidden, since it may hold a password)".into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::Settings;

    fn complaint(variable: &str, value: &str) -> String {
        let read = Settings::from_lookup(|name| (name == variable).then(|| value.to_owned()));
        read.err().expect("refused").to_string()
    }

    #[test]
    fn a_password_in_the_wrong_place_is_not_shown() {
        for text in ["hunter2", "host=db user=me password=hunter2", "mysql://db/x?user=me&password=hunter2"] {
            for variable in ["DATABASE_URL", "QUEUE_URL"] {
                let said = complaint(variable, text);
                assert!(said.starts_with(&format!("{variable} is (hidden")), "{said}");
                assert!(!said.contains("hunter2"), "{said}");
            }
        }
        let said = complaint("DATABASE_URL", "sqlite://");
        assert!(said.starts_with("DATABASE_URL is \"sqlite://\""), "{said}");
    }

    #[test]
    fn a_plain_character_is_named_with_its_place_and_its_encoded_form() {
        for (character, encoded) in [('#', "%23"), ('/', "%2F"), ('?', "%3F"), ('%', "%25")] {
            for (variable, scheme) in [("DATABASE_URL", "postgres"), ("QUEUE_URL", "amqp")] {
                let said = complaint(variable, &format!("{scheme}://me:hunter{character}zwei@host/db"));
                assert_eq!(
                    said,
                    format!(
                        "{variable} is (hidden), and its password contains a plain \"{character}\": the \
                         percent-encoded form \"{encoded}\" of that character is expected"
                    )
                );
            }
        }
    }

    #[test]
    fn a_placeholder_as_a_password_is_refused() {
        for (variable, url) in [
            ("DATABASE_URL", "postgres://resizinator:replaceme1@postgres/resizinator"),
            ("QUEUE_URL", "amqp://resizinator:replaceme2@rabbitmq:5672"),
        ] {
            let said = complaint(variable, url);
            assert!(said.starts_with(variable) && said.contains("placeholder"), "{said}");
        }
    }
}
