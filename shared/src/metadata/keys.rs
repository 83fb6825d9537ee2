//! The queries for the keys of uploads. A key is claimed with the row of its image (see `receive`) and is marked as
//! accepted with it (see `quotas`). In between its upload holds a lease. Whoever takes over a key first turns the image
//! of the old upload into a tombstone, which cannot be accepted any more. So a key never has two images.

use std::time::Duration;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamp};
use diesel_async::RunQueryDsl;

use super::cached::Cached;
use super::claims::delta;
use super::rows::ImageRow;
use super::schema::{idempotency_keys, images};
use super::{MetadataError, MetadataStore, on_connection};
use crate::idempotency::{IdempotencyKey, UploadDigest};
use crate::ids::{ObjectId, UserId};
use crate::image::{Image, State};

/// How many keys of one user upkeep leaves: the newest ones.
pub const KEYS_PER_USER: i64 = 10_000;

/// The key of an upload, with what the upload is.
#[derive(Debug, Clone, Copy)]
pub struct UploadKey<'a> {
    /// The user, since each has keys of their own.
    pub user_id: UserId,
    /// The key that the client chose.
    pub key: &'a IdempotencyKey,
    /// The digest of the file and its name.
    pub digest: &'a UploadDigest,
}

/// What is known of an upload by its key.
#[derive(Debug)]
pub enum KnownKey {
    /// The same upload was accepted. This is its image as it is now.
    Accepted(Box<Image>),
    /// The same upload was accepted, and its image is deleted.
    Deleted,
    /// The same upload is running.
    Running,
    /// The upload that has the key has another file, or another name for it.
    OtherFile,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
struct KeyRow {
    digest: String,
    object_id: ObjectId,
    lease_until: Option<NaiveDateTime>,
    expires_at: NaiveDateTime,
}

impl KeyRow {
    /// Whether anybody may claim the key: its upload has died, or has been known for long enough.
    fn is_over(&self, now: NaiveDateTime) -> bool {
        self.lease_until.unwrap_or(self.expires_at) <= now
    }

    fn known(self, image: Option<Image>, digest: &UploadDigest) -> KnownKey {
        match (self.lease_until, image) {
            _ if self.digest != digest.as_str() => KnownKey::OtherFile,
            (Some(_), _) => KnownKey::Running,
            (None, Some(image)) if !matches!(image.state, State::Receiving | State::Deleted) => {
                KnownKey::Accepted(Box::new(image))
            }
            (None, _) => KnownKey::Deleted,
        }
    }
}

/// Selects the row of a key, as long as it belongs to this upload and the upload is not accepted.
macro_rules! held {
    ($user:expr, $key:expr, $object:expr) => {
        idempotency_keys::table
            .find(($user, $key))
            .filter(idempotency_keys::object_id.eq($object))
            .filter(idempotency_keys::lease_until.is_not_null())
    };
}

impl MetadataStore {
    /// Whether an upload of the user has this key, whatever it is.
    pub async fn has_key(&self, user_id: UserId, key: &IdempotencyKey) -> Result<bool, MetadataError> {
        on_connection!(self, |conn| {
            diesel::select(diesel::dsl::exists(idempotency_keys::table.find((user_id, key))))
                .get_result(conn)
                .await
        })
    }

    /// What is known of an upload by its key; `None` if the key can be claimed.
    pub async fn known_key(&self, key: &UploadKey<'_>) -> Result<Option<KnownKey>, MetadataError> {
        let now = self.naive_now().await?;
        let found = self.key_row(key).await?.filter(|(row, _)| !row.is_over(now));
        Ok(found.map(|(row, image)| row.known(image, key.digest)))
    }

    /// Like [`Self::known_key`], but a key that is over is freed.
    pub(super) async fn known_or_freed(
        &self,
        key: &UploadKey<'_>,
    ) -> Result<Option<KnownKey>, MetadataError> {
        let now = self.naive_now().await?;
        let Some((row, image)) = self.key_row(key).await? else { return Ok(None) };
        if !row.is_over(now) {
            return Ok(Some(row.known(image, key.digest)));
        }
        if row.lease_until.is_none() {
            self.forget_key(key, &row.object_id, now).await?;
        } else {
            // First the image, then the key. If the old upload is accepted meanwhile, neither changes.
            if let Some(image) = image {
                self.give_up(image.id).await?;
            }
            self.take_key(key, &row.object_id, now).await?;
        }
        Ok(None)
    }

    async fn key_row(&self, key: &UploadKey<'_>) -> Result<Option<(KeyRow, Option<Image>)>, MetadataError> {
        on_connection!(self, |conn| {
            let query = idempotency_keys::table
                .left_join(images::table.on(images::object_id.eq(idempotency_keys::object_id)))
                .filter(idempotency_keys::user_id.eq(key.user_id))
                .filter(idempotency_keys::key.eq(key.key))
                .select((KeyRow::as_select(), Option::<ImageRow>::as_select()));
            let found: Option<(KeyRow, Option<ImageRow>)> = query.first(conn).await.optional()?;
            Ok(found.map(|(row, image)| (row, image.map(Image::from))))
        })
    }

