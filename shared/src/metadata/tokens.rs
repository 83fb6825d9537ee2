//! The queries for the tokens of users.

use std::collections::HashSet;
use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};

use super::claims::delta;
use super::events::{add_event, log_event};
use super::rows::{QuotasRow, TotalsRow, User};
use super::schema::{tokens, user_totals, users};
use super::{MetadataError, MetadataStore, on_connection};
use crate::account::{AccountEvent, OwnQuotas, TokenLabel, Totals};
use crate::ids::{TokenId, UserId};

/// The data of a new token.
#[derive(Debug)]
pub struct NewToken<'a> {
    /// The hash of its key.
    pub key_hash: &'a str,
    /// The label by which its user recognises it.
    pub label: &'a TokenLabel,
    /// The address of the client that logs in.
    pub address: Option<IpAddr>,
    /// How many tokens the user may have. The oldest ones beyond are removed.
    pub keep: i64,
}

/// A token as its user sees it. Nobody can see its key any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// The id, which is not a secret.
    pub id: TokenId,
    /// The label; it may be empty.
    pub label: String,
    /// When the user logged in.
    pub created_at: DateTime<Utc>,
    /// When it was last used, exact to some minutes.
    pub used_at: DateTime<Utc>,
}

/// The user of a request, found by the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHolder {
    /// The token.
    pub token: TokenId,
    /// How long ago the use of the token was last recorded.
    pub unrecorded: Duration,
    /// The user, active or not.
    pub user: User,
    /// When the user registered.
    pub created_at: DateTime<Utc>,
    /// The quotas that an operator has set for the user.
    pub quotas: OwnQuotas,
    /// How much the user has.
    pub totals: Totals,
}

