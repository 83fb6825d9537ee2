//! The queries of operators over the images of all users. No other module of queries for clients leaves out the user.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};
use diesel_async::RunQueryDsl;

use super::cached::Cached;
use super::claims::delta;
use super::columns::is_in;
use super::operate::waiting_anew;
use super::rows::{self, ImageRow};
use super::schema::images;
use super::service::COUNTED;
use super::turns::HELD;
use super::{Database, MetadataError, MetadataStore, on_connection};
use crate::failure_code::RecordedCode;
use crate::ids::ImageId;
use crate::image::{Image, State};

/// What becomes of the images of all users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageOverview {
    /// How many images there are in each state.
    pub images: ImageCounts,
    /// The time since the acceptance of the oldest image that is neither ready nor failed; `None` if there is none.
    pub oldest_waiting: Option<Duration>,
    /// How many images were accepted longer ago than `grace` whose job the queue has not confirmed, at most 1,000. Those
    /// that are held back do not count.
    pub unqueued: i64,
    /// How many images are held back until it is the turn of their users, at most 1,000.
    pub held: i64,
    /// The codes with which images have failed, those of most images first.
    pub failures: Vec<FailureCount>,
    /// When the images were counted.
    pub at: DateTime<Utc>,
}

/// How many images there are in each state that clients see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageCounts {
    /// Those that wait for a worker.
    pub pending: i64,
    /// Those that a worker has.
    pub processing: i64,
    /// Those whose variants are there.
    pub ready: i64,
    /// Those that have failed.
    pub failed: i64,
}

/// The images that have failed with one code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureCount {
    /// The code.
    pub code: RecordedCode,
    /// How many there are.
    pub images: i64,
    /// The sentence that the last one of them has.
    pub detail: Option<String>,
    /// When the last one of them failed.
    pub last_at: DateTime<Utc>,
}

/// One code and, in every row the same, the numbers of all images. Without any failed image there is one row without a
/// code.
#[derive(QueryableByName)]
struct OverviewRow {
    #[diesel(sql_type = BigInt)]
    total: i64,
    #[diesel(sql_type = BigInt)]
    pending: i64,
    #[diesel(sql_type = BigInt)]
    processing: i64,
    #[diesel(sql_type = Nullable<Timestamp>)]
    oldest: Option<NaiveDateTime>,
    #[diesel(sql_type = BigInt)]
    unqueued: i64,
    #[diesel(sql_type = BigInt)]
    held: i64,
    #[diesel(sql_type = Nullable<Text>)]
    code: Option<RecordedCode>,
    #[diesel(sql_type = Nullable<BigInt>)]
    failed: Option<i64>,
    #[diesel(sql_type = Nullable<Timestamp>)]
    last_at: Option<NaiveDateTime>,
    #[diesel(sql_type = Nullable<Text>)]
    detail: Option<String>,
}

impl MetadataStore {
    /// What becomes of the images of all users, in one statement, so that the numbers fit together. It reads the totals
    /// of users, and of the images that are unfinished or have failed the partial indexes alone. With a million failed
    /// images it takes 0.1 s on PostgreSQL, and 0.4 s before the first vacuum.
    pub async fn overview(&self, grace: Duration) -> Result<ImageOverview, MetadataError> {
        let now = self.naive_now().await?;
        let statement = overview(matches!(self.database, Database::Sqlite { .. }));
        let rows: Vec<OverviewRow> = on_connection!(self, |conn| {
            let asked = diesel::sql_query(statement).bind::<Timestamp, _>(now - delta(grace));
            Cached(asked).get_results(conn).await
        })?;
        let failed: i64 = rows.iter().filter_map(|row| row.failed).sum();
        let Some(numbers) = rows.as_slice().first() else {
            let cause = "there is no row of numbers".into();
            return Err(MetadataError::Defect { statement: "overview", cause });
        };
        let OverviewRow { total, pending, processing, oldest, unqueued, held, .. } = *numbers;
        // While a user is being deleted, the totals may be ahead of the images for a moment.
        let ready = (total - pending - processing - failed).max(0);
        let waited = |accepted: NaiveDateTime| (now - accepted).to_std().unwrap_or_default();
        Ok(ImageOverview {
            images: ImageCounts { pending, processing, ready, failed },
            oldest_waiting: oldest.map(waited),
            unqueued,
            held,
            failures: rows.into_iter().filter_map(failure).collect(),
            at: now.and_utc(),
        })
    }

