//! The queries for users and their tokens.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::rows::User;
use super::schema::{tokens, users};
use super::{MetadataError, MetadataStore, on_connection};
use crate::account::Username;
use crate::ids::UserId;

impl MetadataStore {
    /// Creates an active user.
    ///
    /// # Errors
    /// [`MetadataError::Taken`] if the name is in use, even if two requests for the name run at the same time.
    pub async fn create_user(
        &self,
        username: &Username,
        password_hash: &str,
    ) -> Result<UserId, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let row = (
                users::username.eq(username),
                users::password_hash.eq(password_hash),
                users::active.eq(true),
                users::created_at.eq(now),
            );
            let insert = diesel::insert_into(users::table).values(row).returning(users::id);
            insert.get_result::<UserId>(conn).await
        })
    }

    /// The user with this name, active or not.
    pub async fn find_user(&self, username: &Username) -> Result<Option<User>, MetadataError> {
        on_connection!(self, |conn| {
            let query = users::table.filter(users::username.eq(username)).select(User::as_select());
            query.first(conn).await.optional()
        })
    }

    /// Activates or deactivates a user; `false` if there is no user of this name.
    pub async fn set_active(&self, username: &Username, active: bool) -> Result<bool, MetadataError> {
        on_connection!(self, |conn| {
            let user = users::table.filter(users::username.eq(username));
            Ok(diesel::update(user).set(users::active.eq(active)).execute(conn).await? == 1)
        })
    }

    /// Adds a token, and removes the user's oldest tokens until `keep` are left.
    pub async fn create_token(
        &self,
        user_id: UserId,
        key_hash: &str,
        keep: i64,
    ) -> Result<(), MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let row =
                (tokens::user_id.eq(user_id), tokens::key_hash.eq(key_hash), tokens::created_at.eq(now));
            diesel::insert_into(tokens::table).values(row).execute(conn).await?;
            let oldest_kept = tokens::table
                .filter(tokens::user_id.eq(user_id))
                .order(tokens::id.desc())
                .offset(keep - 1)
                .select(tokens::id)
                .first::<i64>(conn)
                .await
                .optional()?;
            if let Some(oldest_kept) = oldest_kept {
                let beyond =
                    tokens::table.filter(tokens::user_id.eq(user_id)).filter(tokens::id.lt(oldest_kept));
                diesel::delete(beyond).execute(conn).await?;
            }
            Ok(())
        })
    }

    /// The user whose token has this hash, active or not.
    pub async fn user_of_token(&self, key_hash: &str) -> Result<Option<User>, MetadataError> {
        on_connection!(self, |conn| {
            let query = tokens::table
                .inner_join(users::table)
                .filter(tokens::key_hash.eq(key_hash))
                .select(User::as_select());
            query.first(conn).await.optional()
        })
    }
}
