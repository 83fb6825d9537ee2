//! One attempt to process a claimed image: fetch the original, render it, store both variants, make them visible.

use std::time::Instant;

use bytes::Bytes;
use resizinator_shared::image::Image;
use resizinator_shared::objects::{Content, ObjectError, ObjectKey};
use resizinator_shared::variant::VariantKind;

use crate::context::WorkerContext;
use crate::error::AttemptError;
use crate::lease::Lease;
use crate::metrics::Step;
use crate::pipeline::Variant;
use crate::renderer::Rendered;

/// Makes one attempt to process a claimed image. `claimed` is the moment before the claim was sent.
pub(crate) async fn attempt(
    context: &WorkerContext,
    image: &Image,
    claimed: Instant,
) -> Result<(), AttemptError> {
    let WorkerContext { limits, backends, renderers, status } = context;
    let metrics = status.metrics();
    let lease = Lease::keep(backends.metadata.clone(), image.clone(), limits.lease, claimed);
    let (variants, _held) = {
        let mut slot = renderers.slot(image.user_id).await?;
        let max_bytes = limits.bytes.max(image.bytes.unsigned_abs());
        let original = ObjectKey::original(image);
        let begun = Instant::now();
        let len = match backends.objects.get(&original, max_bytes, slot.input()).await {
            Err(ObjectError::NotFound(_)) => return Err(AttemptError::OriginalMissing),
            fetched => fetched?,
        };
        metrics.took(Step::Fetch, begun.elapsed());
        let Rendered { variants, times, held } = slot.render(&image.log_name(), image.format, len).await?;
        metrics.rendered(times);
        (variants, held)
    };
    let stored = variants.stored();
    let begun = Instant::now();
    lease.check()?;
    let object = |(kind, variant): (VariantKind, Variant)| {
        let key = ObjectKey::variant_as(image, image.generation, kind, variant.format);
        (key, Content::of(Bytes::from(variant.bytes)))
    };
    let objects = [(VariantKind::Small, variants.small), (VariantKind::Medium, variants.medium)];
    let put = backends.objects.put_all(objects.map(object).into());
    // Upkeep relies on this timeout: no put may run longer.
    tokio::time::timeout(limits.upload, put).await.map_err(|_| {
        AttemptError::Backend("the object store took longer than RESIZINATOR_UPLOAD_TIMEOUT".into())
    })??;
    metrics.took(Step::Store, begun.elapsed());
    lease.check()?;
    // After this time every URL of the old variants has expired, and no late put can still write them.
    let keep_old = limits.url_lifetime.max(limits.latest_put());
    let is_ours = backends.metadata.finish_ready(image, stored, keep_old).await?;
    if is_ours { Ok(()) } else { Err(AttemptError::ClaimLost) }
}
