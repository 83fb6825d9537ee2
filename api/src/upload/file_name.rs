//! The client's name for the file. The row keeps it, and it is never part of an object key.

use resizinator_formats::Format;

use crate::error::ApiError;

const MAX_CHARS: usize = 100;

/// The name without folders, whichever slash the client's system has, and without control characters. Among them is
/// NUL, which Postgres cannot store.
pub(crate) fn base_name(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name);
    base.trim().chars().filter(|character| !character.is_control()).collect()
}

pub(crate) fn check_length(name: &str) -> Result<(), ApiError> {
    let chars = name.chars().count();
    if chars <= MAX_CHARS {
        return Ok(());
    }
    let message = format!("Ensure this filename has at most {MAX_CHARS} characters (it has {chars}).");
    Err(ApiError::Original(message))
}

/// Checks the extension of the name. It has to be that of an accepted format, but not that of the file, since names
/// are often wrong.
pub(crate) fn check_extension(name: &str) -> Result<(), ApiError> {
    let Some((_, extension)) = name.rsplit_once('.') else { return Ok(()) };
    let extension = extension.to_lowercase();
    let mut allowed: Vec<_> = Format::ALL.iter().flat_map(|format| format.extensions()).copied().collect();
    if extension.is_empty() || allowed.contains(&extension.as_str()) {
        return Ok(());
    }
    allowed.sort_unstable();
    let allowed = allowed.join(", ");
    Err(ApiError::Original(format!(
        "File extension “{extension}” is not allowed. Allowed extensions are: {allowed}."
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_in_a_name_are_dropped() {
        for name in ["../../etc/passwd.png", "C:\\photos\\passwd.png", "/passwd.png", "pass\0wd.png\n"] {
            assert_eq!(base_name(name), "passwd.png");
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
        for name in ["photo", "photo.JPG", "a.b.webp", "photo."] {
            assert!(check_extension(name).is_ok(), "{name}");
        }
        let message = check_extension("x.svg").expect_err("refused").to_string();
        assert!(
            message.starts_with(
                "File extension “svg” is not allowed. Allowed extensions are: apng, avif, bmp, "
            )
        );
    }
}
