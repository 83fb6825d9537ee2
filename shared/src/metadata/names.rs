//! The names of users of earlier releases, which were stored as they were given.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::RunQueryDsl;

use super::schema::users;
use super::{MetadataError, MetadataStore, on_connection};
use crate::account::Username;
use crate::ids::UserId;

const PAGE: i64 = 1000;

impl MetadataStore {
    /// Brings the names of earlier releases into the form NFKC. A user keeps the old name if another user already has
    /// the new one; such a user logs in with the name exactly as before. Several processes may do this at the same time.
    pub(super) async fn normalise_names(&self) -> Result<(), MetadataError> {
        let mut after = 0;
        loop {
            let page: Vec<(UserId, String)> = on_connection!(self, |conn| {
                users::table
                    // It is spelled as in the partial index.
                    .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("NOT name_is_normal"))
                    .filter(users::id.gt(after))
                    .order(users::id)
                    .limit(PAGE)
                    .select((users::id, users::username))
                    .load(conn)
                    .await
            })?;
            let Some((last, _)) = page.last() else { return Ok(()) };
            after = last.get();
            for (id, old) in page {
                let renamed = match old.parse::<Username>() {
                    Ok(name) => self.rename(id, &name).await?,
                    Err(_) => false,
                };
                if !renamed {
                    log::warn!(
                        "user {id} keeps the name \"{}\", since another user has the same one in the form NFKC, or it \
                         is too long in that form",
                        old.escape_debug()
                    );
                }
            }
        }
    }

    /// Gives the user the name in the form NFKC; `false` if another user has it.
    async fn rename(&self, id: UserId, name: &Username) -> Result<bool, MetadataError> {
        on_connection!(self, |conn| {
            let named = (users::username.eq(name), users::name_is_normal.eq(true));
            match diesel::update(users::table.find(id)).set(named).execute(conn).await {
                Ok(_) => Ok(true),
                Err(Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => Ok(false),
                Err(error) => Err(error),
            }
        })
    }
}
