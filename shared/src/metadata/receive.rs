//! The queries that create the row of an upload, with or without a key, and that give it up.

use std::time::Duration;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamp};
use diesel_async::{AsyncConnection, RunQueryDsl};
use resizinator_formats::Format;

use super::cached::Cached;
use super::claims::delta;
use super::columns::FormatColumn;
use super::keys::{KnownKey, UploadKey};
use super::rows::ImageRow;
use super::schema::{idempotency_keys, images};
use super::{Database, MetadataError, MetadataStore, on_connection};
use crate::ids::{ImageId, ObjectId, UserId};
use crate::image::{Image, State, StoredHeader};
use crate::trace::Trace;

/// How long a key is kept, from the moment that its upload begins to be stored.
const KEPT: Duration = Duration::from_secs(24 * 3600);

/// How often a key is claimed anew that becomes free meanwhile.
const TRIES: u32 = 4;

/// The data of an upload that are known before its original is stored.
#[derive(Debug)]
pub struct NewImage<'a> {
    /// The owner.
    pub user_id: UserId,
    /// The random id that was made for this image.
    pub object_id: &'a ObjectId,
    /// The client's name for the file, without folders.
    pub file_name: &'a str,
    /// The format of the file.
    pub format: Format,
    /// The size of the file in bytes.
    pub bytes: i64,
    /// SHA-256 of the file, in 64 hexadecimal digits.
    pub sha256: &'a str,
    /// What the header of the file says.
    pub header: StoredHeader,
    /// The request that uploads the file.
    pub trace: &'a Trace,
    /// Whether the job is held back until it is the turn of its user, and not published right after the acceptance.
    pub held: bool,
}

/// The answer to an upload that has a key.
#[derive(Debug)]
pub enum Receipt {
    /// The key is claimed for this upload, and the row of its image is created.
    Received(Box<Image>),
    /// The key belongs to an earlier upload, so nothing is created.
    Known(KnownKey),
}

/// The columns of a new row, as diesel inserts them.
macro_rules! row_of {
    ($new:expr, $now:expr) => {
        (
            images::user_id.eq($new.user_id),
            images::state.eq(State::Receiving),
            images::object_id.eq($new.object_id),
            images::file_name.eq($new.file_name),
            images::format.eq(FormatColumn($new.format)),
            images::bytes.eq($new.bytes),
            images::sha256.eq($new.sha256),
            images::width.eq(i64::from($new.header.width)),
            images::height.eq(i64::from($new.header.height)),
            images::frames.eq(i64::from($new.header.frames)),
            images::request_id.eq(&$new.trace.request_id),
            images::traceparent.eq(&$new.trace.parent),
            images::held.eq($new.held),
            images::created_at.eq($now),
            images::updated_at.eq($now),
        )
    };
}

/// Claims the key and creates the row in one statement, so that a key costs no further round trip and no further sync.
/// Without a claim there is no row.
const RECEIVE_ONCE: &str = "WITH claimed AS (\
    INSERT INTO idempotency_keys (user_id, key, digest, object_id, lease_until, expires_at) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING user_id, object_id) \
    INSERT INTO images (user_id, state, object_id, file_name, format, bytes, sha256, width, height, frames, \
    request_id, traceparent, held, created_at, updated_at) \
    SELECT user_id, 'receiving', object_id, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $17 FROM claimed \
    RETURNING *";

impl MetadataStore {
    /// Creates the row of an image in the state `receiving`. The row is written before the object, so that no object is
    /// ever without a row.
    pub async fn receive(&self, new: &NewImage<'_>) -> Result<Image, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let insert = diesel::insert_into(images::table).values(row_of!(new, now));
            Ok(insert.returning(ImageRow::as_returning()).get_result(conn).await?.into())
        })
    }

    /// Claims the key and creates the row of an image in the state `receiving`, unless the key belongs to an earlier
    /// upload. The claim lasts for `lease` if it is not renewed. A key whose lease has run out, or whose time has, is
    /// taken over.
    pub async fn receive_once(
        &self,
        new: &NewImage<'_>,
        key: &UploadKey<'_>,
        lease: Duration,
    ) -> Result<Receipt, MetadataError> {
        for _ in 0..TRIES {
            if let Some(image) = self.try_to_receive(new, key, lease).await? {
                return Ok(Receipt::Received(Box::new(image)));
            }
            if let Some(known) = self.known_or_freed(key).await? {
                return Ok(Receipt::Known(known));
            }
        }
        // Others claim it again and again.
        Ok(Receipt::Known(KnownKey::Running))
    }

    async fn try_to_receive(
        &self,
        new: &NewImage<'_>,
        key: &UploadKey<'_>,
        lease: Duration,
    ) -> Result<Option<Image>, MetadataError> {
        let now = self.naive_now().await?;
        let (lease_until, expires_at) = (now + delta(lease), now + delta(KEPT));
        let row: Option<ImageRow> = on_connection!(self, |conn| {
            match &self.database {
                Database::Postgres { .. } => {
                    let receive = diesel::sql_query(RECEIVE_ONCE)
                        .bind::<BigInt, _>(key.user_id)
                        .bind::<Text, _>(key.key)
                        .bind::<Text, _>(key.digest.as_str())
                        .bind::<Text, _>(new.object_id)
                        .bind::<Timestamp, NaiveDateTime>(lease_until)
                        .bind::<Timestamp, NaiveDateTime>(expires_at)
                        .bind::<Text, _>(new.file_name)
                        .bind::<Text, _>(FormatColumn(new.format))
                        .bind::<BigInt, _>(new.bytes)
                        .bind::<Text, _>(new.sha256)
                        .bind::<BigInt, _>(i64::from(new.header.width))
                        .bind::<BigInt, _>(i64::from(new.header.height))
                        .bind::<BigInt, _>(i64::from(new.header.frames))
                        .bind::<Nullable<Text>, _>(&new.trace.request_id)
                        .bind::<Nullable<Text>, _>(&new.trace.parent)
                        .bind::<Bool, _>(new.held)
                        .bind::<Timestamp, NaiveDateTime>(now);
                    Cached(receive).get_result(conn).await.optional()
                }
                // SQLite has no INSERT in a CTE. A transaction there is one sync too, and it has no round trips.
                Database::Sqlite { .. } => {
                    conn.transaction(async |conn| {
                        let claim = diesel::insert_into(idempotency_keys::table)
                            .values((
                                idempotency_keys::user_id.eq(key.user_id),
                                idempotency_keys::key.eq(key.key),
                                idempotency_keys::digest.eq(key.digest.as_str()),
                                idempotency_keys::object_id.eq(new.object_id),
                                idempotency_keys::lease_until.eq(lease_until),
                                idempotency_keys::expires_at.eq(expires_at),
                            ))
                            .on_conflict_do_nothing();
                        if claim.execute(conn).await? == 0 {
                            return Ok(None);
                        }
                        let insert = diesel::insert_into(images::table).values(row_of!(new, now));
                        insert.returning(ImageRow::as_returning()).get_result(conn).await.map(Some)
                    })
                    .await
                }
            }
        })?;
        Ok(row.map(Image::from))
    }

    /// Turns an upload that was not accepted into a tombstone, so that upkeep removes its original soon. Such an upload
    /// can never be accepted.
    pub async fn give_up(&self, id: ImageId) -> Result<(), MetadataError> {
        on_connection!(self, |conn| {
            let received = images::table.find(id).filter(images::state.eq(State::Receiving));
            diesel::update(received).set(images::state.eq(State::Deleted)).execute(conn).await?;
            Ok(())
        })
    }
}
