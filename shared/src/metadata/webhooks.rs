//! The queries for the webhooks of a user: they are registered, listed, enabled again, given new secrets and deleted.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::{count_star, sql};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamp};
use diesel_async::{AsyncConnection, RunQueryDsl};

use super::claims::delta;
use super::schema::{image_event_ids, users, webhooks};
use super::{MetadataError, MetadataStore, on_connection};
use crate::ids::{ImageEventId, UserId, WebhookId};

/// How many webhooks a user may have.
pub const WEBHOOKS_PER_USER: i64 = 10;

/// A webhook as its user sees it. It is never printed, since the URL may hold a secret of the receiver.
#[derive(Clone, PartialEq, Eq)]
pub struct Webhook {
    /// The id.
    pub id: WebhookId,
    /// The URL that events are posted to.
    pub url: String,
    /// Since when nothing is delivered any more.
    pub disabled_at: Option<DateTime<Utc>>,
    /// Why nothing is delivered any more, as a sentence.
    pub disabled_reason: Option<String>,
    /// When the first try failed since the last one that did not.
    pub failing_since: Option<DateTime<Utc>>,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
}

/// The answer to a user who registers a webhook.
pub enum Registration {
    /// The webhook is registered, and hears of all events from now on.
    Registered(Webhook),
    /// The user has [`WEBHOOKS_PER_USER`] already.
    TooMany,
    /// The user was disabled or deleted meanwhile.
    NoAccess,
}

/// Where to send the messages of a webhook, and what signs them. It is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookAddress {
    /// The webhook.
    pub webhook: WebhookId,
    /// Its user.
    pub user_id: UserId,
    /// The URL.
    pub url: String,
    /// The texts of the secrets: the newest, and for a while the one before.
    pub secrets: Vec<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhooks)]
struct Row {
    id: WebhookId,
    url: String,
    disabled_at: Option<NaiveDateTime>,
    disabled_reason: Option<String>,
    failing_since: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
}

impl From<Row> for Webhook {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            url: row.url,
            disabled_at: row.disabled_at.map(|time| time.and_utc()),
            disabled_reason: row.disabled_reason,
            failing_since: row.failing_since.map(|time| time.and_utc()),
            created_at: row.created_at.and_utc(),
        }
    }
}

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = webhooks)]
pub(super) struct AddressRow {
    id: WebhookId,
    user_id: UserId,
    url: String,
    secret: String,
    old_secret: Option<String>,
    old_secret_until: Option<NaiveDateTime>,
}

impl AddressRow {
    pub(super) fn at(self, now: NaiveDateTime) -> WebhookAddress {
        let still_signs = self.old_secret_until.is_some_and(|until| now < until);
        let old = self.old_secret.filter(|_| still_signs);
        WebhookAddress {
            webhook: self.id,
            user_id: self.user_id,
            url: self.url,
            secrets: [Some(self.secret), old].into_iter().flatten().collect(),
        }
    }
}

/// Selects the row of a webhook, if it is the user's.
macro_rules! own {
    ($user:expr, $id:expr) => {
        webhooks::table.find($id).filter(webhooks::user_id.eq($user))
    };
}

