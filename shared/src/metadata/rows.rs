//! The rows as diesel reads them, and the types that they become.

use chrono::NaiveDateTime;
use diesel::prelude::AsChangeset;
use diesel::{Queryable, QueryableByName, Selectable};

use super::columns::{FormatColumn, Unsigned};
use super::schema::{images, user_totals, users};
use crate::account::{OwnQuotas, Quota, Totals};
use crate::failure_code::RecordedCode;
use crate::ids::{Claim, Generation, ImageId, ObjectId, UserId};
use crate::image::{Image, State, StoredHeader};
use crate::placeholder::Placeholder;
use crate::trace::{RequestId, Trace, TraceParent};
use crate::variant::{StoredVariant, StoredVariants};

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = images)]
pub(super) struct ImageRow {
    id: ImageId,
    user_id: UserId,
    state: State,
    object_id: ObjectId,
    generation: Generation,
    visible_generation: Option<Generation>,
    file_name: String,
    format: FormatColumn,
    bytes: i64,
    sha256: String,
    width: Option<Unsigned>,
    height: Option<Unsigned>,
    frames: Option<Unsigned>,
    claim: Claim,
    attempts: i32,
    small_width: Option<Unsigned>,
    small_height: Option<Unsigned>,
    small_bytes: Option<Unsigned>,
    medium_width: Option<Unsigned>,
    medium_height: Option<Unsigned>,
    medium_bytes: Option<Unsigned>,
    variant_frames: Option<Unsigned>,
    variant_format: Option<FormatColumn>,
    placeholder: Option<Placeholder>,
    error_code: Option<RecordedCode>,
    error_detail: Option<String>,
    accepted_at: Option<NaiveDateTime>,
    original_missed_at: Option<NaiveDateTime>,
    finished_at: Option<NaiveDateTime>,
    request_id: Option<RequestId>,
    traceparent: Option<TraceParent>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl From<ImageRow> for Image {
    fn from(row: ImageRow) -> Self {
        let small = variant(row.small_width, row.small_height, row.small_bytes);
        let medium = variant(row.medium_width, row.medium_height, row.medium_bytes);
        Self {
            id: row.id,
            user_id: row.user_id,
            state: row.state,
            object_id: row.object_id,
            generation: row.generation,
            visible_generation: row.visible_generation,
            file_name: row.file_name,
            format: row.format.0,
            bytes: row.bytes,
            sha256: row.sha256,
            header: row.width.zip(row.height).zip(row.frames).map(|((width, height), frames)| StoredHeader {
                width: width.0,
                height: height.0,
                frames: frames.0,
            }),
            claim: row.claim,
            attempts: row.attempts,
            variants: small.zip(medium).map(|(small, medium)| StoredVariants {
                small,
                medium,
                frames: row.variant_frames.map(|frames| frames.0),
                format: row.variant_format.map(|format| format.0),
                placeholder: row.placeholder,
            }),
            error_code: row.error_code,
            error_detail: row.error_detail,
            accepted_at: row.accepted_at.map(|time| time.and_utc()),
            original_missed_at: row.original_missed_at.map(|time| time.and_utc()),
            finished_at: row.finished_at.map(|time| time.and_utc()),
            trace: Trace { request_id: row.request_id, parent: row.traceparent },
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        }
    }
}

fn variant(
    width: Option<Unsigned>,
    height: Option<Unsigned>,
    bytes: Option<Unsigned>,
) -> Option<StoredVariant> {
    Some(StoredVariant { width: width?.0, height: height?.0, bytes: bytes?.0 })
}

/// A changeset that sets the columns that describe both variants.
#[derive(AsChangeset)]
#[diesel(table_name = images, treat_none_as_null = true)]
pub(super) struct Sizes {
    small_width: Option<i64>,
    small_height: Option<i64>,
    small_bytes: Option<i64>,
    medium_width: Option<i64>,
    medium_height: Option<i64>,
    medium_bytes: Option<i64>,
    variant_frames: Option<i64>,
    variant_format: Option<FormatColumn>,
    placeholder: Option<Placeholder>,
}

impl From<Option<StoredVariants>> for Sizes {
    fn from(variants: Option<StoredVariants>) -> Self {
        let (small, medium) =
            (variants.as_ref().map(|both| both.small), variants.as_ref().map(|both| both.medium));
        Self {
            small_width: small.map(|variant| variant.width.into()),
            small_height: small.map(|variant| variant.height.into()),
            small_bytes: small.map(|variant| variant.bytes.into()),
            medium_width: medium.map(|variant| variant.width.into()),
            medium_height: medium.map(|variant| variant.height.into()),
            medium_bytes: medium.map(|variant| variant.bytes.into()),
            variant_frames: variants.as_ref().and_then(|both| both.frames).map(i64::from),
            variant_format: variants.as_ref().and_then(|both| both.format).map(FormatColumn),
            placeholder: variants.and_then(|both| both.placeholder),
        }
    }
}

pub(super) fn images(rows: Vec<ImageRow>) -> Vec<Image> {
    rows.into_iter().map(Image::from).collect()
}

/// A user as the row has it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct User {
    /// The id, which the records of images show.
    pub id: UserId,
    /// The name, which is unique.
    pub username: String,
    /// The hash of the password, as a PHC string.
    pub password_hash: String,
    /// Whether the user may log in and use the service.
    pub active: bool,
    /// Whether the user may use the endpoints for operators.
    pub admin: bool,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = user_totals)]
pub(super) struct TotalsRow {
    images: i64,
    bytes: i64,
}

impl From<TotalsRow> for Totals {
    fn from(row: TotalsRow) -> Self {
        let unsigned = |number: i64| u64::try_from(number).unwrap_or(0);
        Self { images: unsigned(row.images), bytes: unsigned(row.bytes) }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(super) struct QuotasRow {
    max_images: Option<Quota>,
    max_bytes: Option<Quota>,
}

impl From<QuotasRow> for OwnQuotas {
    fn from(row: QuotasRow) -> Self {
        Self { images: row.max_images, bytes: row.max_bytes }
    }
}
