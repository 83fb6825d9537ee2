//! Pagination of the list of images: a client asks for a page, and gets it with links to the pages beside it. With `limit`
//! and `offset` it works like `LimitOffsetPagination` of Django REST framework. With `cursor` a page costs the same at
//! any depth. <https://www.django-rest-framework.org/api-guide/pagination/#limitoffsetpagination>

mod cursor;
mod filter;
mod include;
mod links;
mod parameter;
mod query;

pub use cursor::{Cursor, CursorKeys, CursorScope, Direction};
pub use filter::{Filter, MAX_IDS};
pub use include::Include;
pub use links::Links;
pub use parameter::{BadParameter, Parameters};
pub use query::{ListQuery, Start};

/// How many images a page has if the client names no limit.
pub const DEFAULT_LIMIT: i64 = 10;
/// The most images that a page can have.
pub const MAX_LIMIT: i64 = 100;