impl MetadataStore {
    /// Registers a webhook, unless the user has too many. It begins after the newest event.
    pub async fn register_webhook(
        &self,
        user_id: UserId,
        url: &str,
        secret: &str,
    ) -> Result<Registration, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            conn.transaction(async |conn| {
                // This changes nothing and locks the row, so that registrations at the same time are counted one after
                // the other.
                let active = users::table.find(user_id).filter(users::active.eq(true));
                if diesel::update(active).set(users::active.eq(true)).execute(conn).await? == 0 {
                    return Ok(Registration::NoAccess);
                }
                let theirs = webhooks::table.filter(webhooks::user_id.eq(user_id));
                if theirs.select(count_star()).get_result::<i64>(conn).await? >= WEBHOOKS_PER_USER {
                    return Ok(Registration::TooMany);
                }
                // Whoever numbers events holds this lock, and then tells the webhooks that are committed.
                let lock = diesel::update(image_event_ids::table)
                    .set(image_event_ids::newest.eq(image_event_ids::newest))
                    .returning(image_event_ids::newest);
                let newest: ImageEventId = lock.get_result(conn).await?;
                let insert = diesel::insert_into(webhooks::table).values((
                    webhooks::user_id.eq(user_id),
                    webhooks::url.eq(url),
                    webhooks::secret.eq(secret),
                    webhooks::newest.eq(newest),
                    webhooks::position.eq(newest),
                    webhooks::created_at.eq(now),
                ));
                let row: Row = insert.returning(Row::as_returning()).get_result(conn).await?;
                Ok(Registration::Registered(row.into()))
            })
            .await
        })
    }

    /// The webhooks of a user, the oldest first.
    pub async fn webhooks(&self, user_id: UserId) -> Result<Vec<Webhook>, MetadataError> {
        on_connection!(self, |conn| {
            let query = webhooks::table
                .filter(webhooks::user_id.eq(user_id))
                .order(webhooks::id)
                .select(Row::as_select());
            Ok(query.load(conn).await?.into_iter().map(Webhook::from).collect())
        })
    }

    /// How many webhooks a user has.
    pub async fn count_webhooks(&self, user_id: UserId) -> Result<i64, MetadataError> {
        on_connection!(self, |conn| {
            let theirs = webhooks::table.filter(webhooks::user_id.eq(user_id));
            theirs.select(count_star()).get_result(conn).await
        })
    }

    /// Where to send the messages of one of the user's webhooks; `None` if the user has no such webhook.
    pub async fn webhook_address(
        &self,
        user_id: UserId,
        id: WebhookId,
    ) -> Result<Option<WebhookAddress>, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let query = own!(user_id, id).select(AddressRow::as_select());
            Ok(query.first(conn).await.optional()?.map(|row| row.at(now)))
        })
    }

    /// Deletes one of the user's webhooks, with its deliveries; `false` if the user has no such webhook.
    pub async fn delete_webhook(&self, user_id: UserId, id: WebhookId) -> Result<bool, MetadataError> {
        on_connection!(self, |conn| { Ok(diesel::delete(own!(user_id, id)).execute(conn).await? == 1) })
    }

    /// Lets one of the user's webhooks go on after its position, at once and as if nothing had failed. `None` if the
    /// user has no such webhook.
    pub async fn enable_webhook(
        &self,
        user_id: UserId,
        id: WebhookId,
    ) -> Result<Option<Webhook>, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let is_due = sql::<Nullable<Timestamp>>("CASE WHEN newest > position THEN ")
                .bind::<Nullable<Timestamp>, _>(Some(now))
                .sql(" END");
            let enable = diesel::update(own!(user_id, id)).set((
                webhooks::disabled_at.eq(None::<NaiveDateTime>),
                webhooks::disabled_reason.eq(None::<String>),
                webhooks::failing_since.eq(None::<NaiveDateTime>),
                webhooks::tries.eq(0),
                webhooks::due_at.eq(is_due),
            ));
            let row: Option<Row> = enable.returning(Row::as_returning()).get_result(conn).await.optional()?;
            Ok(row.map(Webhook::from))
        })
    }

    /// Gives one of the user's webhooks a new secret. The one that it replaces signs too for `keep_old`. `None` if the
    /// user has no such webhook.
    pub async fn rotate_webhook(
        &self,
        user_id: UserId,
        id: WebhookId,
        secret: &str,
        keep_old: Duration,
    ) -> Result<Option<Webhook>, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let rotate = diesel::update(own!(user_id, id)).set((
                webhooks::old_secret.eq(webhooks::secret.nullable()),
                webhooks::old_secret_until.eq(now + delta(keep_old)),
                webhooks::secret.eq(secret),
            ));
            let row: Option<Row> = rotate.returning(Row::as_returning()).get_result(conn).await.optional()?;
            Ok(row.map(Webhook::from))
        })
    }
}
