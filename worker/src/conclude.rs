//! Handles an attempt that failed: the image's row is marked as failed or its claim is released, and the verdict is
//! chosen to match.

use std::time::Duration;

use chrono::{DateTime, Utc};
use resizinator_shared::back_off::BackOff;
use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::image::Image;
use resizinator_shared::jobs::nearest_retry_delay;
use resizinator_shared::metadata::{MetadataError, Release};
use resizinator_shared::objects::{ObjectError, ObjectKey};
use resizinator_shared::variant::VariantKind;

use crate::context::WorkerContext;
use crate::error::AttemptError;
use crate::status::StoresHealth;
use crate::verdict::{LONGEST_WAIT, SHORTEST_WAIT, Verdict};

/// The first pause between two tries to write the row.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long an original must have been missing before the image may fail.
const MISSING_FOR: Duration = Duration::from_secs(60);
/// The most that is read of the object that proves the store works. An object that is larger proves it as well.
const KNOWN_BYTES: u64 = 64 << 20;

/// Writes the outcome of a failed attempt to the image's row, and tries again until the database has accepted it.
/// Without that write the attempt would count as one whose worker died.
pub(crate) async fn conclude(
    context: &WorkerContext,
    image: &Image,
    error: AttemptError,
) -> (Verdict, StoresHealth) {
    announce(image, &error);
    let mut stores = match &error {
        AttemptError::Backend(_) => StoresHealth::Away,
        _ => StoresHealth::Answering,
    };
    let mut back_off = BackOff::new(FIRST_PAUSE, LONGEST_PAUSE);
    let mut is_first_try = true;
    loop {
        match write(context, image, &error).await {
            // The image was deleted or the claim expired meanwhile. On a later try, the first one may already have
            // written the row although its answer was lost.
            Ok((_, false)) if is_first_try => return (Verdict::Obsolete, stores),
            Ok((verdict, _)) => return (verdict, stores),
            Err(MetadataError::Unavailable(_)) => stores = StoresHealth::Away,
            Err(defect) => {
                log::error!("{}: it has to wait until its claim has run out: {defect}", image.log_name());
                return (Verdict::Later { delay: LONGEST_WAIT, reason: defect.to_string() }, stores);
            }
        }
        is_first_try = false;
        back_off.pause().await;
    }
}

fn announce(image: &Image, error: &AttemptError) {
    let name = image.log_name();
    match error {
        AttemptError::Defect(cause) => log::error!("{name}: it met a defect of the service: {cause}"),
        // The line at the end of the job says it.
        AttemptError::File { .. } | AttemptError::Backend(_) | AttemptError::OriginalMissing => {}
        AttemptError::ClaimLost => log::info!("{name}: it is no longer this worker's"),
    }
}

/// Writes the row once. Returns the verdict, and whether the row still belonged to this claim.
async fn write(
    context: &WorkerContext,
    image: &Image,
    error: &AttemptError,
) -> Result<(Verdict, bool), MetadataError> {
    let limits = &context.limits;
    let now = context.backends.metadata.now().await?;
    let age = since(image.accepted_at, now);
    // The job waits again for as long as it has waited so far, which doubles the delay without a counter.
    let wait = age.clamp(SHORTEST_WAIT, LONGEST_WAIT);
    let release = match error {
        AttemptError::ClaimLost => return Ok((Verdict::Obsolete, true)),
        AttemptError::File { code, detail } => return fail(context, image, *code, detail.clone()).await,
        AttemptError::OriginalMissing
            if since(image.original_missed_at, now) >= MISSING_FOR
                && finds_another(context, image).await? =>
        {
            let code = FailureCode::OriginalMissing;
            return fail(context, image, code, code.sentence().into()).await;
        }
        AttemptError::Defect(_) if image.attempts >= limits.attempts => {
            let code = FailureCode::Internal;
            return fail(context, image, code, code.sentence().into()).await;
        }
        _ if age > limits.give_up => {
            let detail =
                format!("The service could not finish the image within {} s.", limits.give_up.as_secs());
            return fail(context, image, FailureCode::GaveUp, detail).await;
        }
        AttemptError::Backend(_) => Release::After(retry_delay(context, wait)),
        AttemptError::OriginalMissing => {
            Release::OriginalMissing(retry_delay(context, wait.max(MISSING_FOR)))
        }
        AttemptError::Defect(_) => Release::Defect(retry_delay(context, LONGEST_WAIT)),
    };
    let is_ours = context.backends.metadata.release(image, release).await?;
    Ok((Verdict::Later { delay: release.delay(), reason: error.to_string() }, is_ours))
}

async fn fail(
    context: &WorkerContext,
    image: &Image,
    code: FailureCode,
    detail: String,
) -> Result<(Verdict, bool), MetadataError> {
    let is_ours = context.backends.metadata.finish_failed(image, code, &detail).await?;
    Ok((Verdict::Failed { code, detail }, is_ours))
}

/// The delay of the retry queue that is nearest to `wish`. It is rounded as the queue rounds it, because upkeep
/// considers a job lost that does not come back when `due_at` says.
fn retry_delay(context: &WorkerContext, wish: Duration) -> Duration {
    nearest_retry_delay(&context.limits.retry_delays, wish).unwrap_or(wish)
}

fn since(time: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Duration {
    time.and_then(|time| (now - time).to_std().ok()).unwrap_or_default()
}

/// Whether the store still has an object that must be there: the small variant of the newest other image that is ready.
/// Without this check, a folder that is not mounted or a mistyped prefix would fail every waiting image. If no other
/// image is ready, the check cannot decide, and the image keeps waiting.
async fn finds_another(context: &WorkerContext, image: &Image) -> Result<bool, MetadataError> {
    let Some(known) = context.backends.metadata.known_image(image.id).await? else { return Ok(false) };
    let Some(generation) = known.visible_generation else { return Ok(false) };
    let Ok(mut slot) = context.renderers.slot(known.user_id).await else { return Ok(false) };
    let key = ObjectKey::variant(&known, generation, VariantKind::Small);
    let read = context.backends.objects.get(&key, KNOWN_BYTES, slot.input()).await;
    Ok(matches!(read, Ok(_) | Err(ObjectError::TooLarge { .. })))
}
