//! The upkeep of the keys of uploads: it forgets those whose time is over, and the oldest ones of users who have too many.

use std::time::{Duration, Instant};

use resizinator_shared::ids::UserId;
use resizinator_shared::metadata::{KEYS_PER_USER, MetadataError};

use super::expire::longest_upload;
use crate::state::ApiState;

/// How many keys one pass forgets of each kind, and of each user.
const BATCH: i64 = 1000;
/// How many users one pass looks at.
const USERS: i64 = 100;
/// How long a full round of all users is not begun anew.
const SELDOM: Duration = Duration::from_secs(60);

#[derive(Default)]
pub(super) struct Keys {
    /// When the last round ended.
    last: Option<Instant>,
    /// The last user whom this round has looked at.
    after: Option<UserId>,
}

impl Keys {
    pub(super) async fn run(&mut self, state: &ApiState) -> Result<(), MetadataError> {
        if self.last.is_some_and(|last| last.elapsed() < SELDOM) {
            return Ok(());
        }
        let (metadata, age) = (&state.backends.metadata, longest_upload(&state.settings.limits));
        let forgotten = metadata.forget_keys(BATCH).await?;
        let (many, last) = metadata.users_with_many_keys(self.after, KEYS_PER_USER, USERS).await?;
        let mut trimmed = 0;
        for user in many {
            trimmed = trimmed.max(metadata.trim_keys(user, KEYS_PER_USER, age, BATCH).await?);
        }
        // The next pass goes on with what full batches have left.
        if [forgotten, trimmed].iter().any(|&done| i64::try_from(done) == Ok(BATCH)) {
            return Ok(());
        }
        self.after = last;
        if last.is_none() {
            self.last = Some(Instant::now());
        }
        Ok(())
    }
}
