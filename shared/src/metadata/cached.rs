//! Updates that are prepared once for each connection.

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// An update whose prepared statement is kept. Diesel prepares every `UPDATE` anew, which takes two more round trips:
/// a changeset may leave out columns, so that one query could make any number of statements. An update that always
/// sets the same columns makes only one statement, which is found by its SQL.
pub(super) struct Cached<U>(pub(super) U);

impl<U> QueryId for Cached<U> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<DB: Backend, U: QueryFragment<DB>> QueryFragment<DB> for Cached<U> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<U: Query> Query for Cached<U> {
    type SqlType = U::SqlType;
}
