//! Upkeep: the task that finishes accepted images even if a process dies. It publishes jobs that no queue has, ends the
//! claims of workers that died, and removes what was deleted. It also keeps the tokens and the events of accounts, the
//! events of images, the keys of uploads, and the rows of workers. Every replica runs it and reserves the rows that it works on, so that the replicas share the work. Each step may still run
//! twice.

mod accounts;
mod clear;
mod dispatch;
mod events;
mod expire;
mod keys;
mod purge;
mod rates;
mod workers;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use resizinator_shared::dispatch::RESERVED;
use resizinator_shared::metadata::MetadataError;

use crate::state::ApiState;

pub(crate) use dispatch::{publish, take_turns};

/// How long a row waits at most for a step of upkeep that is due.
const TICK: Duration = Duration::from_secs(1);

/// Runs upkeep for ever. It never returns an error; the error type is that of the migrations, which run before it.
pub(crate) async fn run(state: Arc<ApiState>) -> Result<Infallible, MetadataError> {
    let mut dispatcher = dispatch::Dispatcher::default();
    let mut accounts = accounts::Accounts::default();
    let mut keys = keys::Keys::default();
    let mut workers = workers::Workers::default();
    let mut clearer = clear::Clearer::default();
    let mut forgetter = rates::Forgetter::default();
    let mut was_away = false;
    loop {
        forgetter.run(&state).await;
        clearer.run(&state).await;
        let outcome = pass(&state, &mut dispatcher, &mut accounts, &mut keys, &mut workers).await;
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

async fn pass(
    state: &Arc<ApiState>,
    dispatcher: &mut dispatch::Dispatcher,
    accounts: &mut accounts::Accounts,
    keys: &mut keys::Keys,
    workers: &mut workers::Workers,
) -> Result<(), MetadataError> {
    expire::run(state).await?;
    dispatcher.run(state).await?;
    purge::run(state).await?;
    accounts.run(state).await?;
    events::run(state).await?;
    keys.run(state).await?;
    workers.run(state).await
}
