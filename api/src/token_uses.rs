//! The tokens that were used. A token expires some time after its last use, so the use has to be recorded, but a request
//! waits for no write. It is noted here, and upkeep records it.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use resizinator_shared::ids::TokenId;
use resizinator_shared::metadata::TokenHolder;

/// How old the last record of a use has to be before the next one. The shortest lifetime of a token is longer.
const EXACTNESS: Duration = Duration::from_secs(600);
/// How many tokens are noted at most. The use of more is noted at their next request.
const MOST: usize = 10_000;

#[derive(Debug, Default)]
pub(crate) struct TokenUses(Mutex<BTreeSet<TokenId>>);

impl TokenUses {
    /// Notes that the token is used now.
    pub(crate) fn note(&self, holder: &TokenHolder) {
        if holder.unrecorded < EXACTNESS {
            return;
        }
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() < MOST {
            noted.insert(holder.token);
        }
    }

    /// Takes the tokens that were used since the last call, in the order of their ids, so that replicas lock the rows in
    /// the same order.
    pub(crate) fn take(&self) -> Vec<TokenId> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_iter().collect()
    }
}
