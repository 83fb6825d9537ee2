//! The events of images, as streams, the broker and webhooks tell them.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::Text;
use serde::Serialize;

use crate::failure_code::RecordedCode;
use crate::ids::{ImageEventId, ImageId, UserId};
use crate::image::{State, rfc3339_micros};
use crate::sql_text::{from_sql_text, to_sql_text};

/// What happened to an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub enum ImageEventKind {
    /// The upload was accepted, or the image is to be rendered once more. It waits for a worker.
    Accepted,
    /// Both variants are there.
    Ready,
    /// The image could not be rendered.
    Failed,
    /// The image was deleted.
    Deleted,
}

impl ImageEventKind {
    const ALL: [Self; 4] = [Self::Accepted, Self::Ready, Self::Failed, Self::Deleted];

    /// The name of the kind.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Deleted => "deleted",
        }
    }

    /// The name among those of other things: the routing key at the broker, and the `type` of a webhook's message.
    pub const fn full_name(self) -> &'static str {
        match self {
            Self::Accepted => "image.accepted",
            Self::Ready => "image.ready",
            Self::Failed => "image.failed",
            Self::Deleted => "image.deleted",
        }
    }

    /// The state of the image after the event.
    pub const fn state(self) -> State {
        match self {
            Self::Accepted => State::Pending,
            Self::Ready => State::Ready,
            Self::Failed => State::Failed,
            Self::Deleted => State::Deleted,
        }
    }
}

to_sql_text!(ImageEventKind, name);
from_sql_text!(ImageEventKind);

impl FromStr for ImageEventKind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.name() == name).ok_or_else(|| UnknownKind(name.into()))
    }
}

impl fmt::Display for ImageEventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The error for a text that is not the name of a kind.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not the kind of an event")]
pub struct UnknownKind(String);

/// Something that happened to an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageEvent {
    /// The id, which grows from event to event.
    pub id: ImageEventId,
    /// The owner of the image.
    pub user_id: UserId,
    /// The image.
    pub image_id: ImageId,
    /// What happened.
    pub kind: ImageEventKind,
    /// Why the image failed.
    pub code: Option<RecordedCode>,
    /// When it happened.
    pub at: DateTime<Utc>,
}

/// What happened to an image, as its owner sees it. It has no URL, since those of `GET image/<id>/` are signed for a
/// short time.
#[derive(Debug, Serialize)]
pub struct ImageEventRecord<'a> {
    /// The id of the event, which grows from event to event.
    pub id: ImageEventId,
    /// What happened: `accepted`, `ready`, `failed` or `deleted`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The id of the image.
    pub image_id: ImageId,
    /// The state of the image after the event: `pending`, `ready`, `failed` or `deleted`.
    pub state: &'static str,
    /// Why the image failed, as in its status; null otherwise.
    pub code: Option<&'a str>,
    /// When it happened.
    #[serde(serialize_with = "rfc3339_micros")]
    pub at: DateTime<Utc>,
}

impl<'a> From<&'a ImageEvent> for ImageEventRecord<'a> {
    fn from(event: &'a ImageEvent) -> Self {
        Self {
            id: event.id,
            kind: event.kind.name(),
            image_id: event.image_id,
            state: event.kind.state().name(),
            code: event.code.as_ref().map(RecordedCode::name),
            at: event.at,
        }
    }
}