    /// Lets failed images with this code wait for a worker again, with all their attempts: at most `limit` of those that
    /// failed before `before`, the longest ago first. Returns them, without those that another retry was quicker to take;
    /// `None` if there is none left.
    pub async fn retry_failed(
        &self,
        code: &RecordedCode,
        before: DateTime<Utc>,
        limit: i64,
    ) -> Result<Option<Vec<Image>>, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let some = images::table
                .filter(is_in(State::Failed))
                .filter(images::error_code.eq(code))
                .filter(images::updated_at.lt(before.naive_utc()))
                .order(images::updated_at)
                .limit(limit)
                .select(images::id);
            let some: Vec<ImageId> = some.load(conn).await?;
            if some.is_empty() {
                return Ok(None);
            }
            // The conditions are there twice, so that an image that was retried meanwhile is not retried once more.
            let still = images::table
                .filter(images::id.eq_any(some))
                .filter(is_in(State::Failed))
                .filter(images::error_code.eq(code))
                .filter(images::updated_at.lt(before.naive_utc()));
            let retry = diesel::update(still).set(waiting_anew!(now)).returning(ImageRow::as_returning());
            Ok(Some(rows::images(retry.get_results(conn).await?)))
        })
        .inspect(|_| self.image_event_is_written())
    }

    /// How many images have failed with this code.
    pub async fn count_failed(&self, code: &RecordedCode) -> Result<i64, MetadataError> {
        on_connection!(self, |conn| {
            let failed = images::table.filter(is_in(State::Failed)).filter(images::error_code.eq(code));
            failed.count().get_result(conn).await
        })
    }
}

fn failure(row: OverviewRow) -> Option<FailureCount> {
    Some(FailureCount {
        code: row.code?,
        images: row.failed?,
        detail: row.detail,
        last_at: row.last_at?.and_utc(),
    })
}

/// The statement of the overview. Its parameter is the time before which an image had to be queued. The images that wait
/// are counted in two parts, since each part has a partial index.
fn overview(sqlite: bool) -> String {
    let statement = format!(
        "SELECT numbers.*, codes.*, \
         (SELECT error_detail FROM images WHERE state = 'failed' AND error_code = codes.code \
          AND updated_at = codes.last_at ORDER BY id DESC LIMIT 1) AS detail \
         FROM (SELECT \
         (SELECT CAST(COALESCE(SUM(images), 0) AS BIGINT) FROM user_totals) AS total, \
         (SELECT count(*) FROM images WHERE state = 'pending' AND queued_at IS NULL) \
         + (SELECT count(*) FROM images WHERE state = 'pending' AND queued_at IS NOT NULL) AS pending, \
         (SELECT count(*) FROM images WHERE state = 'processing') AS processing, \
         (SELECT min(accepted_at) FROM images WHERE state IN ('pending', 'processing')) AS oldest, \
         (SELECT count(*) FROM (SELECT 1 FROM images WHERE state = 'pending' AND queued_at IS NULL \
          AND NOT held AND accepted_at <= $1 LIMIT {COUNTED}) AS counted) AS unqueued, \
         (SELECT count(*) FROM (SELECT 1 FROM images WHERE {HELD} LIMIT {COUNTED}) AS waiting) AS held) AS numbers \
         LEFT JOIN (SELECT error_code AS code, count(*) AS failed, max(updated_at) AS last_at FROM images \
         WHERE state = 'failed' GROUP BY error_code) AS codes ON TRUE \
         ORDER BY codes.failed DESC, codes.code"
    );
    // In SQLite, `$1` is a name, and `?1` a number.
    if sqlite { statement.replace('$', "?") } else { statement }
}
