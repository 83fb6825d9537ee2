//! The queries by which users take turns. A waiting image whose job is held back is taken when it is the turn of its user,
//! so that nobody waits behind all the images of somebody else. See docs/adr/0025.

use std::collections::HashMap;
use std::fmt::Write;
use std::time::Duration;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel_async::RunQueryDsl;

use super::cached::Cached;
use super::claims::delta;
use super::columns::is_in;
use super::rows::{self, ImageRow};
use super::schema::{images, workers};
use super::{MetadataError, MetadataStore, on_connection};
use crate::ids::UserId;
use crate::image::{Image, State};

/// The condition that a job is held back, spelled as in its partial index.
macro_rules! held {
    () => {
        "state = 'pending' AND queued_at IS NULL AND held"
    };
}

pub(super) const HELD: &str = held!();

/// How many users take a turn at a time.
const USERS: i64 = 64;

/// Finds the users who have jobs that are held back: those after `$1`, at most `$2` of them, and none after `$3`, in the order of
/// their ids. It steps from one user to the next in the index, so that it costs the same however many images each of them has.
/// SQLite numbers these parameters in the order in which they first appear.
const WAITING_USERS: &str = concat!(
    "WITH RECURSIVE waiting (user_id, place) AS (",
    "SELECT (SELECT min(user_id) FROM images WHERE ",
    held!(),
    " AND user_id > $1), 1 UNION ALL ",
    "SELECT (SELECT min(images.user_id) FROM images WHERE ",
    held!(),
    " AND images.user_id > waiting.user_id), place + 1 FROM waiting WHERE user_id IS NOT NULL AND place < $2) ",
    "SELECT user_id FROM waiting WHERE user_id IS NOT NULL AND user_id <= $3 ORDER BY user_id"
);

#[derive(QueryableByName)]
struct WaitingUser {
    #[diesel(sql_type = BigInt)]
    user_id: UserId,
}

impl MetadataStore {
    /// Takes up to `most` images whose jobs are held back: those of the users after `last`, in the order of their ids and
    /// then from the first user again, as many of each user as of the others, the oldest of each first. They are reserved for
    /// `hold`; an image that is not marked as queued by then is one of [`unqueued`](Self::unqueued). Returns the images, those
    /// of one user together.
    pub async fn take_turns(
        &self,
        last: Option<UserId>,
        most: u32,
        hold: Duration,
    ) -> Result<Vec<Image>, MetadataError> {
        let users = self.users_in_turn(last, i64::from(most).min(USERS)).await?;
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let now = self.naive_now().await?;
        let taken = on_connection!(self, |conn| {
            let take = diesel::update(images::table)
                .filter(sql::<Bool>(&format!("id IN ({})", oldest_of(&users, most))))
                // Another replica may have been quicker.
                .filter(is_in(State::Pending))
                .filter(images::held.eq(true))
                .set((images::held.eq(false), images::reserved_until.eq(now + delta(hold))));
            take.returning(ImageRow::as_returning()).get_results(conn).await
        })?;
        let mut taken = rows::images(taken);
        let place: HashMap<UserId, usize> =
            users.iter().enumerate().map(|(place, user)| (*user, place)).collect();
        taken.sort_unstable_by_key(|image| (place.get(&image.user_id).copied(), image.id));
        Ok(taken)
    }

    /// How many images all workers together render at a time, of those that have said within this time that they run.
    pub async fn slots(&self, within: Duration) -> Result<u32, MetadataError> {
        let now = self.naive_now().await?;
        on_connection!(self, |conn| {
            let slots: Vec<i64> = workers::table
                .filter(workers::seen_at.ge(now - delta(within)))
                .select(workers::slots)
                .load(conn)
                .await?;
            Ok(u32::try_from(slots.into_iter().sum::<i64>()).unwrap_or(u32::MAX))
        })
    }

    /// The users whose turn it is, beginning with the one after `last`.
    async fn users_in_turn(&self, last: Option<UserId>, limit: i64) -> Result<Vec<UserId>, MetadataError> {
        let last = last.map_or(0, UserId::get);
        on_connection!(self, |conn| {
            let mut users: Vec<WaitingUser> = Vec::new();
            for (after, through) in [(last, i64::MAX), (0, last)] {
                let limit = limit - i64::try_from(users.len()).unwrap_or(i64::MAX);
                if limit > 0 && after < through {
                    let waiting = diesel::sql_query(WAITING_USERS)
                        .bind::<BigInt, _>(after)
                        .bind::<BigInt, _>(limit)
                        .bind::<BigInt, _>(through);
                    users.extend(Cached(waiting).load::<WaitingUser>(conn).await?);
                }
            }
            Ok(users.into_iter().map(|user| user.user_id).collect())
        })
    }
}

/// The query of the oldest images of each of these users whose jobs are held back, as many of each, and `most` in all. Each
/// part reads the beginning of one user's entries in the index. There is nothing but numbers in it.
fn oldest_of(users: &[UserId], most: u32) -> String {
    let (count, most) = (u32::try_from(users.len()).unwrap_or(u32::MAX).max(1), most.max(1));
    let (each, over) = (most / count, most % count);
    let mut query = String::new();
    for (place, user) in (0..).zip(users) {
        let limit = each + u32::from(place < over);
        if limit == 0 {
            break;
        }
        let union = if place == 0 { "" } else { " UNION ALL " };
        write!(
            query,
            "{union}SELECT id FROM (SELECT id FROM images WHERE {HELD} AND user_id = {} ORDER BY id LIMIT {limit}) AS of_{place}",
            user.get()
        )
        .expect("a String takes everything");
    }
    query
}
