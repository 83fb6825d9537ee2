//! The queries of a worker: it claims an image, renews the lease, and finishes or releases the image. The number in
//! `claim` is the fence: each write names it, so a late worker changes nothing.

use std::time::Duration;

use chrono::TimeDelta;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::cached::Cached;
use super::rows::{ImageRow, Sizes};
use super::schema::images;
use super::{MetadataError, MetadataStore, on_connection};
use crate::failure_code::FailureCode;
use crate::ids::{Generation, ImageId, UserId};
use crate::image::{Image, State};
use crate::variant::StoredVariants;

/// The answer to a worker that tries to claim an image.
#[derive(Debug)]
pub enum ClaimOutcome {
    /// The worker holds the image until its lease runs out.
    Claimed(Box<Image>),
    /// Another worker holds the image, or it is about to be free again.
    Busy,
    /// There is nothing to do: the image is finished or deleted, has another generation, or does not exist.
    Over,
}

/// The reason for which a worker gives up a claim without a result, and how long the job then waits in a retry queue.
#[derive(Debug, Clone, Copy)]
pub enum Release {
    /// The worker shuts down. The attempt does not count, and the job goes to the front of the queue or is published
    /// anew.
    Now,
    /// A backend is away. The attempt does not count.
    After(Duration),
    /// The object store does not have the original. The attempt does not count, and the row keeps when this was first
    /// seen.
    OriginalMissing(Duration),
    /// The service is at fault. The attempt counts, so that the tries come to an end.
    Defect(Duration),
}

impl Release {
    /// How long the job waits.
    pub fn delay(self) -> Duration {
        match self {
            Self::Now => Duration::ZERO,
            Self::After(delay) | Self::OriginalMissing(delay) | Self::Defect(delay) => delay,
        }
    }

    fn attempts_given_back(self) -> i32 {
        match self {
            Self::Now | Self::After(_) | Self::OriginalMissing(_) => 1,
            Self::Defect(_) => 0,
        }
    }
}

/// Selects the image's row, but only as long as the claim that the image names still holds it.
macro_rules! fenced {
    ($image:expr) => {
        images::table
            .find($image.id)
            .filter(images::state.eq(State::Processing))
            .filter(images::claim.eq($image.claim))
    };
}

impl MetadataStore {
    /// Claims an image for rendering and counts an attempt. The claim is committed before any decoding begins.
    pub async fn claim(
        &self,
        id: ImageId,
        user_id: UserId,
        generation: Generation,
        lease: Duration,
    ) -> Result<ClaimOutcome, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let job = || {
                images::table
                    .find(id)
                    .filter(images::user_id.eq(user_id))
                    .filter(images::generation.eq(generation))
            };
            let free = images::state.eq(State::Pending);
            let taken = diesel::update(job().filter(free))
                .set((
                    images::state.eq(State::Processing),
                    images::claim.eq(images::claim + 1),
                    images::attempts.eq(images::attempts + 1),
                    images::lease_until.eq(now + delta(lease)),
                ))
                .returning(ImageRow::as_returning());
            if let Some(row) = Cached(taken).get_result(conn).await.optional()? {
                return Ok(ClaimOutcome::Claimed(Box::new(row.into())));
            }
            let state = job().select(images::state).first::<State>(conn).await.optional()?;
            // Only upkeep ends a lease that has run out, since it decides whether attempts are left.
            let busy = matches!(state, Some(State::Processing | State::Pending));
            Ok(if busy { ClaimOutcome::Busy } else { ClaimOutcome::Over })
        })
    }

    /// Renews the lease of a claim; `false` if the claim is lost.
    pub async fn renew(&self, image: &Image, lease: Duration) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let renew = diesel::update(fenced!(image)).set(images::lease_until.eq(now + delta(lease)));
            Ok(Cached(renew).execute(conn).await? == 1)
        })
    }

    /// The newest ready image other than `besides`. Its variants are certainly in the object store, unless it is
    /// deleted meanwhile. A worker that misses an object reads one of them to see whether the store works.
    pub async fn known_image(&self, besides: ImageId) -> Result<Option<Image>, MetadataError> {
        on_connection!(self, |conn| {
            let query = images::table
                .filter(images::state.eq(State::Ready))
                .filter(images::id.ne(besides))
                .order(images::id.desc())
                .select(ImageRow::as_select());
            Ok(query.first(conn).await.optional()?.map(Image::from))
        })
    }

    /// Makes both variants visible in one step, after they were stored; `false` if the claim is lost. Upkeep may remove
    /// the variants of earlier generations after `keep_old`, when every URL that clients have for them has expired.
    pub async fn finish_ready(
        &self,
        image: &Image,
        variants: StoredVariants,
        keep_old: Duration,
    ) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let outdated = (image.generation > Generation::FIRST).then(|| now + delta(keep_old));
            let finish = diesel::update(fenced!(image)).set((
                images::state.eq(State::Ready),
                images::visible_generation.eq(image.generation),
                Sizes::from(Some(variants)),
                images::purge_after.eq(outdated),
                images::finished_at.eq(now),
                images::lease_until.eq(None::<chrono::NaiveDateTime>),
                images::updated_at.eq(now),
            ));
            Ok(Cached(finish).execute(conn).await? == 1)
        })
        .inspect(|_| self.has_changed(image.id))
    }

    /// Marks the image as failed, with the reason; `false` if the claim is lost.
    pub async fn finish_failed(
        &self,
        image: &Image,
        code: FailureCode,
        detail: &str,
    ) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let finish = diesel::update(fenced!(image)).set((
                images::state.eq(State::Failed),
                images::error_code.eq(code),
                images::error_detail.eq(detail),
                images::finished_at.eq(now),
                images::lease_until.eq(None::<chrono::NaiveDateTime>),
                images::updated_at.eq(now),
            ));
            Ok(Cached(finish).execute(conn).await? == 1)
        })
        .inspect(|_| self.has_changed(image.id))
    }

    /// Gives up the claim, and does not count its attempt unless the service is at fault; `false` if the claim is lost.
    /// A claim that has expired can still be released as long as no other worker has claimed the image.
    pub async fn release(&self, image: &Image, release: Release) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let missed = matches!(release, Release::OriginalMissing(_)).then_some(now);
            // Only the holder of the claim writes this column, so the value that the claim returned is still right.
            let first_missed = image.original_missed_at.map(|time| time.naive_utc()).or(missed);
            let unclaimed = [State::Processing, State::Pending];
            let ours = images::table
                .find(image.id)
                .filter(images::state.eq_any(unclaimed))
                .filter(images::claim.eq(image.claim))
                // So a claim is released only once: the release removes the lease, while an expiry keeps it.
                .filter(images::lease_until.is_not_null());
            let give_up = diesel::update(ours).set((
                images::state.eq(State::Pending),
                images::attempts.eq(images::attempts - release.attempts_given_back()),
                images::original_missed_at.eq(first_missed),
                images::lease_until.eq(None::<chrono::NaiveDateTime>),
                // The queue still holds the message of the job; see mark_queued.
                images::queued_at.eq(now),
                images::due_at.eq(now + delta(release.delay())),
            ));
            Ok(Cached(give_up).execute(conn).await? == 1)
        })
    }
}

pub(super) fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
