//! The queries for users.

use std::net::IpAddr;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};

use super::events::{add_event, log_event};
use super::rows::{QuotasRow, TotalsRow, User};
use super::schema::{tokens, user_totals, users};
use super::{MetadataError, MetadataStore, on_connection};
use crate::account::{AccountEvent, OwnQuotas, Quota, Totals, Username};
use crate::ids::{TokenId, UserId};

/// A user as an operator sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserSummary {
    /// The user.
    pub user: User,
    /// The quotas that an operator has set for the user.
    pub quotas: OwnQuotas,
    /// How much the user has.
    pub totals: Totals,
    /// When the user registered.
    pub created_at: DateTime<Utc>,
    /// When the user was deleted. The row stays until all images are removed.
    pub deleted_at: Option<DateTime<Utc>>,
}

impl MetadataStore {
    /// Creates an active user. `address` is that of the client, and `None` for an operator's command.
    ///
    /// # Errors
    /// [`MetadataError::Taken`] if the name is in use, even if two requests for the name run at the same time.
    pub async fn create_user(
        &self,
        username: &Username,
        password_hash: &str,
        address: Option<IpAddr>,
    ) -> Result<UserId, MetadataError> {
        let now = self.naive_now().await?;
        let user: User = on_connection!(self, |conn| {
            conn.transaction(async |conn| {
                let row = (
                    users::username.eq(username),
                    users::name_is_normal.eq(true),
                    users::password_hash.eq(password_hash),
                    users::active.eq(true),
                    users::created_at.eq(now),
                );
                let insert = diesel::insert_into(users::table).values(row).returning(User::as_returning());
                let user: User = insert.get_result(conn).await?;
                add_event!(now, &user, AccountEvent::Created, address, None::<String>).execute(conn).await?;
                Ok(user)
            })
            .await
        })?;
        log_event(&user, AccountEvent::Created, address);
        Ok(user.id)
    }

    /// The user with this name, active or not. One whose name is spelled exactly as it was given comes before one who
    /// has the name in the form NFKC.
    pub async fn find_user(&self, username: &Username) -> Result<Option<User>, MetadataError> {
        let names = [username.given(), username.as_str()];
        let mut found: Vec<User> = on_connection!(self, |conn| {
            let query = users::table.filter(users::username.eq_any(names)).select(User::as_select());
            query.load(conn).await
        })?;
        found.sort_by_key(|user| user.username != username.given());
        Ok(found.into_iter().next())
    }

    /// Whether there is any user. It is `false` too if there are no tables yet.
    pub async fn has_users(&self) -> Result<bool, MetadataError> {
        let found: Result<Option<UserId>, _> =
            on_connection!(self, |conn| { users::table.select(users::id).first(conn).await.optional() });
        match found {
            Ok(found) => Ok(found.is_some()),
            Err(MetadataError::Defect { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The users in the order of their ids. They start after `after`, or with the first one.
    pub async fn users(&self, after: Option<UserId>, limit: i64) -> Result<Vec<UserSummary>, MetadataError> {
        type Row = (User, QuotasRow, Option<TotalsRow>, NaiveDateTime, Option<NaiveDateTime>);
        on_connection!(self, |conn| {
            let rows: Vec<Row> = users::table
                .left_join(user_totals::table)
                .filter(users::id.gt(after.map_or(0, UserId::get)))
                .order(users::id)
                .limit(limit)
                .select((
                    User::as_select(),
                    QuotasRow::as_select(),
                    Option::<TotalsRow>::as_select(),
                    users::created_at,
                    users::deleted_at,
                ))
                .load(conn)
                .await?;
            let summaries =
                rows.into_iter().map(|(user, quotas, totals, created_at, deleted_at)| UserSummary {
                    user,
                    quotas: quotas.into(),
                    totals: totals.map(Totals::from).unwrap_or_default(),
                    created_at: created_at.and_utc(),
                    deleted_at: deleted_at.map(|time| time.and_utc()),
                });
            Ok(summaries.collect())
        })
    }

    /// Enables or disables a user; `false` if the user is deleted.
    pub async fn set_active(&self, user: &User, active: bool) -> Result<bool, MetadataError> {
        let event = if active { AccountEvent::Enabled } else { AccountEvent::Disabled };
        self.change(user, Change { active: Some(active), ..Change::default() }, event, None).await
    }

    /// Makes a user an operator, or an operator a plain user; `false` if the user is deleted.
    pub async fn set_admin(&self, user: &User, admin: bool) -> Result<bool, MetadataError> {
        let event = if admin { AccountEvent::AdminGranted } else { AccountEvent::AdminRevoked };
        self.change(user, Change { admin: Some(admin), ..Change::default() }, event, None).await
    }

    /// Sets the user's own quotas; `false` if the user is deleted.
    pub async fn set_quotas(&self, user: &User, quotas: OwnQuotas) -> Result<bool, MetadataError> {
        let text =
            |quota: Option<Quota>| quota.map_or_else(|| "default".to_owned(), |quota| quota.to_string());
        let detail = format!("images {}, bytes {}", text(quotas.images), text(quotas.bytes));
        let change =
            Change { max_images: Some(quotas.images), max_bytes: Some(quotas.bytes), ..Change::default() };
        self.change(user, change, AccountEvent::QuotaChanged, Some(detail)).await
    }

    async fn change(
        &self,
        user: &User,
        change: Change,
        event: AccountEvent,
        detail: Option<String>,
    ) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        let changed: bool = on_connection!(self, |conn| {
            let (change, detail) = (&change, &detail);
            conn.transaction(async |conn| {
                let there = users::table.find(user.id).filter(users::deleted_at.is_null());
                if diesel::update(there).set(change).execute(conn).await? == 0 {
                    return Ok(false);
                }
                add_event!(now, user, event, None, detail.as_deref()).execute(conn).await?;
                Ok(true)
            })
            .await
        })?;
        if changed {
            log_event(user, event, None);
        }
        Ok(changed)
    }

    /// Changes the password, and removes the user's tokens except `keep`; `false` if the user is deleted, or has another
    /// password than `user` says. So of two changes at the same time that both prove the same password, one succeeds.
    pub async fn change_password(
        &self,
        user: &User,
        password_hash: &str,
        keep: Option<TokenId>,
        address: Option<IpAddr>,
    ) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        let event = AccountEvent::PasswordChanged;
        let changed: bool = on_connection!(self, |conn| {
            conn.transaction(async |conn| {
                let there = users::table
                    .find(user.id)
                    .filter(users::deleted_at.is_null())
                    .filter(users::password_hash.eq(&user.password_hash));
                let hash = users::password_hash.eq(password_hash);
                if diesel::update(there).set(hash).execute(conn).await? == 0 {
                    return Ok(false);
                }
                let others = tokens::table
                    .filter(tokens::user_id.eq(user.id))
                    .filter(tokens::id.ne(keep.map_or(0, TokenId::get)));
                diesel::delete(others).execute(conn).await?;
                add_event!(now, user, event, address, None::<String>).execute(conn).await?;
                Ok(true)
            })
            .await
        })?;
        if changed {
            log_event(user, event, address);
        }
        Ok(changed)
    }
}

/// The columns of a user that an operator changes.
#[derive(Default, AsChangeset)]
#[diesel(table_name = users)]
struct Change {
    active: Option<bool>,
    admin: Option<bool>,
    max_images: Option<Option<Quota>>,
    max_bytes: Option<Option<Quota>>,
}
