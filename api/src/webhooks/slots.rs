//! The room for deliveries in this process: how many may run at the same time, in all and of one user.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use resizinator_shared::ids::UserId;
use tokio::sync::Notify;

/// How many deliveries run at the same time.
pub(crate) const MOST: usize = 16;

/// How many of these deliveries may be of one user, so that a user whose targets are silent leaves room for others.
pub(crate) const MOST_OF_USER: usize = 2;

#[derive(Default)]
pub(crate) struct Slots {
    by_user: Mutex<HashMap<UserId, usize>>,
    freed: Notify,
}

/// The room of one delivery, until this is dropped.
pub(crate) struct Slot {
    user: UserId,
    slots: Arc<Slots>,
}

/// The limit because of which a delivery finds no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoRoom {
    /// The user has [`MOST_OF_USER`] deliveries running.
    OfUser,
    /// There are [`MOST`] deliveries.
    OfAll,
}

impl Slots {
    /// Takes the room for a delivery of this user.
    pub(crate) fn take(self: &Arc<Self>, user: UserId) -> Result<Slot, NoRoom> {
        let mut by_user = self.lock();
        if by_user.values().sum::<usize>() >= MOST {
            return Err(NoRoom::OfAll);
        }
        let of_user = by_user.entry(user).or_default();
        if *of_user >= MOST_OF_USER {
            return Err(NoRoom::OfUser);
        }
        *of_user += 1;
        Ok(Slot { user, slots: Arc::clone(self) })
    }

    /// The users who have no room left; `None` if nobody has any.
    pub(super) fn users_without_room(&self) -> Option<Vec<UserId>> {
        let by_user = self.lock();
        let full = by_user.iter().filter(|(_, deliveries)| **deliveries >= MOST_OF_USER);
        (by_user.values().sum::<usize>() < MOST).then(|| full.map(|(user, _)| *user).collect())
    }

    /// Completes when a delivery has ended since this last completed. Only one task can wait.
    pub(super) async fn freed(&self) {
        self.freed.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.by_user.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut by_user = self.slots.lock();
        if let Some(of_user) = by_user.get_mut(&self.user) {
            *of_user -= 1;
            if *of_user == 0 {
                by_user.remove(&self.user);
            }
        }
        drop(by_user);
        self.slots.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use resizinator_shared::testing::id;

    use super::*;

    #[test]
    fn a_user_has_two_deliveries_and_all_have_sixteen() {
        let slots = Arc::new(Slots::default());
        let mut taken: Vec<_> =
            (1..=8).flat_map(|user| [slots.take(id(user)), slots.take(id(user))]).map(Result::ok).collect();
        assert!(taken.iter().all(Option::is_some));
        assert_eq!(slots.take(id(9)).err(), Some(NoRoom::OfAll));
        assert_eq!(slots.users_without_room(), None);
        taken.remove(0);
        let mut full = slots.users_without_room().expect("one has room");
        full.sort_unstable();
        assert_eq!(full, (2..=8).map(id).collect::<Vec<_>>());
        assert_eq!(slots.take(id(2)).err(), Some(NoRoom::OfUser));
        assert!(slots.take(id(9)).is_ok());
        drop(taken);
        assert_eq!(slots.users_without_room(), Some(Vec::new()));
    }
}
