//! Long polls: a request that names `wait` is answered when its image is ready or failed, or when the time is over.

use std::pin::pin;
use std::time::Duration;

use actix_web::HttpRequest;
use resizinator_shared::ids::ImageId;
use resizinator_shared::image::{Image, State};
use resizinator_shared::metadata::MetadataStore;
use resizinator_shared::page::BadParameter;
use tokio::time::{Instant, sleep, timeout_at};

use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::query::parameter;
use crate::state::ApiState;

/// The longest time for which a request may wait, in seconds.
const LONGEST: u64 = 30;
/// How often images are looked at that another process may finish.
const POLL: Duration = Duration::from_secs(1);
/// How many images one query looks at.
const BATCH: usize = 500;
/// Whoever has waited longer than this has the token checked once more.
const LONG: Duration = Duration::from_secs(4);

/// The parameter, as the description of the api has it.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "it is only described")]
pub(crate) struct Parameter {
    /// How many seconds to wait for the image to become ready or failed. The answer comes as soon as it is, or when the
    /// time is over.
    #[param(minimum = 0, maximum = 30)]
    wait: Option<u64>,
}

/// One of the user's images: as soon as it is ready or failed if the request says `wait`, or else as it is.
pub(crate) async fn image(
    user: &mut AuthenticatedUser,
    id: ImageId,
    request: &HttpRequest,
    state: &ApiState,
) -> Result<Image, ApiError> {
    let (begun, wait) = (Instant::now(), wait(request)?);
    let metadata = &state.backends.metadata;
    let owner = user.id;
    // A query is on the heap only while it runs, and the image is read anew after the wait, so that a wait takes little
    // memory.
    let own = async || Box::pin(metadata.image(owner, id)).await?.ok_or(ApiError::NoSuchImage);
    if wait.is_zero() {
        return own().await;
    }
    let watch = metadata.watch(id);
    let mut is_over = false;
    loop {
        let mut changed = pin!(watch.changed());
        changed.as_mut().enable();
        {
            let image = own().await?;
            if is_over || is_finished(&image) {
                if begun.elapsed() > LONG {
                    Box::pin(user.look_again(state)).await?;
                }
                return Ok(image);
            }
        }
        tokio::select! {
            woken = timeout_at(begun + wait, changed) => is_over = woken.is_err(),
            () = state.stopping.cancelled() => is_over = true,
        }
    }
}

/// Looks for images that other processes have finished, as long as somebody waits for one.
pub(crate) async fn keep_looking(metadata: &MetadataStore) {
    loop {
        metadata.until_watched().await;
        sleep(POLL).await;
        if let Err(error) = metadata.wake_watchers(BATCH).await {
            log::debug!("those who wait for an image are not woken yet: {error}");
        }
    }
}

fn is_finished(image: &Image) -> bool {
    matches!(image.state, State::Ready | State::Failed)
}

/// Reads the parameter `wait`.
fn wait(request: &HttpRequest) -> Result<Duration, BadParameter> {
    let Some(text) = parameter(request, "wait") else { return Ok(Duration::ZERO) };
    let seconds = text.trim().parse().ok().filter(|seconds| *seconds <= LONGEST);
    seconds.map(Duration::from_secs).ok_or_else(wrong)
}

/// The error for a `wait` that is no such number.
pub(crate) fn wrong() -> BadParameter {
    BadParameter::new("wait", format!("Expected is a whole number of seconds from 0 to {LONGEST}."))
}
