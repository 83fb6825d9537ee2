//! The queries for a client's requests: they show and delete images. Every query that shows or deletes
//! an image names the user, so that no user gets at an image of another.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::columns::{HIDDEN, is_shown};
use super::rows::{self, ImageRow};
use super::schema::{images, user_totals};
use super::{MetadataError, MetadataStore, on_connection};
use crate::ids::{ImageId, UserId};
use crate::image::{Image, State};

/// The order of a list of images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Oldest first. In this order, a new image never shifts a page that a client has already read.
    #[default]
    Ascending,
    /// Newest first.
    Descending,
}

/// A page of a user's images.
#[derive(Debug)]
pub struct Page {
    /// How many images the user has in all.
    pub count: i64,
    /// The images of this page.
    pub images: Vec<Image>,
}

impl MetadataStore {
    /// One of the user's images; `None` if the user has no image with this id.
    pub async fn image(&self, user_id: UserId, id: ImageId) -> Result<Option<Image>, MetadataError> {
        on_connection!(self, |conn| {
            let query = images::table
                .find(id)
                .filter(images::user_id.eq(user_id))
                .filter(images::state.ne_all(HIDDEN))
                .select(ImageRow::as_select());
            Ok(query.first(conn).await.optional()?.map(Image::from))
        })
    }

    /// A page of the user's images.
    pub async fn images(
        &self,
        user_id: UserId,
        order: Order,
        offset: i64,
        limit: i64,
    ) -> Result<Page, MetadataError> {
        on_connection!(self, |conn| {
            let shown = || images::table.filter(images::user_id.eq(user_id)).filter(is_shown());
            // To count the rows would take longer, the more there are.
            let count = user_totals::table.find(user_id).select(user_totals::images);
            let count = count.get_result(conn).await.optional()?.unwrap_or(0);
            let page = shown().select(ImageRow::as_select()).offset(offset).limit(limit);
            let rows = match order {
                Order::Ascending => page.order(images::id.asc()).load(conn).await?,
                Order::Descending => page.order(images::id.desc()).load(conn).await?,
            };
            Ok(Page { count, images: rows::images(rows) })
        })
    }

    /// Turns the image into a tombstone, whose objects upkeep removes; `false` if the user has no such image.
    pub async fn delete_image(&self, user_id: UserId, id: ImageId) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let shown = images::table
                .find(id)
                .filter(images::user_id.eq(user_id))
                .filter(images::state.ne_all(HIDDEN));
            let bury = diesel::update(shown).set((
                images::state.eq(State::Deleted),
                // The time was set for old variants. Now all objects have to be removed.
                images::purge_after.eq(None::<chrono::NaiveDateTime>),
                images::updated_at.eq(now),
            ));
            Ok(bury.execute(conn).await? == 1)
        })
    }
}
