//! What keeps the promise of a 201 whatever dies: publishes jobs that no queue has, ends claims
//! whose worker is gone, removes what was deleted. Every replica runs it, and reserves the rows that it is at, so that
//! the replicas share the work; each step may run twice all the same.

mod dispatch;
mod expire;
mod purge;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use resizinator_shared::metadata::MetadataError;

use crate::state::ApiState;

pub(crate) use dispatch::publish;

/// How long a row waits at most for a step that is due.
const TICK: Duration = Duration::from_secs(1);
/// How long the rows of a replica that died are left alone.
const RESERVED: Duration = Duration::from_secs(10);

/// Never ends; its error type is what comes before it at the start.
pub(crate) async fn run(state: Arc<ApiState>) -> Result<Infallible, MetadataError> {
    let mut dispatcher = dispatch::Dispatcher::default();
    let mut was_away = false;
    loop {
        let outcome = pass(&state, &mut dispatcher).await;
        match &outcome {
            Err(error @ MetadataError::Defect { .. }) if !was_away => log::error!("upkeep waits: {error}"),
            Err(error) if !was_away => log::warn!("upkeep waits: {error}"),
            Ok(()) if was_away => log::info!("upkeep goes on"),
            _ => {}
        }
        was_away = outcome.is_err();
        tokio::select! {
            () = tokio::time::sleep(TICK) => {}
            () = state.buried.notified() => {}
        }
    }
}

async fn pass(state: &Arc<ApiState>, dispatcher: &mut dispatch::Dispatcher) -> Result<(), MetadataError> {
    expire::run(state).await?;
    dispatcher.run(state).await?;
    purge::run(state).await
}
