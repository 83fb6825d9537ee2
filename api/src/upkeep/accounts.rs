//! The upkeep of accounts: it records the use of tokens, removes what has expired, and removes deleted users.

use std::time::{Duration, Instant};

use resizinator_shared::metadata::MetadataError;

use crate::state::ApiState;

/// How many images of deleted users become tombstones in one pass.
const BATCH: i64 = 1000;
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
        let used = state.token_uses.take();
        if !used.is_empty() {
            metadata.mark_used(&used).await?;
        }
        if i64::try_from(metadata.bury_images_of_deleted_users(BATCH).await?) == Ok(BATCH) {
            state.buried.notify_one();
        }
        if self.last.is_some_and(|last| last.elapsed() < SELDOM) {
            return Ok(());
        }
        self.last = Some(Instant::now());
        let expired = metadata.expire_tokens(limits.token_lifetime).await?;
        if expired > 0 {
            log::info!("{expired} tokens have expired");
        }
        metadata.forget_events(KEPT).await?;
        let removed = metadata.remove_deleted_users(super::expire::longest_upload(limits)).await?;
        if removed > 0 {
            log::info!("{removed} deleted users are removed, with all that was theirs");
        }
        Ok(())
    }
}
