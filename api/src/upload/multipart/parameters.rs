//! The parameters of a header such as `Content-Type` or `Content-Disposition`, read as Django reads them: quotes are
//! optional around any value, and the notation of RFC 2231 (`name*`, `name*0`, `name*0*`) is known.

use encoding_rs::Encoding;
use percent_encoding::percent_decode_str;

/// The parameters of one header, in their order.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads what comes after the first semicolon.
    pub(super) fn of(header: &str) -> Self {
        Self(divide(header).skip(1).map(parameter).collect())
    }

    /// A value in the plain notation. The last of several counts.
    pub(super) fn plain(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// A value in either notation. The extended one counts more if it is well-formed.
    pub(super) fn any(&self, name: &str) -> Option<String> {
        let extended = self.extended(name);
        let plain = self.plain(name).map(str::to_owned);
        match extended {
            Some(Extended::WellFormed(value)) => Some(value),
            Some(Extended::Malformed(value)) => plain.or(Some(value)),
            None => plain,
        }
    }

    fn extended(&self, name: &str) -> Option<Extended> {
        let mut sections: Vec<_> = self
            .0
            .iter()
            .filter_map(|(known, value)| Some((known.strip_prefix(name)?.strip_prefix('*')?, value)))
            .filter_map(|(suffix, value)| {
                let number = suffix.strip_suffix('*').unwrap_or(suffix);
                let is_encoded = suffix.is_empty() || suffix.ends_with('*');
                let number = if number.is_empty() { 0 } else { number.parse::<u32>().ok()? };
                Some((number, is_encoded, value))
            })
            .collect();
        if sections.is_empty() {
            return None;
        }
        sections.sort_by_key(|(number, ..)| *number);
        let (_, has_charset, first) = sections[0];
        if !has_charset {
            let value = sections.iter().fold(Vec::new(), |mut bytes, (_, is_encoded, value)| {
                bytes.extend(decoded(value, *is_encoded));
                bytes
            });
            return Some(Extended::WellFormed(String::from_utf8_lossy(&value).into_owned()));
        }
        let mut quotes = first.splitn(3, '\'');
        let (Some(charset), Some(_language), Some(value)) = (quotes.next(), quotes.next(), quotes.next())
        else {
            return Some(Extended::Malformed(percent_decode_str(first).decode_utf8_lossy().into_owned()));
        };
        let mut is_sound = percents_are_sound(value);
        let mut bytes = decoded(value, true);
        for (_, is_encoded, value) in &sections[1..] {
            is_sound &= !is_encoded || percents_are_sound(value);
            bytes.extend(decoded(value, *is_encoded));
        }
        let encoding = Encoding::for_label(charset.as_bytes());
        let (value, _, is_broken) = encoding.unwrap_or(encoding_rs::UTF_8).decode(&bytes);
        let value = value.into_owned();
        let is_sound = is_sound && encoding.is_some() && !is_broken && !value.is_empty();
        Some(if is_sound { Extended::WellFormed(value) } else { Extended::Malformed(value) })
    }
}

/// A value in the notation of RFC 2231.
enum Extended {
    WellFormed(String),
    /// It has no charset, an unknown one, a percent sign without two digits, or bytes that its charset does not have.
    Malformed(String),
}

/// Divides at each semicolon outside of quotes.
fn divide(header: &str) -> impl Iterator<Item = &str> {
    let (mut in_quotes, mut before) = (false, ' ');
    header.split(move |character| {
        in_quotes ^= character == '"' && before != '\\';
        before = character;
        character == ';' && !in_quotes
    })
}

fn parameter(text: &str) -> (String, String) {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    (name.trim().to_ascii_lowercase(), unquoted(value.trim()))
}

fn unquoted(value: &str) -> String {
    let inside = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    // Only quotes and backslashes are escaped, since old browsers send names such as `C:\photos\a.png` as they are.
    inside.map_or_else(|| value.to_owned(), |inside| inside.replace("\\\\", "\\").replace("\\\"", "\""))
}

fn decoded(value: &str, is_encoded: bool) -> Vec<u8> {
    if is_encoded { percent_decode_str(value).collect() } else { value.as_bytes().to_vec() }
}

fn percents_are_sound(value: &str) -> bool {
    let mut after_percents = value.split('%').skip(1);
    after_percents.all(|text| text.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(parameters: &str) -> Option<String> {
        Parameters::of(&format!("form-data; {parameters}")).any("filename")
    }

    #[test]
    fn quotes_are_optional_and_may_enclose_anything() {
        for (text, value) in [
            (r#"filename="a.png""#, "a.png"),
            ("FileName = a b.png ", "a b.png"),
            (r#"filename="a\"b;c.png""#, "a\"b;c.png"),
            (r#"filename="C:\photos\a.png""#, r"C:\photos\a.png"),
            ("filename=a=b/c", "a=b/c"),
            ("filename=", ""),
            ("filename", ""),
            (r#"filename=""#, "\""),
        ] {
            assert_eq!(name(text).as_deref(), Some(value), "{text}");
        }
        assert_eq!(name("name=x; filenames=y"), None);
    }

    #[test]
    fn an_extended_value_wins_if_it_is_well_formed() {
        for (extended, value) in [
            ("filename*=UTF-8''star%C3%A9.png", "staré.png"),
            ("filename*=utf-8'fr'star.png", "star.png"),
            ("filename*=ISO-8859-1''st%E9.png", "sté.png"),
            ("filename*=windows-1251''%EF%F0.png", "пр.png"),
            ("filename*=shift_jis''%83e.png", "テ.png"),
            ("filename*0*=UTF-8''a%C3; filename*1*=%A9; filename*2=\"c%20.png\"", "aéc%20.png"),
            ("filename*1*=%20c.png; filename*0=\"ab\"", "ab c.png"),
        ] {
            assert_eq!(name(&format!("filename=plain.png; {extended}")).as_deref(), Some(value));
            assert_eq!(name(&format!("{extended}; filename=plain.png")).as_deref(), Some(value));
        }
    }

    #[test]
    fn a_malformed_extended_value_gives_way_to_a_plain_one() {
        for (extended, alone) in [
            ("filename*=star.png", "star.png"),
            ("filename*=UTF-8'star.png", "UTF-8'star.png"),
            ("filename*=nope''star.png", "star.png"),
            ("filename*=''star.png", "star.png"),
            ("filename*=UTF-8''st%ZZar.png", "st%ZZar.png"),
            ("filename*=UTF-8''st%F", "st%F"),
            ("filename*=UTF-8''st%FFar.png", "st\u{FFFD}ar.png"),
            ("filename*=UTF-8''", ""),
        ] {
            assert_eq!(name(&format!("filename=plain.png; {extended}")).as_deref(), Some("plain.png"));
            assert_eq!(name(extended).as_deref(), Some(alone));
        }
        assert_eq!(
            name("filename=plain.png; filename*x=y; filename*99999999999=y").as_deref(),
            Some("plain.png")
        );
    }
}
