//! The client's name for the file. The row keeps it, and it is never part of an object key.

use resizinator_formats::Format;

use crate::error::ApiError;

/// The longest name, in characters.
pub(crate) const LONGEST_NAME: usize = 100;

/// The name without folders, whichever slash the client's system has, and without control characters. Among them is
/// NUL, which Postgres cannot store. `None` if nothing is left that could be a name.
pub(crate) fn base_name(name: &str) -> Option<String> {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let base: String = base.chars().filter(|character| !character.is_control()).collect();
    let base = base.trim();
    (!matches!(base, "" | "." | "..")).then(|| base.to_owned())
}

pub(crate) fn check_length(name: &str) -> Result<(), ApiError> {
    let chars = name.chars().count();
    if chars <= LONGEST_NAME {
        return Ok(());
    }
    let message = format!("Ensure this filename has at most {LONGEST_NAME} characters (it has {chars}).");
    Err(ApiError::Original(message))
}

/// Checks the extension of the name. It has to be that of an accepted format, but not that of the file, since names
/// are often wrong.
pub(crate) fn check_extension(name: &str) -> Result<(), ApiError> {
    let mut allowed: Vec<_> = Format::ALL.iter().flat_map(|format| format.extensions()).copied().collect();
    let is_fine = |extension: &str| extension.is_empty() || allowed.contains(&extension);
    // A name that was taken from a URL has a tail, which may have dots too: `photo.jpg?version=1.5`.
    let Some(extension) = extension(name).map(|extension| head(&extension).to_owned()) else { return Ok(()) };
    if is_fine(&extension) || self::extension(head(name)).is_some_and(|extension| is_fine(&extension)) {
        return Ok(());
    }
    allowed.sort_unstable();
    let allowed = allowed.join(", ");
    Err(ApiError::Original(format!(
        "File extension “{extension}” is not allowed. Allowed extensions are: {allowed}."
    )))
}

/// What follows the last dot, in lower case.
fn extension(name: &str) -> Option<String> {
    name.rsplit_once('.').map(|(_, extension)| extension.to_lowercase())
}

/// The text without a tail such as `?size=large`, `#top` or `:large`.
fn head(text: &str) -> &str {
    text.split(['?', '#', ':', '!']).next().unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_in_a_name_are_dropped() {
        for name in ["../../etc/passwd.png", "C:\\photos\\passwd.png", "/passwd.png", "pass\0wd.png\n"] {
            assert_eq!(base_name(name).as_deref(), Some("passwd.png"));
        }
        for name in ["", "  ", ".", "..", " .. ", "photos/", "photos\\", "a/..", "\0", "\t\n"] {
            assert_eq!(base_name(name), None, "{name:?}");
        }
    }

    #[test]
    fn a_name_may_have_a_hundred_characters_and_no_more() {
        assert!(check_length(&"é".repeat(100)).is_ok());
        let message = check_length(&"é".repeat(101)).expect_err("refused").to_string();
        assert_eq!(message, "Ensure this filename has at most 100 characters (it has 101).");
    }

    #[test]
    fn an_extension_of_no_accepted_format_is_refused_and_none_is_fine() {
        for name in [
            "photo",
            "photo.JPG",
            "a.b.webp",
            "photo.",
            "photo.JPG?size=large",
            "photo.jpg:large",
            "photo.jpg?version=1.5",
            "photo.png#a.b",
            "v1.2: the last!.png",
            "photo.?x",
        ] {
            assert!(check_extension(name).is_ok(), "{name}");
        }
        for name in ["x.svg?a=1.5", "a#b.svg", "x.svg!", "photo.png.svg:large", "who?.svg"] {
            assert!(check_extension(name).is_err(), "{name}");
        }
        let message = check_extension("x.svg").expect_err("refused").to_string();
        assert!(message.starts_with(
            "File extension “svg” is not allowed. Allowed extensions are: apng, avif, avifs, bmp, "
        ));
    }
}
