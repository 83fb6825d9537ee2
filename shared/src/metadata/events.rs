//! The queries for the events of accounts.

use std::net::IpAddr;
use std::time::Duration;

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl;

use super::claims::delta;
use super::rows::User;
use super::schema::{account_events, users};
use super::{MetadataError, MetadataStore, on_connection};
use crate::account::{AccountEvent, ClientNetwork, Username};
use crate::ids::{EventId, UserId};

/// An event of an account as its row has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEvent {
    /// The id, which grows from event to event.
    pub id: EventId,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The id of the user. The event is kept after the user is removed, and a later user of the same name has another id.
    pub user_id: UserId,
    /// The name of the event. Another release may know events that this one does not.
    pub event: String,
    /// The address of the client; `None` for an operator's command.
    pub address: Option<String>,
    /// More about it, in words.
    pub detail: Option<String>,
}

/// The statement that adds an event. `address` is that of the client, and `None` for an operator's command.
macro_rules! add_event {
    ($now:expr, $user:expr, $event:expr, $address:expr, $detail:expr) => {{
        let (user, address): (&$crate::metadata::User, Option<std::net::IpAddr>) = ($user, $address);
        let network = address.map(|address| $crate::account::ClientNetwork::from(address).to_string());
        diesel::insert_into($crate::metadata::schema::account_events::table).values((
            $crate::metadata::schema::account_events::at.eq($now),
            $crate::metadata::schema::account_events::user_id.eq(user.id),
            $crate::metadata::schema::account_events::username.eq(user.username.clone()),
            $crate::metadata::schema::account_events::event.eq($event),
            $crate::metadata::schema::account_events::address
                .eq(address.map(|address| address.to_canonical().to_string())),
            $crate::metadata::schema::account_events::network.eq(network),
            $crate::metadata::schema::account_events::detail.eq($detail),
        ))
    }};
}
pub(super) use add_event;

/// Writes the line of an event to the log. The name is escaped, since its user chose it.
pub(super) fn log_event(user: &User, event: AccountEvent, address: Option<IpAddr>) {
    let name = user.username.escape_debug();
    match address {
        Some(address) => log::info!("account {} \"{name}\": {event}, client={address}", user.id),
        None => log::info!("account {} \"{name}\": {event}, by an operator", user.id),
    }
}

impl MetadataStore {
    /// Records an event that changes nothing else, such as a failed login.
    pub async fn record(
        &self,
        user: &User,
        event: AccountEvent,
        address: Option<IpAddr>,
    ) -> Result<(), MetadataError> {
        let now = self.naive_now().await?;
        log_event(user, event, address);
        on_connection!(self, |conn| {
            add_event!(now, user, event, address, None::<String>).execute(conn).await?;
            Ok(())
        })
    }

    /// The events of the users who have or had this name, the latest first, from before `before` on.
    pub async fn events(
        &self,
        username: &Username,
        before: Option<EventId>,
        limit: i64,
    ) -> Result<Vec<RecordedEvent>, MetadataError> {
        type Row = (EventId, NaiveDateTime, UserId, String, Option<String>, Option<String>);
        on_connection!(self, |conn| {
            let rows: Vec<Row> = account_events::table
                .filter(account_events::username.eq_any([username.given(), username.as_str()]))
                .filter(account_events::id.lt(before.map_or(i64::MAX, EventId::get)))
                .order(account_events::id.desc())
                .limit(limit)
                .select((
                    account_events::id,
                    account_events::at,
                    account_events::user_id,
                    account_events::event,
                    account_events::address,
                    account_events::detail,
                ))
                .load(conn)
                .await?;
            let events = rows.into_iter().map(|(id, at, user_id, event, address, detail)| RecordedEvent {
                id,
                at: at.and_utc(),
                user_id,
                event,
                address,
                detail,
            });
            Ok(events.collect())
        })
    }

    /// The user with this name, as [`Self::find_user`] finds them, and whether somebody has logged in as the user from
    /// this network within the time before now.
    pub async fn find_login(
        &self,
        username: &Username,
        network: ClientNetwork,
        within: Duration,
    ) -> Result<Option<(User, bool)>, MetadataError> {
        let now = self.naive_now().await?;
        let mut found: Vec<(User, bool)> = on_connection!(self, |conn| {
            // The event is spelled out, as in the partial index.
            let logins = account_events::table
                .filter(sql::<Bool>("event = 'login'"))
                .filter(account_events::user_id.eq(users::id))
                .filter(account_events::network.eq(network.to_string()))
                .filter(account_events::at.ge(now - delta(within)));
            users::table
                .filter(users::username.eq_any([username.given(), username.as_str()]))
                .select((User::as_select(), exists(logins)))
                .load(conn)
                .await
        })?;
        found.sort_by_key(|(user, _)| user.username != username.given());
        Ok(found.into_iter().next())
    }

    /// Removes events that are older than `age`, at most `limit` of them. Returns how many there were.
    pub async fn forget_events(&self, age: Duration, limit: i64) -> Result<usize, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let old = account_events::table.filter(account_events::at.lt(now - delta(age)));
            let some = old.order(account_events::at).limit(limit).select(account_events::id);
            let some: Vec<EventId> = some.load(conn).await?;
            diesel::delete(account_events::table.filter(account_events::id.eq_any(some))).execute(conn).await
        })
    }
}
