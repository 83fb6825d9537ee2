//! The queries of whoever delivers the events of webhooks: one claims a webhook, delivers its events in their order, and
//! gives the claim up. The number in `claim` is the fence: each write names it, so one that comes late changes nothing.
//!
//! `due_at` becomes NULL only where the same row shows that `newest` is reached. Whoever numbers events changes both in
//! this row, so no event is overlooked.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::{case_when, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text, Timestamp};
use diesel_async::{AsyncConnection, RunQueryDsl};

use super::cached::Cached;
use super::claims::delta;
use super::schema::{webhook_deliveries, webhooks};
use super::webhook_deliveries::{Try, record_try};
use super::webhooks::{AddressRow, WebhookAddress};
use super::{Database, MetadataError, MetadataStore, on_connection};
use crate::ids::{Claim, ImageEventId, UserId};

/// A webhook whose events nobody else delivers until the lease is over. It is never printed.
#[derive(Clone)]
pub struct ClaimedWebhook {
    /// Where to send its messages.
    pub address: WebhookAddress,
    /// The number of the claim.
    pub claim: Claim,
    /// The last event that is done with.
    pub position: ImageEventId,
    /// No later event is known that may concern the user.
    pub newest: ImageEventId,
    /// How often the next event was tried in vain, or those before it that are gone.
    pub tries: i32,
    /// When the first of these tries was.
    pub failing_since: Option<DateTime<Utc>>,
}

/// What follows a try to deliver an event.
#[derive(Debug, Clone, Copy)]
pub enum AfterTry<'a> {
    /// The event is delivered, and the next one follows within this lease.
    GoOn(Duration),
    /// The event is tried again after a pause.
    TryAgain(Duration),
    /// Nothing is delivered any more, for this reason.
    Disable(&'a str),
}

#[derive(Queryable, QueryableByName, Selectable)]
#[diesel(table_name = webhooks)]
struct Row {
    #[diesel(embed)]
    address: AddressRow,
    claim: Claim,
    position: ImageEventId,
    newest: ImageEventId,
    tries: i32,
    failing_since: Option<NaiveDateTime>,
}

impl Row {
    fn at(self, now: NaiveDateTime) -> ClaimedWebhook {
        ClaimedWebhook {
            address: self.address.at(now),
            claim: self.claim,
            position: self.position,
            newest: self.newest,
            tries: self.tries,
            failing_since: self.failing_since.map(|time| time.and_utc()),
        }
    }
}

/// The statement that claims a webhook. SQLite numbers parameters by where they first appear, so `$1` comes first here,
/// then `$2` and `$3`.
macro_rules! claim_sql {
    ($others:literal, $lock:literal) => {
        concat!(
            "UPDATE webhooks SET claim = claim + 1, lease_until = $1 WHERE id = (",
            "SELECT id FROM webhooks WHERE due_at <= $2 AND disabled_at IS NULL ",
            "AND (lease_until IS NULL OR lease_until <= $2) AND user_id NOT IN (",
            $others,
            ") AND EXISTS (SELECT 1 FROM users WHERE users.id = webhooks.user_id AND users.active) ",
            "ORDER BY due_at LIMIT 1",
            $lock,
            ") RETURNING *"
        )
    };
}
/// Those who claim at the same time do not wait for each other.
const CLAIM_ON_POSTGRES: &str = claim_sql!(
    "SELECT CAST(jsonb_array_elements_text(CAST($3 AS JSONB)) AS BIGINT)",
    " FOR UPDATE SKIP LOCKED"
);
const CLAIM_ON_SQLITE: &str = claim_sql!("SELECT value FROM json_each($3)", "");

const NO_LEASE: Option<NaiveDateTime> = None;

/// Selects the row of a webhook, but only as long as the claim still holds it.
macro_rules! fenced {
    ($webhook:expr) => {
        webhooks::table
            .find($webhook.address.webhook)
            .filter(webhooks::claim.eq($webhook.claim))
            .filter(webhooks::lease_until.is_not_null())
    };
}

