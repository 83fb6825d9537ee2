//! The queries for the deliveries of webhooks: what became of the last messages, for their users to see.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};

use super::schema::{webhook_deliveries, webhooks};
use super::{MetadataError, MetadataStore, on_connection};
use crate::ids::{ImageEventId, ImageId, UserId, WebhookId};
use crate::image_event::ImageEvent;

/// How many deliveries of a webhook are kept: the newest ones.
pub const DELIVERIES_KEPT: i64 = 100;

/// One try to deliver a message.
#[derive(Debug, Clone, Copy)]
pub struct Try<'a> {
    /// The id of the message, which is the same in every try.
    pub message_id: &'a str,
    /// The `type` of the message.
    pub kind: &'static str,
    /// The event that the message tells; `None` for a test.
    pub event: Option<&'a ImageEvent>,
    /// The status of the answer, if there was one.
    pub status: Option<u16>,
    /// What went wrong, as a sentence; `None` if the message was delivered.
    pub error: Option<&'a str>,
}

/// What became of a message in all its tries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// The id of the message.
    pub message_id: String,
    /// The `type` of the message.
    pub kind: String,
    /// The event that it tells; `None` for a test.
    pub event_id: Option<ImageEventId>,
    /// The image of the event.
    pub image_id: Option<ImageId>,
    /// Whether the target has it.
    pub delivered: bool,
    /// The status of the last answer, if there was one in the last try.
    pub status: Option<i32>,
    /// What went wrong in the last try, as a sentence.
    pub error: Option<String>,
    /// How often it was sent.
    pub tries: i32,
    /// When it was first sent.
    pub created_at: DateTime<Utc>,
    /// When it was last sent.
    pub tried_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = webhook_deliveries)]
struct Row {
    message_id: String,
    kind: String,
    event_id: Option<ImageEventId>,
    image_id: Option<ImageId>,
    delivered: bool,
    status: Option<i32>,
    error: Option<String>,
    tries: i32,
    created_at: NaiveDateTime,
    tried_at: NaiveDateTime,
}

impl From<Row> for WebhookDelivery {
    fn from(row: Row) -> Self {
        Self {
            message_id: row.message_id,
            kind: row.kind,
            event_id: row.event_id,
            image_id: row.image_id,
            delivered: row.delivered,
            status: row.status,
            error: row.error,
            tries: row.tries,
            created_at: row.created_at.and_utc(),
            tried_at: row.tried_at.and_utc(),
        }
    }
}

/// Forgets the oldest deliveries of a webhook.
pub(super) const TRIM: &str = "DELETE FROM webhook_deliveries WHERE webhook_id = $1 AND id <= \
    (SELECT id FROM webhook_deliveries WHERE webhook_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)";

/// Records a try in the transaction of `conn`, in which the row of the webhook is locked.
macro_rules! record_try {
    ($conn:ident, $webhook:expr, $attempt:expr, $now:expr) => {{
        let attempt: &Try<'_> = $attempt;
        let last = (
            webhook_deliveries::delivered.eq(attempt.error.is_none()),
            webhook_deliveries::status.eq(attempt.status.map(i32::from)),
            webhook_deliveries::error.eq(attempt.error),
            webhook_deliveries::tried_at.eq($now),
        );
        let first = (
            webhook_deliveries::webhook_id.eq($webhook),
            webhook_deliveries::message_id.eq(attempt.message_id),
            webhook_deliveries::event_id.eq(attempt.event.map(|event| event.id)),
            webhook_deliveries::image_id.eq(attempt.event.map(|event| event.image_id)),
            webhook_deliveries::kind.eq(attempt.kind),
            webhook_deliveries::tries.eq(1),
            webhook_deliveries::created_at.eq($now),
        );
        diesel::insert_into(webhook_deliveries::table)
            .values((first, last))
            .on_conflict((webhook_deliveries::webhook_id, webhook_deliveries::message_id))
            .do_update()
            .set((last, webhook_deliveries::tries.eq(webhook_deliveries::tries + 1)))
            .execute($conn)
            .await?;
        diesel::sql_query($crate::metadata::webhook_deliveries::TRIM)
            .bind::<diesel::sql_types::BigInt, _>($webhook)
            .bind::<diesel::sql_types::BigInt, _>($crate::metadata::webhook_deliveries::DELIVERIES_KEPT)
            .execute($conn)
            .await?;
    }};
}
pub(super) use record_try;

impl MetadataStore {
    /// Records the try of a test, which changes nothing else; `false` if the user has no such webhook any more.
    pub async fn record_webhook_test(
        &self,
        user_id: UserId,
        webhook: WebhookId,
        attempt: &Try<'_>,
    ) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            conn.transaction(async |conn| {
                let theirs = webhooks::table.find(webhook).filter(webhooks::user_id.eq(user_id));
                // This locks the row, so that it is there until the commit.
                let lock = diesel::update(theirs).set(webhooks::claim.eq(webhooks::claim));
                if lock.execute(conn).await? == 0 {
                    return Ok(false);
                }
                record_try!(conn, webhook, attempt, now);
                Ok(true)
            })
            .await
        })
    }

    /// The last deliveries of one of the user's webhooks, the newest message first; `None` if the user has no such
    /// webhook.
    pub async fn webhook_deliveries(
        &self,
        user_id: UserId,
        webhook: WebhookId,
    ) -> Result<Option<Vec<WebhookDelivery>>, MetadataError> {
        on_connection!(self, |conn| {
            let query = webhooks::table
                .left_join(webhook_deliveries::table)
                .filter(webhooks::id.eq(webhook))
                .filter(webhooks::user_id.eq(user_id))
                .order(webhook_deliveries::id.desc())
                .limit(DELIVERIES_KEPT)
                .select(Option::<Row>::as_select());
            let rows: Vec<Option<Row>> = query.load(conn).await?;
            let is_theirs = !rows.is_empty();
            Ok(is_theirs.then(|| rows.into_iter().flatten().map(WebhookDelivery::from).collect()))
        })
    }
}
