//! Rows as they are read, and what they mean.

use chrono::NaiveDateTime;
use diesel::{Queryable, Selectable};

use super::error::QueryError;
use super::schema::{images, users};
use crate::image::Image;

#[derive(Queryable, Selectable)]
#[diesel(table_name = images)]
pub(super) struct ImageRow {
    id: i64,
    user_id: i64,
    state: String,
    object_id: String,
    generation: i32,
    visible_generation: Option<i32>,
    file_name: String,
    format: String,
    bytes: i64,
    sha256: String,
    claim: i64,
    attempts: i32,
    error_code: Option<String>,
    error_detail: Option<String>,
    accepted_at: Option<NaiveDateTime>,
    original_missed_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl TryFrom<ImageRow> for Image {
    type Error = QueryError;

    fn try_from(row: ImageRow) -> Result<Self, QueryError> {
        Ok(Self {
            id: row.id,
            user_id: row.user_id,
            state: row.state.parse()?,
            object_id: row.object_id,
            generation: row.generation,
            visible_generation: row.visible_generation,
            file_name: row.file_name,
            format: row.format.parse()?,
            bytes: row.bytes,
            sha256: row.sha256,
            claim: row.claim,
            attempts: row.attempts,
            error_code: row.error_code,
            error_detail: row.error_detail,
            accepted_at: row.accepted_at.map(|time| time.and_utc()),
            original_missed_at: row.original_missed_at.map(|time| time.and_utc()),
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

pub(super) fn images(rows: Vec<ImageRow>) -> Result<Vec<Image>, QueryError> {
    rows.into_iter().map(Image::try_from).collect()
}

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = users)]
pub struct User {
    /// The id that records show.
    pub id: i64,
    /// Unique.
    pub username: String,
    /// A PHC string.
    pub password_hash: String,
    /// Whether the user may do anything at all.
    pub active: bool,
}