/// The condition in RETURNING that the user of the webhook may use the service.
fn user_is_active() -> diesel::expression::SqlLiteral<Bool> {
    sql("EXISTS (SELECT 1 FROM users WHERE users.id = webhooks.user_id AND users.active)")
}

impl MetadataStore {
    /// Claims the webhook that has been due for the longest time, except for those of some users. Webhooks of users who
    /// are disabled or deleted are left alone.
    pub async fn claim_webhook(
        &self,
        lease: Duration,
        except: &[UserId],
    ) -> Result<Option<ClaimedWebhook>, MetadataError> {
        let now = self.naive_now().await?;
        let statement = match &self.database {
            Database::Postgres { .. } => CLAIM_ON_POSTGRES,
            Database::Sqlite { .. } => CLAIM_ON_SQLITE,
        };
        let ids: Vec<i64> = except.iter().map(|user| user.get()).collect();
        on_connection!(self, |conn| {
            let claim = diesel::sql_query(statement)
                .bind::<Timestamp, _>(now + delta(lease))
                .bind::<Timestamp, _>(now)
                // A list of numbers is printed as JSON has it.
                .bind::<Text, _>(format!("{ids:?}"));
            Ok(Cached(claim).get_result::<Row>(conn).await.optional()?.map(|row| row.at(now)))
        })
    }

    /// Records a try to deliver an event, and what follows it. Returns the webhook as it is now, if the claim still holds
    /// it and the next event may be delivered: not if it was deleted, if its user has lost access, or unless it goes on.
    pub async fn webhook_tried(
        &self,
        webhook: &ClaimedWebhook,
        event: ImageEventId,
        attempt: &Try<'_>,
        then: AfterTry<'_>,
    ) -> Result<Option<ClaimedWebhook>, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            conn.transaction(async |conn| {
                let (pause, disabled) = match then {
                    AfterTry::GoOn(lease) => {
                        let due = case_when(webhooks::newest.gt(event), webhooks::due_at);
                        let go_on = diesel::update(fenced!(webhook)).set((
                            webhooks::position.eq(event),
                            webhooks::due_at.eq(due),
                            webhooks::tries.eq(0),
                            webhooks::failing_since.eq(None::<NaiveDateTime>),
                            webhooks::lease_until.eq(now + delta(lease)),
                        ));
                        let go_on = go_on.returning((Row::as_returning(), user_is_active()));
                        let held: Option<(Row, bool)> = go_on.get_result(conn).await.optional()?;
                        let Some((row, user_is_active)) = held else { return Ok(None) };
                        record_try!(conn, webhook.address.webhook, attempt, now);
                        return Ok(user_is_active.then(|| row.at(now)));
                    }
                    AfterTry::TryAgain(pause) => (pause, None),
                    AfterTry::Disable(reason) => (Duration::ZERO, Some(reason)),
                };
                let failing_since = sql::<Nullable<Timestamp>>("COALESCE(failing_since, ");
                let give_up = diesel::update(fenced!(webhook)).set((
                    webhooks::due_at.eq(now + delta(pause)),
                    webhooks::tries.eq(webhooks::tries + 1),
                    webhooks::failing_since.eq(failing_since.bind::<Timestamp, _>(now).sql(")")),
                    webhooks::disabled_at.eq(disabled.map(|_| now)),
                    webhooks::disabled_reason.eq(disabled),
                    webhooks::lease_until.eq(NO_LEASE),
                ));
                if give_up.execute(conn).await? == 1 {
                    record_try!(conn, webhook.address.webhook, attempt, now);
                }
                Ok(None)
            })
            .await
        })
    }

    /// Gives up a claim after all events up to `position` are done with. If there are later ones, the webhook is due
    /// again behind those that wait already.
    pub async fn release_webhook(
        &self,
        webhook: &ClaimedWebhook,
        position: ImageEventId,
    ) -> Result<(), MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let due = case_when(webhooks::newest.gt(position), Some(now).into_sql::<Nullable<Timestamp>>());
            let release = diesel::update(fenced!(webhook)).set((
                webhooks::position.eq(position),
                webhooks::due_at.eq(due),
                webhooks::lease_until.eq(NO_LEASE),
            ));
            release.execute(conn).await?;
            Ok(())
        })
    }
}
