//! The queries for a client's requests: they show and delete images. Every query that shows or deletes
//! an image names the user, so that no user gets at an image of another.

use std::collections::HashSet;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamp};
use diesel_async::RunQueryDsl;

use super::columns::{HIDDEN, names};
use super::rows::ImageRow;
use super::schema::images;
use super::{Database, MetadataError, MetadataStore, on_connection};
use crate::ids::{ImageId, UserId};
use crate::image::{Image, State};

impl MetadataStore {
    /// One of the user's images; `None` if the user has no image with this id.
    pub async fn image(&self, user_id: UserId, id: ImageId) -> Result<Option<Image>, MetadataError> {
        on_connection!(self, |conn| {
            let query = images::table
                .find(id)
                .filter(images::user_id.eq(user_id))
                .filter(images::state.ne_all(HIDDEN))
                .select(ImageRow::as_select());
            Ok(query.first(conn).await.optional()?.map(Image::from))
        })
    }

    /// Turns the image into a tombstone, whose objects upkeep removes; `false` if the user has no such image.
    pub async fn delete_image(&self, user_id: UserId, id: ImageId) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let shown = images::table
                .find(id)
                .filter(images::user_id.eq(user_id))
                .filter(images::state.ne_all(HIDDEN));
            let bury = diesel::update(shown).set((
                images::state.eq(State::Deleted),
                // The time was set for old variants. Now all objects have to be removed.
                images::purge_after.eq(None::<NaiveDateTime>),
                images::updated_at.eq(now),
            ));
            Ok(bury.execute(conn).await? == 1)
        })
        .inspect(|_| self.has_changed(id))
    }

    /// Turns those of the images that the user has into tombstones, and returns their ids. All of it happens or nothing.
    pub async fn delete_images(
        &self,
        user_id: UserId,
        ids: &[ImageId],
    ) -> Result<HashSet<ImageId>, MetadataError> {
        if ids.is_empty() {
            return Ok(HashSet::new());
        }
        let now = self.naive_now().await?;
        let (lock, first) = match &self.database {
            // Two requests that name the same images lock them in the same order.
            Database::Postgres { .. } => (" FOR UPDATE", '$'),
            Database::Sqlite { .. } => ("", '?'),
        };
        let list = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let hidden = names(&HIDDEN);
        let statement = format!(
            "UPDATE images SET state = '{}', purge_after = NULL, updated_at = {first}1 WHERE id IN (\
             SELECT id FROM images WHERE user_id = {first}2 AND id IN ({list}) AND state NOT IN ({hidden}) \
             ORDER BY id{lock}) RETURNING id",
            State::Deleted
        );
        let deleted: Vec<DeletedRow> = on_connection!(self, |conn| {
            let bury =
                diesel::sql_query(statement).bind::<Timestamp, NaiveDateTime>(now).bind::<BigInt, _>(user_id);
            bury.get_results(conn).await
        })?;
        let deleted: HashSet<ImageId> = deleted.into_iter().map(|row| row.id).collect();
        deleted.iter().for_each(|id| self.has_changed(*id));
        Ok(deleted)
    }
}

#[derive(QueryableByName)]
struct DeletedRow {
    #[diesel(sql_type = BigInt)]
    id: ImageId,
}
