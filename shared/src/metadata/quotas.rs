//! The query that accepts an upload if it fits into its user's quotas. A quota is compared with the totals of the user:
//! the number of images that clients see, and the bytes of their originals. Triggers of the database keep the totals; see
//! the migration `accounts`.

use chrono::NaiveDateTime;
use diesel::dsl::{exists, select};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use diesel_async::{AsyncConnection, RunQueryDsl};

use super::cached::Cached;
use super::rows::{ImageRow, QuotasRow, TotalsRow};
use super::schema::{idempotency_keys, tokens, user_totals, users};
use super::{Database, MetadataError, MetadataStore, on_connection};
use crate::account::{OverQuota, OwnQuotas, Quotas, Totals};
use crate::idempotency::IdempotencyKey;
use crate::ids::{TokenId, UserId};
use crate::image::Image;

/// The answer to a request to accept an upload.
#[derive(Debug)]
pub enum Acceptance {
    /// From now on the service has to finish the image.
    Accepted(Box<Image>),
    /// The image does not fit into the user's quotas.
    OverQuota(OverQuota),
    /// The user was disabled or deleted, or the token was revoked, while the upload ran.
    NoAccess,
    /// Upkeep has given up the upload meanwhile.
    GivenUp,
}

/// One statement, so that nothing can come between the check and the acceptance. The lock makes uploads of one user that
/// end at the same time wait for each other; SQLite has only one writer at any time. The trigger that counts the image
/// runs at the end of the statement, so the row of the totals is locked no longer than the commit takes.
macro_rules! accept_sql {
    ($lock:expr, $has_key:expr) => {
        concat!(
            "UPDATE images SET state = 'pending', accepted_at = $1 WHERE id = $2 AND state = 'receiving' AND EXISTS (",
            "SELECT 1 FROM user_totals JOIN users ON users.id = user_totals.user_id ",
            "WHERE user_totals.user_id = $3 AND users.active ",
            "AND user_totals.images < COALESCE(users.max_images, $4) ",
            "AND user_totals.bytes <= COALESCE(users.max_bytes, $5) - $6",
            $lock,
            ") AND (CAST($7 AS BIGINT) IS NULL OR EXISTS (SELECT 1 FROM tokens WHERE id = $7))",
            $has_key,
            " RETURNING *"
        )
    };
}

/// The condition that the upload still has its key. Only one whose row is a tombstone loses it; this holds also if an
/// operator removes keys.
macro_rules! has_key_sql {
    () => {
        " AND EXISTS (SELECT 1 FROM idempotency_keys WHERE user_id = $3 AND key = $8 AND object_id = $9)"
    };
}

/// The acceptance of an upload with a key, which marks the key too, so that the image is the answer to every other try.
/// The row of the image is locked before that of the key.
const ACCEPT_WITH_KEY: &str = concat!(
    "WITH accepted AS (",
    accept_sql!(" FOR UPDATE OF user_totals", has_key_sql!()),
    "), marked AS (UPDATE idempotency_keys SET lease_until = NULL WHERE user_id = $3 AND key = $8 AND object_id = $9 ",
    "AND EXISTS (SELECT 1 FROM accepted)) SELECT * FROM accepted"
);

/// The statement of an acceptance with the parameters that every acceptance has.
macro_rules! bound {
    ($statement:expr, $image:expr, $quotas:expr, $token:expr, $now:expr) => {
        diesel::sql_query($statement)
            .bind::<Timestamp, NaiveDateTime>($now)
            .bind::<BigInt, _>($image.id)
            .bind::<BigInt, _>($image.user_id)
            .bind::<BigInt, _>($quotas.images)
            .bind::<BigInt, _>($quotas.bytes)
            .bind::<BigInt, _>($image.bytes)
            .bind::<Nullable<BigInt>, _>($token)
    };
}

impl MetadataStore {
    /// Accepts an upload whose original is stored, if it fits into the user's quotas and if the token of its request
    /// still works. `quotas` are those of the settings, which count where the user has none of their own.
    pub async fn accept(
        &self,
        image: &Image,
        quotas: Quotas,
        token: Option<TokenId>,
    ) -> Result<Acceptance, MetadataError> {
        self.accept_with(image, quotas, token, None).await
    }

