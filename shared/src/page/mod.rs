//! Pagination of the list of images: a client asks for a page, and gets it with links to the pages beside it. With `limit`
//! and `offset` it works like `LimitOffsetPagination` of Django REST framework. With `cursor` a page costs the same at
//! any depth. <https://www.django-rest-framework.org/api-guide/pagination/#limitoffsetpagination>

mod cursor;
mod filter;
mod links;
mod parameter;
mod query;

use serde::Serialize;
use utoipa::ToSchema;

use crate::image::ImageRecord;

pub use cursor::{Cursor, CursorKeys, CursorScope, Direction};
pub use filter::{Filter, MAX_IDS};
pub use links::Links;
pub use parameter::{BadParameter, Parameters};
pub use query::{ListQuery, Start};

/// How many images a page has if the client names no limit.
pub const DEFAULT_LIMIT: i64 = 10;
/// The most images that a page can have.
pub const MAX_LIMIT: i64 = 100;

/// One page of images.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImagePage {
    /// How many images the list has in all.
    #[schema(minimum = 0)]
    pub count: i64,
    /// The URL of the next page; null on the last page.
    #[schema(format = "uri", required)]
    pub next: Option<String>,
    /// The URL of the page before; null on the first page.
    #[schema(format = "uri", required)]
    pub previous: Option<String>,
    /// The images of this page.
    pub results: Vec<ImageRecord>,
}
