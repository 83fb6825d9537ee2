//! The deletion of users. A deleted user has no access at once. Upkeep then turns the images into tombstones, whose
//! objects it removes as those of any other deleted image, and removes the row of the user in the end.

use std::net::IpAddr;
use std::time::Duration;

use chrono::NaiveDateTime;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};

use super::claims::delta;
use super::columns::{HIDDEN, is_shown};
use super::events::{add_event, log_event};
use super::rows::User;
use super::schema::{images, tokens, user_totals, users};
use super::{MetadataError, MetadataStore, on_connection};
use crate::account::AccountEvent;
use crate::ids::{ImageId, UserId};
use crate::image::State;

impl MetadataStore {
    /// Deletes a user; `false` if the user is deleted already, or has another password than `user` says. The name can be
    /// registered again once upkeep has removed the images.
    pub async fn delete_user(&self, user: &User, address: Option<IpAddr>) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        let event = AccountEvent::Deleted;
        let deleted: bool = on_connection!(self, |conn| {
            conn.transaction(async |conn| {
                let there = users::table
                    .find(user.id)
                    .filter(users::deleted_at.is_null())
                    .filter(users::password_hash.eq(&user.password_hash));
                let gone = (users::active.eq(false), users::deleted_at.eq(now));
                if diesel::update(there).set(gone).execute(conn).await? == 0 {
                    return Ok(false);
                }
                diesel::delete(tokens::table.filter(tokens::user_id.eq(user.id))).execute(conn).await?;
                // Without totals no upload is accepted, and nothing has to be counted while the images are removed.
                diesel::delete(user_totals::table.find(user.id)).execute(conn).await?;
                add_event!(now, user, event, address, None::<String>).execute(conn).await?;
                Ok(true)
            })
            .await
        })?;
        if deleted {
            log_event(user, event, address);
        }
        Ok(deleted)
    }

    /// Turns images of deleted users into tombstones, at most `limit` of them. Returns how many there were.
    pub async fn bury_images_of_deleted_users(&self, limit: i64) -> Result<usize, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let deleted = users::table.filter(users::deleted_at.is_not_null()).select(users::id);
            let theirs = images::table
                .filter(images::user_id.eq_any(deleted))
                .filter(is_shown())
                .limit(limit)
                .select(images::id);
            let theirs: Vec<ImageId> = theirs.load(conn).await?;
            // The condition is there twice, so that a tombstone of another replica stays as it is.
            let bury = diesel::update(
                images::table.filter(images::id.eq_any(theirs)).filter(images::state.ne_all(HIDDEN)),
            );
            bury.set((
                images::state.eq(State::Deleted),
                images::purge_after.eq(None::<NaiveDateTime>),
                images::updated_at.eq(now),
            ))
            .execute(conn)
            .await
        })
        .inspect(|_| self.image_event_is_written())
    }

    /// Removes the rows of users who were deleted longer than `age` ago and have no image left, not even a tombstone: at
    /// most `limit` of them. `age` is longer than an upload takes, so that none of theirs is running any more. Returns
    /// how many there were.
    pub async fn remove_deleted_users(&self, age: Duration, limit: i64) -> Result<usize, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let over = users::table
                .filter(users::deleted_at.le(now - delta(age)))
                .filter(not(exists(images::table.filter(images::user_id.eq(users::id)))))
                .limit(limit)
                .select(users::id);
            let over: Vec<UserId> = over.load(conn).await?;
            diesel::delete(users::table.filter(users::id.eq_any(over))).execute(conn).await
        })
    }
}
