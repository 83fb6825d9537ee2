//! The events of images. A trigger writes each into an outbox, in the transaction that changes the image. From there
//! it is moved to the events that can be read, by one process at a time, and so it gets an id after all events that
//! are committed before it. See docs/adr/0019.

use std::time::Duration;

use chrono::NaiveDateTime;
use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamp};
use diesel_async::{AsyncConnection, RunQueryDsl};
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::cached::Cached;
use super::claims::delta;
use super::schema::{image_event_ids, image_event_outbox, image_events};
use super::{Database, MetadataError, MetadataStore, on_connection};
use crate::failure_code::RecordedCode;
use crate::ids::{ImageEventId, ImageId, UserId};
use crate::image_event::{ImageEvent, ImageEventKind};

/// Which events can be read: those after `purged`, up to `newest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable)]
pub struct ImageEventRange {
    /// The id of the last event that was removed, or 0.
    pub purged: ImageEventId,
    /// The id of the last event, or 0.
    pub newest: ImageEventId,
}

/// What those wait for who pass events on within this process.
#[derive(Debug, Default)]
pub(super) struct ImageEventSignals {
    /// There is something in the outbox.
    written: Notify,
    /// There is something to read.
    numbered: Notify,
}

/// Calls the function of the database that numbers events on Postgres; see the migration `turns`. The statements below do the
/// same on SQLite.
const NUMBER_ON_POSTGRES: &str = "SELECT * FROM number_image_events($1, $2)";
const COPY_ON_SQLITE: &str = "INSERT INTO image_events (id, user_id, image_id, kind, code, at) \
    SELECT $1 + ROW_NUMBER() OVER (ORDER BY id), user_id, image_id, kind, code, at FROM image_event_outbox \
    ORDER BY id LIMIT $2 RETURNING *";
const REMOVE_ON_SQLITE: &str = "DELETE FROM image_event_outbox WHERE id IN \
    (SELECT id FROM image_event_outbox ORDER BY id LIMIT $1)";

/// Makes the webhooks of the users concerned due. Both columns are in one row, so whoever finds nothing to deliver cannot
/// miss this.
const WAKE_ON_SQLITE: &str = "UPDATE webhooks SET newest = $1, due_at = COALESCE(due_at, $2) \
    WHERE user_id IN (SELECT user_id FROM image_events WHERE id > $3 AND id <= $1)";

#[derive(Debug, QueryableByName, Queryable, Selectable)]
#[diesel(table_name = image_events)]
struct Row {
    id: ImageEventId,
    user_id: UserId,
    image_id: ImageId,
    kind: ImageEventKind,
    code: Option<RecordedCode>,
    at: NaiveDateTime,
}

impl From<Row> for ImageEvent {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            user_id: row.user_id,
            image_id: row.image_id,
            kind: row.kind,
            code: row.code,
            at: row.at.and_utc(),
        }
    }
}

fn events(rows: Vec<Row>) -> Vec<ImageEvent> {
    rows.into_iter().map(ImageEvent::from).collect()
}

impl MetadataStore {
    /// Makes events of the outbox readable, at most `limit` of them, and returns them in their order.
    pub async fn number_image_events(&self, limit: i64) -> Result<Vec<ImageEvent>, MetadataError> {
        let now = self.naive_now().await?;
        let mut moved: Vec<Row> = on_connection!(self, |conn| {
            if let Database::Postgres { .. } = &self.database {
                let number = diesel::sql_query(NUMBER_ON_POSTGRES).bind::<BigInt, _>(limit);
                return Cached(number.bind::<Timestamp, _>(now)).load(conn).await;
            }
            let any = diesel::select(exists(image_event_outbox::table.select(image_event_outbox::id)));
            if !any.get_result::<bool>(conn).await? {
                return Ok(Vec::new());
            }
            conn.transaction(async |conn| {
                // The lock, until the commit, is what gives the ids their order.
                let lock = diesel::update(image_event_ids::table)
                    .set(image_event_ids::newest.eq(image_event_ids::newest))
                    .returning(image_event_ids::newest);
                let before: ImageEventId = Cached(lock).get_result(conn).await?;
                let copy = diesel::sql_query(COPY_ON_SQLITE).bind::<BigInt, _>(before);
                let moved: Vec<Row> = Cached(copy.bind::<BigInt, _>(limit)).load(conn).await?;
                let remove = diesel::sql_query(REMOVE_ON_SQLITE).bind::<BigInt, _>(limit);
                Cached(remove).execute(conn).await?;
                let Some(newest) = moved.iter().map(|event| event.id).max() else { return Ok(moved) };
                let count = diesel::update(image_event_ids::table).set(image_event_ids::newest.eq(newest));
                Cached(count).execute(conn).await?;
                let wake = diesel::sql_query(WAKE_ON_SQLITE)
                    .bind::<BigInt, _>(newest)
                    .bind::<Timestamp, _>(now)
                    .bind::<BigInt, _>(before);
                Cached(wake).execute(conn).await?;
                Ok(moved)
            })
            .await
        })?;
        if !moved.is_empty() {
            moved.sort_unstable_by_key(|event| event.id);
            self.image_events_are_numbered();
        }
        Ok(events(moved))
    }

