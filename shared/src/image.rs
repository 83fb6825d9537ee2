//! The image: its states, its row, and the JSON record that clients see.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use resizinator_formats::Format;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use crate::failure_code::RecordedCode;
use crate::ids::{Claim, Generation, ImageId, ObjectId, UserId};
use crate::sql_text::{from_sql_text, to_sql_text};
use crate::trace::{LogName, Trace};
use crate::variant::StoredVariants;

/// The state of an image. Only the module [`crate::metadata`] changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum State {
    /// The row exists, and the original is on its way to the object store. Clients never see the image.
    Receiving,
    /// The image is accepted and waits for a worker.
    Pending,
    /// A worker holds the claim and renders the image.
    Processing,
    /// Both variants are in the object store.
    Ready,
    /// The image could not be rendered; `error_code` says why. Nearly always the file itself is at fault.
    Failed,
    /// The row is a tombstone: clients do not see it any more, and upkeep removes its objects.
    Deleted,
}

impl State {
    const ALL: [Self; 6] =
        [Self::Receiving, Self::Pending, Self::Processing, Self::Ready, Self::Failed, Self::Deleted];

    /// The states of images that clients see.
    pub const SHOWN: [Self; 4] = [Self::Pending, Self::Processing, Self::Ready, Self::Failed];

    /// The state's name in the database.
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

/// The error for a text that is not the name of a state.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not the state of an image")]
pub struct UnknownState(String);

/// The size and the frames of an original, as its header has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredHeader {
    /// The width in pixels as stored, before the orientation is applied.
    pub width: u32,
    /// The height in pixels as stored, before the orientation is applied.
    pub height: u32,
    /// The number of frames, which is 1 for a still image.
    pub frames: u32,
}

/// An image with everything that its row says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The public id.
    pub id: ImageId,
    /// The owner.
    pub user_id: UserId,
    /// The state of the image.
    pub state: State,
    /// The random id that all object keys of the image begin with.
    pub object_id: ObjectId,
    /// The generation of variants that the image's job makes. Only a reprocess raises it.
    pub generation: Generation,
    /// The generation of variants that clients see; `None` until the first one is ready.
    pub visible_generation: Option<Generation>,
    /// The client's name for the file, without folders.
    pub file_name: String,
    /// The format of the original.
    pub format: Format,
    /// The size of the original in bytes.
    pub bytes: i64,
    /// SHA-256 of the original, in 64 hexadecimal digits.
    pub sha256: String,
    /// What the header of the original says; `None` for an image that an earlier release accepted.
    pub header: Option<StoredHeader>,
    /// The number of the claim, which grows with every claim. It is the fence that keeps late workers from writing.
    pub claim: Claim,
    /// How many claims ended without a result while they rendered. The claim that is running counts too.
    pub attempts: i32,
    /// What is known of the variants that clients see; `None` as long as there are none, and for variants that a
    /// release made which did not record sizes.
    pub variants: Option<StoredVariants>,
    /// Why the image failed, as a stable code.
    pub error_code: Option<RecordedCode>,
    /// Why the image failed, as a sentence.
    pub error_detail: Option<String>,
    /// When the upload was accepted, which the client learns from the status 201.
    pub accepted_at: Option<DateTime<Utc>>,
    /// When a worker first found the original missing from the object store.
    pub original_missed_at: Option<DateTime<Utc>>,
    /// When the image became ready or failed; `None` while it is unfinished, and for one that an earlier release
    /// finished.
    pub finished_at: Option<DateTime<Utc>>,
    /// The request that uploaded the image.
    pub trace: Trace,
    /// When the row was created.
    pub created_at: DateTime<Utc>,
    /// When something that clients see last changed.
    pub updated_at: DateTime<Utc>,
}

impl Image {
    /// The name of the image in logs.
    pub fn log_name(&self) -> LogName<'_> {
        self.trace.log_name(self.id)
    }

    /// The format of the variants that clients see.
    pub fn format_of_variants(&self) -> Format {
        let recorded = self.variants.as_ref().and_then(|variants| variants.format);
        recorded.unwrap_or(self.format.of_variants())
    }
}

/// The JSON object that clients get for an image. Its keys have the order of the API document.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImageRecord {
    /// The public id.
    #[schema(value_type = i64, minimum = 1)]
    pub id: ImageId,
    /// Signed URL of the original.
    #[schema(format = "uri")]
    pub original: String,
    /// Signed URL of the small variant; null until both variants are ready.
    #[schema(format = "uri", required)]
    pub small: Option<String>,
    /// Signed URL of the medium variant; null until both variants are ready.
    #[schema(format = "uri", required)]
    pub medium: Option<String>,
    /// When something that clients see last changed, in UTC with microseconds.
    #[serde(serialize_with = "rfc3339_micros")]
    pub updated_at: DateTime<Utc>,
    /// When the image was created, in UTC with microseconds.
    #[serde(serialize_with = "rfc3339_micros")]
    pub created_at: DateTime<Utc>,
    /// The owner's id.
    #[schema(value_type = i64, minimum = 1)]
    pub user: UserId,
}

/// Writes a time as clients see it: RFC 3339, in UTC, with microseconds.
pub fn rfc3339_micros<S: Serializer>(time: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::Micros, true))
}
