//! The tables are made when the database can be reached; until then the api answers 503.

use std::sync::Arc;
use std::time::Duration;

use crate::state::State;

const LONGEST_PAUSE: Duration = Duration::from_secs(5);

pub(crate) async fn migrate_with_back_off(state: Arc<State>) {
    let mut pause = Duration::from_millis(200);
    loop {
        match state.backends.metadata.migrate().await {
            Ok(done) => {
                if !done.is_empty() {
                    log::info!("migrated the metadata store: {}", done.join(", "));
                }
                return state.set_started();
            }
            Err(error) => log::warn!("{error}; trying again in {pause:?}"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
