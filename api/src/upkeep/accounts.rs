//! The upkeep of accounts: it records the use of tokens, removes what has expired, and removes deleted users.

use std::time::{Duration, Instant};

use resizinator_shared::metadata::MetadataError;

use super::expire::longest_upload;
use crate::state::ApiState;

/// How many rows one pass changes or removes of each kind.
const BATCH: i64 = 1000;
/// How many tokens are marked in one statement.
const MARKED: usize = 500;
/// How often the steps run that nobody waits for.
const SELDOM: Duration = Duration::from_secs(60);
/// How long the events of accounts are kept.
const KEPT: Duration = Duration::from_secs(90 * 86_400);

#[derive(Default)]
pub(super) struct Accounts {
    last: Option<Instant>,
}

impl Accounts {
    pub(super) async fn run(&mut self, state: &ApiState) -> Result<(), MetadataError> {
        let (metadata, limits) = (&state.backends.metadata, &state.settings.limits);
        for used in state.token_uses.take().chunks(MARKED) {
            metadata.mark_used(used).await?;
        }
        if i64::try_from(metadata.bury_images_of_deleted_users(BATCH).await?) == Ok(BATCH) {
            state.buried.notify_one();
        }
        if self.last.is_some_and(|last| last.elapsed() < SELDOM) {
            return Ok(());
        }
        let expired = metadata.expire_tokens(limits.token_lifetime, BATCH).await?;
        if expired > 0 {
            log::info!("{expired} tokens have expired");
        }
        let forgotten = metadata.forget_events(KEPT, BATCH).await?;
        let removed = metadata.remove_deleted_users(longest_upload(limits), BATCH).await?;
        if removed > 0 {
            log::info!("{removed} deleted users are removed, with all that was theirs");
        }
        // The next pass goes on with what a full batch has left.
        if [expired, forgotten, removed].iter().all(|&done| i64::try_from(done) != Ok(BATCH)) {
            self.last = Some(Instant::now());
        }
        Ok(())
    }
}
