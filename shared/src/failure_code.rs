//! Failure codes: every reason for which an image can fail, and who is at fault.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;

use crate::sql_text::{from_sql_text, to_sql_text};

/// Who is at fault when an image fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The file is damaged, exceeds a limit, or uses a feature that is not supported. Another try would fail too.
    File,
    /// The object store, the database or the network lost data, or was away for too long.
    Backend,
    /// The program of this service is at fault. A later version may render the same file.
    Service,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::File => "the file",
            Self::Backend => "a backend",
            Self::Service => "the service",
        })
    }
}

/// Defines the codes. Each line has the enum variant, the name in rows and messages, who is at fault, and a sentence
/// that says what the code means.
macro_rules! failure_codes {
    ($($code:ident $name:literal $fault:ident $sentence:literal)+) => {
        /// The reason for which an image failed, as a stable code. The image's row and the copy of its job in the queue
        /// of failed jobs hold the code's name, beside a sentence with the details of that image.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression)]
        #[diesel(sql_type = Text)]
        pub enum FailureCode {
            $(#[doc = $sentence] $code,)+
        }

        impl FailureCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$code,)+];

            /// The code's name in rows and messages, in `snake_case`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$code => $name,)+ }
            }

            /// Who is at fault.
            pub const fn fault(self) -> Fault {
                match self { $(Self::$code => Fault::$fault,)+ }
            }

            /// One sentence for people that says what the code means.
            pub const fn sentence(self) -> &'static str {
                match self { $(Self::$code => $sentence,)+ }
            }
        }
    };
}

failure_codes! {
    UnsupportedFeature "unsupported_feature" File "The file uses a feature of its format that is not supported."
    NoPixels "no_pixels" File "The header of the file announces an image without pixels."
    TooManyPixels "too_many_pixels" File "The image has more pixels than the limit."
    SideTooLong "side_too_long" File "The image is wider or higher than the limit."
    TooManyFrames "too_many_frames" File "The animation has more frames than the limit."
    AnimationTooLarge "animation_too_large" File "The frames of the animation have more pixels altogether than the limit."
    DecoderMemory "decoder_memory" File "Decoding the image takes more memory than the limit."
    TooManyScans "too_many_scans" File "The image is stored in more scans than the limit."
    DecodeFailed "decode_failed" File "The file is damaged, or it ends too early."
    VariantTooLarge "variant_too_large" File "A variant of the image would have more bytes than the limit."
    RenderTimeout "render_timeout" File "Rendering the image took longer than the limit, twice."
    RendererOutOfMemory "renderer_out_of_memory" File "Rendering the image took more memory than the limit, twice."
    ResizeFailed "resize_failed" Service "The decoded image could not be resized."
    EncodeFailed "encode_failed" Service "A variant could not be written in its format."
    RendererPanicked "renderer_panicked" Service "The decoder stopped because of an error in its program."
    RendererCrashed "renderer_crashed" Service "The process that renders the image crashed, twice."
    AttemptsExhausted "attempts_exhausted" Service "Every worker that rendered the image ended before it was finished."
    Internal "internal" Service "The service could not finish the image because of an error of its own."
    NotAJob "not_a_job" Service "The message in the queue is not a resize job; no image has failed."
    OriginalMissing "original_missing" Backend "The original is no longer in the object store."
    GaveUp "gave_up" Backend "A backend was away for longer than the service keeps trying."
}

impl FailureCode {
    /// Whether another try may pass, since the file is not at fault, or since what the limit measures depends on the
    /// machine too.
    pub fn may_pass_later(self) -> bool {
        self.fault() != Fault::File || matches!(self, Self::RenderTimeout | Self::RendererOutOfMemory)
    }
}

to_sql_text!(FailureCode, name);

impl FromStr for FailureCode {
    type Err = UnknownCode;

    fn from_str(name: &str) -> Result<Self, UnknownCode> {
        Self::ALL.iter().copied().find(|code| code.name() == name).ok_or_else(|| UnknownCode(name.into()))
    }
}

impl fmt::Display for FailureCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error for a text that is not the name of a failure code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not the name of a failure code of this version; docs/reliability.md lists them")]
pub struct UnknownCode(String);

/// A failure code as it is read from a row. While replicas are upgraded one after the other, a row may hold a code of a
/// newer version than the one that reads it.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum RecordedCode {
    /// A code that this version has.
    Known(FailureCode),
    /// The name of a code that only another version has.
    Unknown(String),
}

impl RecordedCode {
    /// The code's name as the row has it.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(code) => code.name(),
            Self::Unknown(name) => name,
        }
    }

    /// Whether another try may pass. Nobody knows it of a code that only another version has, so it may.
    pub fn may_pass_later(&self) -> bool {
        match self {
            Self::Known(code) => code.may_pass_later(),
            Self::Unknown(_) => true,
        }
    }
}

to_sql_text!(RecordedCode, name);
from_sql_text!(RecordedCode);

impl FromStr for RecordedCode {
    type Err = Infallible;

    fn from_str(name: &str) -> Result<Self, Infallible> {
        Ok(name.parse().map_or_else(|_| Self::Unknown(name.into()), Self::Known))
    }
}

impl From<FailureCode> for RecordedCode {
    fn from(code: FailureCode) -> Self {
        Self::Known(code)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_code_is_read_back_from_its_name() {
        for &code in FailureCode::ALL {
            assert_eq!(code.name().parse(), Ok(code));
            assert!(code.name().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{code}");
            assert!(code.sentence().ends_with('.'), "{code}");
        }
        let names: HashSet<_> = FailureCode::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), FailureCode::ALL.len());
        assert!("no_such_code".parse::<FailureCode>().is_err());
    }

    #[test]
    fn the_documentation_lists_every_code_as_it_is() {
        let documentation = include_str!("../../docs/reliability.md");
        let rows: String = FailureCode::ALL
            .iter()
            .map(|code| format!("| `{code}` | {} | {} |\n", code.fault(), code.sentence()))
            .collect();
        let table = format!("| code | at fault | meaning |\n| --- | --- | --- |\n{rows}\n");
        assert!(documentation.contains(&table), "docs/reliability.md has to contain this table:\n\n{table}");
    }
}
