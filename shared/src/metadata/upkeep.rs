//! The queries of upkeep: which jobs to publish, which claims to end, and what to purge. Every query has its own
//! partial index of unfinished rows.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::cached::Cached;
use super::claims::delta;
use super::columns::is_in;
use super::rows::{self, ImageRow};
use super::schema::images;
use super::{MetadataError, MetadataStore, on_connection};
use crate::failure_code::FailureCode;
use crate::ids::{Claim, ImageId};
use crate::image::{Image, State};

/// A job that was queued and that no worker has claimed for longer than a lease.
#[derive(Debug)]
pub struct OverdueJob {
    /// The image.
    pub image: Image,
    /// When the job should have been ready in the queue.
    pub due_at: DateTime<Utc>,
    /// How often the job was published.
    pub publishes: i32,
}

const NEVER: Option<NaiveDateTime> = None;

/// The condition that no replica's upkeep has reserved the row.
macro_rules! unreserved {
    ($now:expr) => {
        images::reserved_until.is_null().or(images::reserved_until.le($now))
    };
}

/// The accepted images whose job the queue has not confirmed, oldest first and at most `limit` of them.
macro_rules! unqueued {
    ($now:expr, $grace:expr, $limit:expr) => {
        images::table
            .filter(images::state.eq(State::Pending))
            .filter(images::queued_at.is_null())
            .filter(images::held.eq(false))
            .filter(images::accepted_at.le($now - delta($grace)))
            .filter(unreserved!($now))
            .order(images::accepted_at)
            .limit($limit)
    };
}

impl MetadataStore {
    /// Reserves images for the upkeep of this replica, and returns those of `images` that no other replica has reserved
    /// first. The lists below do not name a reserved image until `hold` has passed or the reservation is given up.
    pub async fn reserve(&self, images: Vec<Image>, hold: Duration) -> Result<Vec<Image>, MetadataError> {
        if images.is_empty() {
            return Ok(images);
        }
        let now = self.naive_now().await?;
        let ours: Vec<ImageId> = on_connection!(self, |conn| {
            let named = images::table.filter(images::id.eq_any(images.iter().map(|image| image.id)));
            let free = named.filter(unreserved!(now));
            let reserve = diesel::update(free).set(images::reserved_until.eq(now + delta(hold)));
            reserve.returning(images::id).get_results(conn).await
        })?;
        let ours: HashSet<ImageId> = ours.into_iter().collect();
        Ok(images.into_iter().filter(|image| ours.contains(&image.id)).collect())
    }

    /// Gives up the reservation of images whose work could not be done, so that any replica can do it.
    pub async fn unreserve(&self, ids: &[ImageId]) -> Result<(), MetadataError> {
        on_connection!(self, |conn| {
            let reserved = images::table.filter(images::id.eq_any(ids));
            diesel::update(reserved).set(images::reserved_until.eq(NEVER)).execute(conn).await?;
            Ok(())
        })
    }

    /// Sets the clock forward at least to the latest change of an unfinished row. If this host's clock was set back,
    /// such a row would otherwise not be due until the clock has caught up.
    pub(super) async fn catch_up(&self) -> Result<(), MetadataError> {
        let latest: Option<NaiveDateTime> = on_connection!(self, |conn| {
            let unfinished = [State::Receiving, State::Pending, State::Processing, State::Deleted];
            let query = images::table.filter(images::state.eq_any(unfinished));
            query.select(max(images::updated_at)).get_result(conn).await
        })?;
        self.clock.advance_to(latest.map_or(DateTime::UNIX_EPOCH, |time| time.and_utc()));
        Ok(())
    }