impl MetadataStore {
    /// Adds a token after a login, and removes the user's oldest tokens until as many as allowed are left. `false` if the
    /// user is not active any more, or has another password than `user` says.
    pub async fn create_token(&self, user: &User, new: &NewToken<'_>) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let row = (
                tokens::user_id.eq(user.id),
                tokens::key_hash.eq(new.key_hash),
                tokens::label.eq(new.label),
                tokens::created_at.eq(now),
                tokens::used_at.eq(now),
            );
            let detail = Some(new.label.as_str()).filter(|label| !label.is_empty());
            let is_made = conn
                .transaction(async |conn| {
                    // This changes nothing and locks the row, so that the token is there before the password or the
                    // rights of its user change, and goes then, or is not made at all.
                    let unchanged = users::table
                        .find(user.id)
                        .filter(users::active.eq(true))
                        .filter(users::password_hash.eq(&user.password_hash));
                    let lock = diesel::update(unchanged).set(users::active.eq(true));
                    if lock.execute(conn).await? == 0 {
                        return Ok(false);
                    }
                    diesel::insert_into(tokens::table).values(row).execute(conn).await?;
                    add_event!(now, user, AccountEvent::Login, new.address, detail).execute(conn).await?;
                    Ok::<_, diesel::result::Error>(true)
                })
                .await?;
            if !is_made {
                return Ok(false);
            }
            log_event(user, AccountEvent::Login, new.address);
            // This is outside the transaction, since logins at the same time have to see each other's tokens.
            let oldest_kept = tokens::table
                .filter(tokens::user_id.eq(user.id))
                .order(tokens::id.desc())
                .offset(new.keep - 1)
                .select(tokens::id)
                .first::<i64>(conn)
                .await
                .optional()?;
            if let Some(oldest_kept) = oldest_kept {
                let beyond =
                    tokens::table.filter(tokens::user_id.eq(user.id)).filter(tokens::id.lt(oldest_kept));
                diesel::delete(beyond).execute(conn).await?;
            }
            Ok(true)
        })
    }

    /// Finds the user whose token has this hash; `None` if there is no such token, or if it was not used within its
    /// lifetime. The query does not write anything.
    pub async fn holder_of_token(
        &self,
        key_hash: &str,
        lifetime: Duration,
    ) -> Result<Option<TokenHolder>, MetadataError> {
        type Row = (TokenId, NaiveDateTime, User, NaiveDateTime, QuotasRow, TotalsRow);
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let row: Option<Row> = tokens::table
                .inner_join(users::table.inner_join(user_totals::table))
                .filter(tokens::key_hash.eq(key_hash))
                .filter(tokens::used_at.ge(now - delta(lifetime)))
                .select((
                    tokens::id,
                    tokens::used_at,
                    User::as_select(),
                    users::created_at,
                    QuotasRow::as_select(),
                    TotalsRow::as_select(),
                ))
                .first(conn)
                .await
                .optional()?;
            Ok(row.map(|(token, used_at, user, created_at, quotas, totals)| TokenHolder {
                token,
                unrecorded: (now - used_at).to_std().unwrap_or_default(),
                user,
                created_at: created_at.and_utc(),
                quotas: quotas.into(),
                totals: totals.into(),
            }))
        })
    }

    /// Those of the tokens that still give access. Expired tokens do not, nor do those of disabled users.
    pub async fn working_tokens(
        &self,
        tokens: &HashSet<TokenId>,
        lifetime: Duration,
    ) -> Result<HashSet<TokenId>, MetadataError> {
        /// How many tokens one query looks up.
        const BATCH: usize = 500;
        let since = self.naive_now().await? - delta(lifetime);
        let mut working = HashSet::new();
        for tokens in Vec::from_iter(tokens.iter().copied()).chunks(BATCH) {
            let some: Vec<TokenId> = on_connection!(self, |conn| {
                tokens::table
                    .inner_join(users::table)
                    .filter(tokens::id.eq_any(tokens))
                    .filter(tokens::used_at.ge(since))
                    .filter(users::active)
                    .select(tokens::id)
                    .load(conn)
                    .await
            })?;
            working.extend(some);
        }
        Ok(working)
    }

    /// The tokens of a user that were used within their lifetime, the oldest first.
    pub async fn tokens(&self, user_id: UserId, lifetime: Duration) -> Result<Vec<Token>, MetadataError> {
        type Row = (TokenId, String, NaiveDateTime, NaiveDateTime);
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let rows: Vec<Row> = tokens::table
                .filter(tokens::user_id.eq(user_id))
                .filter(tokens::used_at.ge(now - delta(lifetime)))
                .order(tokens::id)
                .select((tokens::id, tokens::label, tokens::created_at, tokens::used_at))
                .load(conn)
                .await?;
            let tokens = rows.into_iter().map(|(id, label, created_at, used_at)| Token {
                id,
                label,
                created_at: created_at.and_utc(),
                used_at: used_at.and_utc(),
            });
            Ok(tokens.collect())
        })
    }

    /// Removes one of the user's tokens, and records `event`; `false` if the user has no such token.
    pub async fn revoke_token(
        &self,
        user: &User,
        token: TokenId,
        event: AccountEvent,
        address: Option<IpAddr>,
    ) -> Result<bool, MetadataError> {
        let now = self.naive_now().await?;
        let revoked: bool = on_connection!(self, |conn| {
            conn.transaction(async |conn| {
                let theirs = tokens::table.find(token).filter(tokens::user_id.eq(user.id));
                let label = diesel::delete(theirs).returning(tokens::label);
                let Some(label) = label.get_result::<String>(conn).await.optional()? else {
                    return Ok(false);
                };
                let detail = Some(label).filter(|label| !label.is_empty());
                add_event!(now, user, event, address, detail).execute(conn).await?;
                Ok(true)
            })
            .await
        })?;
        if revoked {
            log_event(user, event, address);
        }
        Ok(revoked)
    }

    /// Records that these tokens were used at this moment.
    pub async fn mark_used(&self, used: &[TokenId]) -> Result<(), MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let used = tokens::table.filter(tokens::id.eq_any(used));
            diesel::update(used).set(tokens::used_at.eq(now)).execute(conn).await?;
            Ok(())
        })
    }

    /// Removes tokens that were not used within their lifetime, at most `limit` of them. Returns how many there were.
    pub async fn expire_tokens(&self, lifetime: Duration, limit: i64) -> Result<usize, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let unused = tokens::table.filter(tokens::used_at.lt(now - delta(lifetime)));
            let some = unused.order(tokens::used_at).limit(limit).select(tokens::id);
            let some: Vec<TokenId> = some.load(conn).await?;
            let still_unused = tokens::used_at.lt(now - delta(lifetime));
            diesel::delete(tokens::table.filter(tokens::id.eq_any(some)).filter(still_unused))
                .execute(conn)
                .await
        })
    }
}