    /// Frees the key of an accepted upload whose time is over.
    async fn forget_key(
        &self,
        key: &UploadKey<'_>,
        object_id: &ObjectId,
        now: NaiveDateTime,
    ) -> Result<(), MetadataError> {
        on_connection!(self, |conn| {
            let old = idempotency_keys::table
                .find((key.user_id, key.key))
                .filter(idempotency_keys::object_id.eq(object_id))
                .filter(idempotency_keys::expires_at.le(now));
            diesel::delete(old).execute(conn).await?;
            Ok(())
        })
    }

    /// Frees the key of an upload that was given up and whose lease has run out.
    async fn take_key(
        &self,
        key: &UploadKey<'_>,
        object_id: &ObjectId,
        now: NaiveDateTime,
    ) -> Result<(), MetadataError> {
        on_connection!(self, |conn| {
            let dead = held!(key.user_id, key.key, object_id).filter(idempotency_keys::lease_until.le(now));
            diesel::delete(dead).execute(conn).await?;
            Ok(())
        })
    }

    /// Renews the lease of a key while its original is stored; `false` if the key is lost, so that the image can never
    /// be accepted.
    pub async fn renew_key(
        &self,
        image: &Image,
        key: &IdempotencyKey,
        lease: Duration,
    ) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let renew = diesel::update(held!(image.user_id, key, &image.object_id))
                .set(idempotency_keys::lease_until.eq(now + delta(lease)));
            Ok(Cached(renew).execute(conn).await? == 1)
        })
    }

    /// Gives up an upload that was not accepted and frees its key at once. If the upload was accepted after all, nothing
    /// changes.
    pub async fn give_up_with_key(&self, image: &Image, key: &IdempotencyKey) -> Result<(), MetadataError> {
        // In this order, since an image without a key could still be accepted.
        self.give_up(image.id).await?;
        on_connection!(self, |conn| {
            diesel::delete(held!(image.user_id, key, &image.object_id)).execute(conn).await?;
            Ok(())
        })
    }

    /// Forgets keys whose time is over, at most `limit` of them. Returns how many there were.
    pub async fn forget_keys(&self, limit: i64) -> Result<usize, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let forget = diesel::sql_query(
                "DELETE FROM idempotency_keys WHERE (user_id, key) IN (SELECT user_id, key FROM idempotency_keys \
                WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
            );
            forget.bind::<Timestamp, NaiveDateTime>(now).bind::<BigInt, _>(limit).execute(conn).await
        })
    }

    /// The users who have more than `most` keys, of the next `limit` users with keys whose ids are above `after`; and the
    /// last id that was looked at, which is `None` at the end.
    pub async fn users_with_many_keys(
        &self,
        after: Option<UserId>,
        most: i64,
        limit: i64,
    ) -> Result<(Vec<UserId>, Option<UserId>), MetadataError> {
        #[derive(QueryableByName)]
        struct Keys {
            #[diesel(sql_type = BigInt)]
            user_id: UserId,
            #[diesel(sql_type = BigInt)]
            keys: i64,
        }
        // From one user to the next in the index, and no more of one user's keys than have to be counted.
        let query = "WITH RECURSIVE owners (user_id) AS (\
            SELECT MIN(user_id) FROM idempotency_keys WHERE user_id > $1 \
            UNION ALL SELECT (SELECT MIN(user_id) FROM idempotency_keys WHERE user_id > owners.user_id) \
            FROM owners WHERE owners.user_id IS NOT NULL\
            ), some_owners AS (SELECT user_id FROM owners WHERE user_id IS NOT NULL LIMIT $2) \
            SELECT user_id, (SELECT COUNT(*) FROM (SELECT 1 FROM idempotency_keys \
            WHERE idempotency_keys.user_id = some_owners.user_id LIMIT $3) AS counted) AS keys FROM some_owners";
        let owners: Vec<Keys> = on_connection!(self, |conn| {
            diesel::sql_query(query)
                .bind::<BigInt, _>(after.map_or(0, UserId::get))
                .bind::<BigInt, _>(limit)
                .bind::<BigInt, _>(most.saturating_add(1))
                .load(conn)
                .await
        })?;
        let is_full = i64::try_from(owners.len()) == Ok(limit);
        let last = owners.last().map(|owner| owner.user_id).filter(|_| is_full);
        let many = owners.into_iter().filter(|owner| owner.keys > most).map(|owner| owner.user_id).collect();
        Ok((many, last))
    }

    /// Forgets the oldest keys of a user who has more than `most`, at most `limit` of them. Keys of uploads that may
    /// still be accepted stay: those whose lease has not been over for `age`. Returns how many were forgotten.
    pub async fn trim_keys(
        &self,
        user_id: UserId,
        most: i64,
        age: Duration,
        limit: i64,
    ) -> Result<usize, MetadataError> {
        let ended = self.naive_now().await? - delta(age);
        on_connection!(self, |conn| {
            let theirs = || idempotency_keys::table.filter(idempotency_keys::user_id.eq(user_id));
            let is_settled = || {
                idempotency_keys::lease_until
                    .is_null()
                    .or(idempotency_keys::lease_until.assume_not_null().le(ended))
            };
            let oldest = theirs()
                .order((idempotency_keys::expires_at.desc(), idempotency_keys::key.desc()))
                .offset(most)
                .limit(limit)
                .select(idempotency_keys::key);
            let oldest: Vec<IdempotencyKey> = oldest.load(conn).await?;
            let settled = theirs().filter(idempotency_keys::key.eq_any(oldest)).filter(is_settled());
            diesel::delete(settled).execute(conn).await
        })
    }
}