    /// The ids between which events can be read now.
    pub async fn image_event_range(&self) -> Result<ImageEventRange, MetadataError> {
        on_connection!(self, |conn| {
            image_event_ids::table
                .select((image_event_ids::purged, image_event_ids::newest))
                .first(conn)
                .await
        })
    }

    /// The events of all users after `after`, at most `limit` of them, in the order of their ids.
    pub async fn image_events(
        &self,
        after: ImageEventId,
        limit: i64,
    ) -> Result<Vec<ImageEvent>, MetadataError> {
        on_connection!(self, |conn| {
            let query = image_events::table
                .filter(image_events::id.gt(after))
                .order(image_events::id)
                .limit(limit)
                .select(Row::as_select());
            Ok(events(query.load(conn).await?))
        })
    }

    /// The events of one user after `after` and up to `through`, at most `limit` of them, in the order of their ids.
    pub async fn image_events_of(
        &self,
        user: UserId,
        after: ImageEventId,
        through: ImageEventId,
        limit: i64,
    ) -> Result<Vec<ImageEvent>, MetadataError> {
        on_connection!(self, |conn| {
            let query = image_events::table
                .filter(image_events::user_id.eq(user))
                .filter(image_events::id.gt(after))
                .filter(image_events::id.le(through))
                .order(image_events::id)
                .limit(limit)
                .select(Row::as_select());
            Ok(events(query.load(conn).await?))
        })
    }

    /// Removes events that are older than `age`, the oldest first and at most `limit` of them. Returns how many there
    /// were. Only the first ones are looked at, so that it costs the same however many there are.
    pub async fn purge_image_events(&self, age: Duration, limit: i64) -> Result<usize, MetadataError> {
        let before = self.naive_now().await? - delta(age);
        on_connection!(self, |conn| {
            let purged = image_event_ids::table.select(image_event_ids::purged).single_value();
            let oldest = image_events::table
                .filter(image_events::id.nullable().gt(purged))
                .order(image_events::id)
                .select(image_events::at);
            let oldest: Option<NaiveDateTime> = oldest.first(conn).await.optional()?;
            if oldest.is_none_or(|at| at >= before) {
                return Ok(0);
            }
            conn.transaction(async |conn| {
                let purged = diesel::update(image_event_ids::table)
                    .set(image_event_ids::purged.eq(image_event_ids::purged))
                    .returning(image_event_ids::purged);
                let purged: ImageEventId = purged.get_result(conn).await?;
                let first: Vec<(ImageEventId, NaiveDateTime)> = image_events::table
                    .filter(image_events::id.gt(purged))
                    .order(image_events::id)
                    .limit(limit)
                    .select((image_events::id, image_events::at))
                    .load(conn)
                    .await?;
                let old = first.into_iter().take_while(|(_, at)| *at < before);
                let Some((last, _)) = old.last() else { return Ok(0) };
                diesel::update(image_event_ids::table)
                    .set(image_event_ids::purged.eq(last))
                    .execute(conn)
                    .await?;
                let old =
                    image_events::table.filter(image_events::id.gt(purged)).filter(image_events::id.le(last));
                diesel::delete(old).execute(conn).await
            })
            .await
        })
    }

    /// Tells this process that there may be something in the outbox.
    pub(super) fn image_event_is_written(&self) {
        self.image_events.written.notify_one();
    }

    /// Completes when this process has written something into the outbox. One of those who wait is woken.
    pub async fn image_event_written(&self) {
        self.image_events.written.notified().await;
    }

    /// Tells this process that there may be new events to read.
    pub fn image_events_are_numbered(&self) {
        self.image_events.numbered.notify_waiters();
    }

    /// Completes when there may be new events to read. It is woken only by what this process hears of, from the time
    /// when it is first polled.
    pub fn image_events_numbered(&self) -> Notified<'_> {
        self.image_events.numbered.notified()
    }
}