    /// The accepted images whose job the queue has not confirmed, oldest first. Images that were accepted within
    /// `grace` are left out, since their requests publish them directly, and so are those that are held back.
    pub async fn unqueued(&self, grace: Duration, limit: i64) -> Result<Vec<Image>, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let query = unqueued!(now, grace, limit).select(ImageRow::as_select());
            Ok(rows::images(query.load(conn).await?))
        })
    }

    /// Holds back the jobs of images that [`unqueued`](Self::unqueued) lists, at most `limit` of them. Returns how many there
    /// were.
    pub async fn hold_unqueued(&self, grace: Duration, limit: i64) -> Result<usize, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let some: Vec<ImageId> = unqueued!(now, grace, limit).select(images::id).load(conn).await?;
            if some.is_empty() {
                return Ok(0);
            }
            let still = images::table
                .filter(images::id.eq_any(some))
                .filter(is_in(State::Pending))
                .filter(images::queued_at.is_null())
                .filter(unreserved!(now));
            diesel::update(still)
                .set((images::held.eq(true), images::reserved_until.eq(NEVER)))
                .execute(conn)
                .await
        })
    }

    /// Records that the queue has confirmed the jobs of these images.
    pub async fn mark_queued(&self, images: &[Image]) -> Result<(), MetadataError> {
        let now = self.naive_now().await?;
        // The claim is compared since a worker may have claimed an image already, and released it to a retry queue. Nearly
        // always all of them have the same, since nobody has claimed them yet.
        let mut by_claim: HashMap<Claim, Vec<ImageId>> = HashMap::new();
        for image in images {
            by_claim.entry(image.claim).or_default().push(image.id);
        }
        for (claim, ids) in by_claim {
            on_connection!(self, |conn| {
                let waiting = images::table.filter(images::id.eq_any(&ids)).filter(is_in(State::Pending));
                let mark = diesel::update(waiting.filter(images::claim.eq(claim))).set((
                    images::queued_at.eq(now),
                    images::due_at.eq(now),
                    images::publishes.eq(images::publishes + 1),
                    images::held.eq(false),
                    images::reserved_until.eq(NEVER),
                ));
                Cached(mark).execute(conn).await
            })?;
        }
        Ok(())
    }

    /// Marks every job that was queued at `time` or before to be published again, because the queue was lost. Returns
    /// how many there are.
    pub async fn unmark_queued_before(&self, time: DateTime<Utc>) -> Result<usize, MetadataError> {
        on_connection!(self, |conn| {
            let queued = images::table
                .filter(images::state.eq(State::Pending))
                .filter(images::queued_at.le(time.naive_utc()));
            diesel::update(queued).set(images::queued_at.eq(NEVER)).execute(conn).await
        })
    }

    /// How many queued jobs were due longer than `lease` ago and are not claimed.
    pub async fn count_overdue(&self, lease: Duration) -> Result<i64, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let query = images::table
                .filter(images::state.eq(State::Pending))
                .filter(images::queued_at.is_not_null())
                .filter(images::due_at.le(now - delta(lease)))
                .filter(unreserved!(now));
            query.count().get_result(conn).await
        })
    }

    /// The queued jobs that were due longer than `lease` ago and are not claimed. Those that were published least often
    /// come first.
    pub async fn overdue(&self, lease: Duration, limit: i64) -> Result<Vec<OverdueJob>, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let query = images::table
                .filter(images::state.eq(State::Pending))
                .filter(images::queued_at.is_not_null())
                .filter(images::due_at.le(now - delta(lease)))
                .filter(unreserved!(now))
                .order((images::publishes, images::due_at))
                .limit(limit)
                .select((ImageRow::as_select(), images::due_at.assume_not_null(), images::publishes));
            let rows: Vec<(ImageRow, NaiveDateTime, i32)> = query.load(conn).await?;
            let overdue = rows.into_iter().map(|(row, due_at, publishes)| OverdueJob {
                image: row.into(),
                due_at: due_at.and_utc(),
                publishes,
            });
            Ok(overdue.collect())
        })
    }

    /// Ends the claims whose lease has run out. Their images are pending again, to be published again; those with no
    /// attempt left fail with `code` and `detail`. Returns how many are pending again and how many failed.
    pub async fn expire_claims(
        &self,
        attempts: i32,
        code: FailureCode,
        detail: &str,
    ) -> Result<(usize, usize), MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let expired = || {
                images::table.filter(images::state.eq(State::Processing)).filter(images::lease_until.le(now))
            };
            let again = diesel::update(expired().filter(images::attempts.lt(attempts)))
                // The lease stays, so that the claim can still be released; see `release`.
                .set((
                    images::state.eq(State::Pending),
                    images::queued_at.eq(NEVER),
                    images::reserved_until.eq(NEVER),
                ))
                .execute(conn)
                .await?;
            let failed = diesel::update(expired().filter(images::attempts.ge(attempts)))
                .set((
                    images::state.eq(State::Failed),
                    images::error_code.eq(code),
                    images::error_detail.eq(detail),
                    images::finished_at.eq(now),
                    images::lease_until.eq(NEVER),
                    images::updated_at.eq(now),
                ))
                .execute(conn)
                .await?;
            Ok((again, failed))
        })
        .inspect(|_| self.image_event_is_written())
    }

    /// Turns uploads into tombstones that were never accepted and whose requests cannot be running any more. Returns
    /// how many there are.
    pub async fn abandon(&self, deadline: Duration) -> Result<usize, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let late = images::table
                .filter(images::state.eq(State::Receiving))
                .filter(images::created_at.le(now - delta(deadline)));
            diesel::update(late).set(images::state.eq(State::Deleted)).execute(conn).await
        })
    }

    /// The images whose variants of earlier generations may be removed.
    pub async fn outdated(&self, limit: i64) -> Result<Vec<Image>, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let query = images::table
                .filter(images::state.eq(State::Ready))
                .filter(images::purge_after.is_not_null())
                .filter(images::purge_after.le(now))
                .filter(unreserved!(now))
                .limit(limit)
                .select(ImageRow::as_select());
            Ok(rows::images(query.load(conn).await?))
        })
    }

    /// Records that the variants of earlier generations were removed.
    pub async fn mark_up_to_date(&self, image: &Image) -> Result<(), MetadataError> {
        on_connection!(self, |conn| {
            let ready = images::table
                .find(image.id)
                .filter(images::state.eq(State::Ready))
                .filter(images::generation.eq(image.generation));
            let done = (images::purge_after.eq(NEVER), images::reserved_until.eq(NEVER));
            diesel::update(ready).set(done).execute(conn).await?;
            Ok(())
        })
    }

    /// The tombstones whose objects have to be removed for the first time.
    pub async fn to_purge(&self, limit: i64) -> Result<Vec<Image>, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let query = images::table
                .filter(images::state.eq(State::Deleted))
                .filter(images::purge_after.is_null())
                .filter(unreserved!(now))
                .limit(limit)
                .select(ImageRow::as_select());
            Ok(rows::images(query.load(conn).await?))
        })
    }

    /// The tombstones whose objects have to be removed a second time, since a late put may have come after the first
    /// time.
    pub async fn to_purge_again(&self, limit: i64) -> Result<Vec<Image>, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let query = images::table
                .filter(images::state.eq(State::Deleted))
                .filter(images::purge_after.le(now))
                .filter(unreserved!(now))
                .limit(limit)
                .select(ImageRow::as_select());
            Ok(rows::images(query.load(conn).await?))
        })
    }

    /// Records that the objects of a tombstone were removed. After `wait`, when no put can be running any more, they
    /// are removed once again.
    pub async fn mark_purged(&self, id: ImageId, wait: Duration) -> Result<(), MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let tombstone = images::table.find(id).filter(images::state.eq(State::Deleted));
            let purged = (images::purge_after.eq(now + delta(wait)), images::reserved_until.eq(NEVER));
            diesel::update(tombstone).set(purged).execute(conn).await?;
            Ok(())
        })
    }

    /// Removes the row of a tombstone.
    pub async fn remove_row(&self, id: ImageId) -> Result<(), MetadataError> {
        on_connection!(self, |conn| {
            let tombstone = images::table.find(id).filter(images::state.eq(State::Deleted));
            diesel::delete(tombstone).execute(conn).await?;
            Ok(())
        })
    }
}
