//! The worker's side of an image's life: claimed, renewed, finished. The `claim` number is the
//! fence: each write names it, so a late worker changes nothing.

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

/// The answer to a worker that asks to render an image.
#[derive(Debug)]
pub enum ClaimOutcome {
    /// The worker holds the image until its lease runs out.
    Claimed(Box<Image>),
    /// Another worker holds the image.
    Busy,
    /// There is nothing to do: the image is finished or deleted, is of another generation, or does not exist.
    Over,
}

/// How a claim is given up without a result.
#[derive(Debug, Clone, Copy)]
pub enum Release {
    /// The job is on its way back to the front of the queue, or will be published anew.
    Now,
    /// The job waits in a retry queue for about this long.
    After(Duration),
}

/// The row, only as long as this claim holds it.
macro_rules! fenced {
    ($image:expr) => {
        images::table
            .find($image.id)
            .filter(images::state.eq(State::Processing))
            .filter(images::claim.eq($image.claim))
    };
}

impl MetadataStore {
    /// Claims an image for rendering; counts an attempt. Commits before any decoding begins.
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
            // A lease that has run out is upkeep's to end: it decides whether attempts are left.
            let busy = matches!(state, Some(State::Processing | State::Pending));
            Ok(if busy { ClaimOutcome::Busy } else { ClaimOutcome::Over })
        })
    }

    /// Renews the lease; `false` if the claim is lost.
    pub async fn renew(&self, image: &Image, lease: Duration) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let renew = diesel::update(fenced!(image)).set(images::lease_until.eq(now + delta(lease)));
            Ok(Cached(renew).execute(conn).await? == 1)
        })
    }

    /// Makes both variants visible in one step, now that they are stored. `false` if the claim is lost. Those of earlier
    /// generations may be removed after `keep_old`, when no URL that was handed out reads them.
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
                images::lease_until.eq(None::<chrono::NaiveDateTime>),
                images::updated_at.eq(now),
            ));
            Ok(Cached(finish).execute(conn).await? == 1)
        })
    }

    /// The file is at fault. `false` if the claim is lost.
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
                images::lease_until.eq(None::<chrono::NaiveDateTime>),
                images::updated_at.eq(now),
            ));
            Ok(Cached(finish).execute(conn).await? == 1)
        })
    }

    /// Gives the claim up and its attempt back: a shutdown, or a backend is away. `false` if the
    /// claim is lost. A claim that has expired and is nobody else's yet still gets its attempt back.
    pub async fn release(&self, image: &Image, release: Release) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let delay = match release {
                Release::Now => Duration::ZERO,
                Release::After(delay) => delay,
            };
            let unclaimed = [State::Processing, State::Pending];
            let ours = images::table
                .find(image.id)
                .filter(images::state.eq_any(unclaimed))
                .filter(images::claim.eq(image.claim))
                // Once a claim: the release takes the lease away, an expiry leaves it.
                .filter(images::lease_until.is_not_null());
            let release = diesel::update(ours).set((
                images::state.eq(State::Pending),
                images::attempts.eq(images::attempts - 1),
                images::lease_until.eq(None::<chrono::NaiveDateTime>),
                // Its message is still the queue's; see mark_queued.
                images::queued_at.eq(now),
                images::due_at.eq(now + delta(delay)),
            ));
            Ok(Cached(release).execute(conn).await? == 1)
        })
    }
}

pub(super) fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}