    /// Like [`Self::accept`], but for an upload that was received with this key. From its acceptance on, the image is the
    /// answer to whoever repeats the upload.
    pub async fn accept_once(
        &self,
        image: &Image,
        key: &IdempotencyKey,
        quotas: Quotas,
        token: Option<TokenId>,
    ) -> Result<Acceptance, MetadataError> {
        self.accept_with(image, quotas, token, Some(key)).await
    }

    async fn accept_with(
        &self,
        image: &Image,
        quotas: Quotas,
        token: Option<TokenId>,
        key: Option<&IdempotencyKey>,
    ) -> Result<Acceptance, MetadataError> {
        // The second try is for one whose user makes room right after the first.
        for _ in 0..2 {
            let accepted = match key {
                None => self.try_to_accept(image, quotas, token).await?,
                Some(key) => self.try_to_accept_once(image, key, quotas, token).await?,
            };
            if let Some(image) = accepted {
                self.image_event_is_written();
                return Ok(Acceptance::Accepted(Box::new(image)));
            }
            let Some((totals, own)) = self.use_of(image.user_id, token).await? else {
                return Ok(Acceptance::NoAccess);
            };
            let bytes = u64::try_from(image.bytes).unwrap_or(0);
            if let Err(over) = own.or(quotas).check(totals, bytes) {
                return Ok(Acceptance::OverQuota(over));
            }
        }
        Ok(Acceptance::GivenUp)
    }

    async fn try_to_accept(
        &self,
        image: &Image,
        quotas: Quotas,
        token: Option<TokenId>,
    ) -> Result<Option<Image>, MetadataError> {
        let now = self.naive_now().await?;
        let statement = match &self.database {
            Database::Sqlite { .. } => accept_sql!("", ""),
            Database::Postgres { .. } => accept_sql!(" FOR UPDATE OF user_totals", ""),
        };
        let accepted: Option<ImageRow> = on_connection!(self, |conn| {
            let accept = bound!(statement, image, quotas, token, now);
            Cached(accept).get_result(conn).await.optional()
        })?;
        Ok(accepted.map(Image::from))
    }

    async fn try_to_accept_once(
        &self,
        image: &Image,
        key: &IdempotencyKey,
        quotas: Quotas,
        token: Option<TokenId>,
    ) -> Result<Option<Image>, MetadataError> {
        let now = self.naive_now().await?;
        let accept = |statement| {
            let accept = bound!(statement, image, quotas, token, now);
            Cached(accept.bind::<Text, _>(key).bind::<Text, _>(&image.object_id))
        };
        let accepted: Option<ImageRow> = on_connection!(self, |conn| {
            match &self.database {
                Database::Postgres { .. } => accept(ACCEPT_WITH_KEY).get_result(conn).await.optional(),
                Database::Sqlite { .. } => {
                    conn.transaction(async |conn| {
                        let accept = accept(accept_sql!("", has_key_sql!()));
                        let accepted: Option<ImageRow> = accept.get_result(conn).await.optional()?;
                        if accepted.is_some() {
                            let mark = diesel::update(idempotency_keys::table.find((image.user_id, key)))
                                .set(idempotency_keys::lease_until.eq(None::<NaiveDateTime>));
                            Cached(mark).execute(conn).await?;
                        }
                        Ok(accepted)
                    })
                    .await
                }
            }
        })?;
        Ok(accepted.map(Image::from))
    }

    /// How much a user has, and the user's own quotas; `None` if the user is not active or the token does not exist.
    async fn use_of(
        &self,
        id: UserId,
        token: Option<TokenId>,
    ) -> Result<Option<(Totals, OwnQuotas)>, MetadataError> {
        on_connection!(self, |conn| {
            if let Some(token) = token
                && !select(exists(tokens::table.find(token))).get_result(conn).await?
            {
                return Ok(None);
            }
            let row: Option<(TotalsRow, QuotasRow)> = users::table
                .inner_join(user_totals::table)
                .filter(users::id.eq(id))
                .filter(users::active.eq(true))
                .select((TotalsRow::as_select(), QuotasRow::as_select()))
                .first(conn)
                .await
                .optional()?;
            Ok(row.map(|(totals, own)| (totals.into(), own.into())))
        })
    }
}
