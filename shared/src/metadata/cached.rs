//! Updates that are prepared once for each connection.

use diesel::QueryResult;
use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

/// An update whose prepared statement is kept. Diesel prepares every `UPDATE` anew, two more round
/// trips, since a changeset may leave columns out, and with them make any number of statements.
/// For an update that always sets the same columns there is one, found by its SQL.
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
