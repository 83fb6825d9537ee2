//! The variables that hold secrets. Each of them can also be read from a file, which other processes and the
//! descriptions of containers do not show.

use std::fs::File;
use std::io::{self, Read};

use super::SettingError;
use super::read::Lookup;

/// The largest file that is read, in bytes. A path such as `/dev/zero` must not fill the memory.
const MOST_BYTES: u64 = 64 << 10;

/// A variable whose value is a secret, and its twin, which names a file with the value.
#[derive(Debug, Clone, Copy)]
pub(super) struct SecretVariable {
    name: &'static str,
    file: &'static str,
}

pub(super) const DATABASE_URL: SecretVariable =
    SecretVariable { name: "DATABASE_URL", file: "DATABASE_URL_FILE" };
pub(super) const QUEUE_URL: SecretVariable = SecretVariable { name: "QUEUE_URL", file: "QUEUE_URL_FILE" };
pub(super) const RESIZINATOR_SECRET: SecretVariable =
    SecretVariable { name: "RESIZINATOR_SECRET", file: "RESIZINATOR_SECRET_FILE" };
pub(super) const AWS_ACCESS_KEY_ID: SecretVariable =
    SecretVariable { name: "AWS_ACCESS_KEY_ID", file: "AWS_ACCESS_KEY_ID_FILE" };
pub(super) const AWS_SECRET_ACCESS_KEY: SecretVariable =
    SecretVariable { name: "AWS_SECRET_ACCESS_KEY", file: "AWS_SECRET_ACCESS_KEY_FILE" };
pub(super) const AWS_SESSION_TOKEN: SecretVariable =
    SecretVariable { name: "AWS_SESSION_TOKEN", file: "AWS_SESSION_TOKEN_FILE" };

/// The value of a [`SecretVariable`].
pub(super) struct SecretText {
    /// The variable that was set: the one with the value or the one with the path.
    pub(super) variable: &'static str,
    pub(super) text: String,
    pub(super) from_file: bool,
}

impl SecretVariable {
    pub(super) fn name(self) -> &'static str {
        self.name
    }

    /// Reads the value; `None` if neither variable is set.
    pub(super) fn read(self, lookup: Lookup<'_>) -> Result<Option<SecretText>, SettingError> {
        match (lookup(self.name), lookup(self.file)) {
            (None, None) => Ok(None),
            (Some(text), None) => Ok(Some(SecretText { variable: self.name, text, from_file: false })),
            (None, Some(path)) => {
                let text = read_file(&path).map_err(|why| SettingError {
                    variable: self.file,
                    value: format!("{path:?}, which {why}"),
                    expected: format!("a readable text file with the value of {}", self.name),
                })?;
                Ok(Some(SecretText { variable: self.file, text, from_file: true }))
            }
            (Some(_), Some(_)) => Err(SettingError {
                variable: self.file,
                value: format!("set, and so is {}", self.name),
                expected: "only one of the two".into(),
            }),
        }
    }
}

/// The text of the file without one line break at its end, which editors and `echo` put there.
fn read_file(path: &str) -> Result<String, String> {
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| format!("cannot be read ({error})"))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(format!("has more than {MOST_BYTES} bytes"));
    }
    let mut text = String::from_utf8(bytes).map_err(|_| "is not UTF-8 text".to_owned())?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() { Err("is empty".into()) } else { Ok(text) }
}
