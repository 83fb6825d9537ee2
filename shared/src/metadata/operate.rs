//! The queries of the operator's commands, without those that the endpoints for operators share: they let finished images
//! be rendered once more, and compare rows with objects.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::columns::is_in;
use super::rows::{self, ImageRow, Sizes};
use super::schema::images;
use super::{MetadataError, MetadataStore, on_connection};
use crate::failure_code::{FailureCode, RecordedCode};
use crate::ids::{Generation, ImageId, ObjectId, UserId};
use crate::image::{Image, State};

/// The columns of a row that waits for its first claim. Upkeep publishes its job.
macro_rules! waiting_anew {
    ($now:expr) => {
        (
            $crate::metadata::schema::images::state.eq($crate::image::State::Pending),
            $crate::metadata::schema::images::attempts.eq(0),
            $crate::metadata::schema::images::queued_at.eq(None::<chrono::NaiveDateTime>),
            $crate::metadata::schema::images::due_at.eq(None::<chrono::NaiveDateTime>),
            // An operator may retry many images of one user, and other users must not wait behind them.
            $crate::metadata::schema::images::held.eq(true),
            $crate::metadata::schema::images::publishes.eq(0),
            $crate::metadata::schema::images::reserved_until.eq(None::<chrono::NaiveDateTime>),
            $crate::metadata::schema::images::error_code.eq(None::<$crate::failure_code::FailureCode>),
            $crate::metadata::schema::images::error_detail.eq(None::<String>),
            $crate::metadata::schema::images::original_missed_at.eq(None::<chrono::NaiveDateTime>),
            $crate::metadata::schema::images::finished_at.eq(None::<chrono::NaiveDateTime>),
            // The time after which the service gives up starts now.
            $crate::metadata::schema::images::accepted_at.eq($now),
            $crate::metadata::schema::images::updated_at.eq($now),
        )
    };
}

pub(super) use waiting_anew;

impl MetadataStore {
    /// The images in one state, in the order of their ids. They start after `after`, or with the first one.
    pub async fn in_state(
        &self,
        state: State,
        after: Option<ImageId>,
        limit: i64,
    ) -> Result<Vec<Image>, MetadataError> {
        on_connection!(self, |conn| {
            let query = images::table
                .filter(is_in(state))
                .filter(images::id.gt(after.map_or(0, ImageId::get)))
                .order(images::id)
                .limit(limit)
                .select(ImageRow::as_select());
            Ok(rows::images(query.load(conn).await?))
        })
    }

    /// Lets a failed image wait for a worker again, with all its attempts; `false` if it has not failed.
    pub async fn retry(&self, id: ImageId) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let failed = images::table.find(id).filter(images::state.eq(State::Failed));
            Ok(diesel::update(failed).set(waiting_anew!(now)).execute(conn).await? == 1)
        })
        .inspect(|_| self.image_event_is_written())
    }

    /// Lets one of the user's images wait for a worker again if it still has failed with `code`.
    pub async fn retry_own(
        &self,
        user_id: UserId,
        id: ImageId,
        code: &RecordedCode,
    ) -> Result<Option<Image>, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let failed = images::table
                .find(id)
                .filter(images::user_id.eq(user_id))
                .filter(images::state.eq(State::Failed))
                .filter(images::error_code.eq(code));
            let retry = diesel::update(failed).set(waiting_anew!(now)).returning(ImageRow::as_returning());
            Ok(retry.get_result(conn).await.optional()?.map(Image::from))
        })
        .inspect(|_| self.image_event_is_written())
    }

    /// Lets a finished image get new variants; `false` if it is not finished. The variants that clients see stay until
    /// the new ones are ready.
    pub async fn reprocess(&self, id: ImageId) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let finished = [State::Ready, State::Failed];
            let finished = images::table.find(id).filter(images::state.eq_any(finished));
            // Variants that were to be removed now are removed after the new ones are ready.
            let anew = (
                waiting_anew!(now),
                images::generation.eq(images::generation + 1),
                images::purge_after.eq(None::<NaiveDateTime>),
            );
            Ok(diesel::update(finished).set(anew).execute(conn).await? == 1)
        })
        .inspect(|_| self.image_event_is_written())
    }

    /// Marks an image as failed because its original is lost, so that there is nothing to show and nothing to render.
    /// `false` if a worker holds the image, or if it was deleted.
    pub async fn fail_without_original(
        &self,
        id: ImageId,
        code: FailureCode,
        detail: &str,
    ) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let idle = [State::Pending, State::Ready, State::Failed];
            let image = images::table.find(id).filter(images::state.eq_any(idle));
            let fail = diesel::update(image).set((
                images::state.eq(State::Failed),
                images::visible_generation.eq(None::<Generation>),
                Sizes::from(None),
                images::error_code.eq(code),
                images::error_detail.eq(detail),
                images::finished_at.eq(now),
                images::lease_until.eq(None::<NaiveDateTime>),
                images::updated_at.eq(now),
            ));
            Ok(fail.execute(conn).await? == 1)
        })
        .inspect(|_| self.image_event_is_written())
    }

    /// All rows, tombstones and unfinished uploads included, in the order of their object ids, which is the order of
    /// the object keys. They start after `after`, or with the first one.
    pub async fn by_object(&self, after: Option<&ObjectId>, limit: i64) -> Result<Vec<Image>, MetadataError> {
        on_connection!(self, |conn| {
            let query = images::table
                .filter(images::object_id.gt(after.map_or("", ObjectId::as_str)))
                .order(images::object_id)
                .limit(limit)
                .select(ImageRow::as_select());
            Ok(rows::images(query.load(conn).await?))
        })
    }

    /// The row that has this object id, whatever its state; `None` if there is none.
    pub async fn of_object(&self, object_id: &ObjectId) -> Result<Option<Image>, MetadataError> {
        on_connection!(self, |conn| {
            let query = images::table.filter(images::object_id.eq(object_id)).select(ImageRow::as_select());
            Ok(query.first(conn).await.optional()?.map(Image::from))
        })
    }
}
