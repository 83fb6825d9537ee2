//! The AWS credentials if at least one of them is read from a file.

use std::fmt;

use super::SettingError;
use super::placeholder::is_placeholder;
use super::read::Lookup;
use super::secret_variable::{AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, SecretVariable};

/// AWS keys. Only the id of the key is ever printed.
#[derive(Clone, PartialEq, Eq)]
pub struct AwsKeys {
    /// `AWS_ACCESS_KEY_ID`: the public name of the key, which is a part of every signed URL.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`: the token of temporary credentials.
    pub session_token: Option<String>,
}

impl AwsKeys {
    /// Reads the keys if at least one of them is in a file; `None` otherwise, since the S3 client itself reads the
    /// plain variables and the other places where AWS credentials can be.
    pub(super) fn read(lookup: Lookup<'_>) -> Result<Option<Self>, SettingError> {
        let mut from_file = false;
        let mut read = |variable: SecretVariable| -> Result<Option<String>, SettingError> {
            let Some(found) = variable.read(lookup)? else { return Ok(None) };
            if is_placeholder(&found.text) {
                return Err(SettingError {
                    variable: found.variable,
                    value: "the placeholder of an example".into(),
                    expected: "a key of your own object store".into(),
                });
            }
            from_file |= found.from_file;
            Ok(Some(found.text))
        };
        let (id, secret, session_token) =
            (read(AWS_ACCESS_KEY_ID)?, read(AWS_SECRET_ACCESS_KEY)?, read(AWS_SESSION_TOKEN)?);
        if !from_file {
            return Ok(None);
        }
        let missing = |variable: SecretVariable| SettingError {
            variable: variable.name(),
            value: "not set, and neither is its file".into(),
            expected: "the id of the key and the secret key, since a file has a part of the credentials,"
                .into(),
        };
        Ok(Some(Self {
            access_key_id: id.ok_or_else(|| missing(AWS_ACCESS_KEY_ID))?,
            secret_access_key: secret.ok_or_else(|| missing(AWS_SECRET_ACCESS_KEY))?,
            session_token,
        }))
    }
}

impl fmt::Debug for AwsKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsKeys").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}
