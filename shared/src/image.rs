//! The image: its states, its row, and the record that clients see.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use resizinator_formats::Format;
use serde::{Serialize, Serializer};

use crate::failure_code::RecordedCode;
use crate::ids::{Claim, Generation, ImageId, ObjectId, UserId};
use crate::sql_text::{from_sql_text, to_sql_text};
use crate::variant::StoredVariants;

/// The state of an image. Only [`crate::metadata`] changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum State {
    /// The row stands, the original is on its way to the object store; never shown or counted.
    Receiving,
    /// Accepted; waits for a worker.
    Pending,
    /// A worker holds the claim.
    Processing,
    /// Both variants are there.
    Ready,
    /// The end without variants; `error_code` says why. Nearly always the file itself is at fault.
    Failed,
    /// A tombstone: invisible, its objects are being removed.
    Deleted,
}

impl State {
    const ALL: [Self; 6] =
        [Self::Receiving, Self::Pending, Self::Processing, Self::Ready, Self::Failed, Self::Deleted];

    /// The name that stands in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Receiving => "receiving",
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Deleted => "deleted",
        }
    }
}

to_sql_text!(State, name);
from_sql_text!(State);

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(name: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|state| state.name() == name).ok_or_else(|| UnknownState(name.into()))
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text is not the name of a state.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not the state of an image")]
pub struct UnknownState(String);

/// An image as its row has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The public id.
    pub id: ImageId,
    /// The owner.
    pub user_id: UserId,
    /// What has been done with it so far.
    pub state: State,
    /// The random id that all its object keys begin with.
    pub object_id: ObjectId,
    /// The generation of variants that the present job makes; raised by a reprocess only.
    pub generation: Generation,
    /// The generation that clients see, once there is one.
    pub visible_generation: Option<Generation>,
    /// The client's name for the file, without folders.
    pub file_name: String,
    /// What the original is.
    pub format: Format,
    /// Size of the original in bytes.
    pub bytes: i64,
    /// SHA-256 of the original, 64 hex digits.
    pub sha256: String,
    /// Grows with every claim; the only fence against late workers.
    pub claim: Claim,
    /// Claims that died while rendering, the running one included.
    pub attempts: i32,
    /// Size of the variants that clients see; absent as long as there are none, and for those of earlier releases.
    pub variants: Option<StoredVariants>,
    /// Why it failed, as a stable code.
    pub error_code: Option<RecordedCode>,
    /// Why it failed, as a sentence.
    pub error_detail: Option<String>,
    /// When 201 was promised.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When a worker first found that the object store does not have the original.
    pub original_missed_at: Option<DateTime<Utc>>,
    /// When the row was made.
    pub created_at: DateTime<Utc>,
    /// When what clients see last changed.
    pub updated_at: DateTime<Utc>,
}

/// The object that clients get for an image, its keys in the order of the API document.
#[derive(Debug, Serialize)]
pub struct ImageRecord {
    /// The public id.
    pub id: ImageId,
    /// Signed URL of the original.
    pub original: String,
    /// Signed URL of the small variant; null until both variants are there.
    pub small: Option<String>,
    /// Signed URL of the medium variant; null until both variants are there.
    pub medium: Option<String>,
    /// UTC with microseconds.
    #[serde(serialize_with = "rfc3339_micros")]
    pub updated_at: DateTime<Utc>,
    /// UTC with microseconds.
    #[serde(serialize_with = "rfc3339_micros")]
    pub created_at: DateTime<Utc>,
    /// The owner's id.
    pub user: UserId,
}

fn rfc3339_micros<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true))
}
