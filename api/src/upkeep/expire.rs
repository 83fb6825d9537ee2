//! Ends the claims whose lease has run out, and the uploads whose request cannot be running any more.

use std::time::Duration;

use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::metadata::MetadataError;
use resizinator_shared::settings::Limits;

use crate::state::ApiState;

/// How much longer than its put a request may run, for the statements before and after the put.
const MARGIN: Duration = Duration::from_secs(30);

/// The longest time that an upload takes from the creation of its row, or of a file of its own, to its end.
pub(super) fn longest_upload(limits: &Limits) -> Duration {
    limits.upload + MARGIN
}

pub(super) async fn run(state: &ApiState) -> Result<(), MetadataError> {
    let (metadata, limits) = (&state.backends.metadata, &state.settings.limits);
    let detail = format!("Rendering did not come to an end in {} attempts.", limits.attempts);
    let (again, failed) =
        metadata.expire_claims(limits.attempts, FailureCode::AttemptsExhausted, &detail).await?;
    if again + failed > 0 {
        log::warn!("{} claims ran out: {again} go back to the queue, {failed} failed", again + failed);
    }
    let abandoned = metadata.abandon(longest_upload(limits)).await?;
    if abandoned > 0 {
        log::info!("{abandoned} uploads were never finished and are cleared away");
    }
    Ok(())
}
