use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Payload};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use resizinator_shared::trace::Trace;

use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::links::base_url;
use crate::records::record;
use crate::state::ApiState;
use crate::upload::{self, plain_body};

/// A body that takes longer than this has the token checked once more before the original is stored. The acceptance
/// checks it in any case.
const LONG: Duration = Duration::from_secs(4);

/// `POST image/`: stores the original, accepts the image, and answers 201 with its record; 422 if the file is refused or
/// exceeds a quota; 429 or 503 if there are too many uploads at the same time. An upload with an `Idempotency-Key` is
/// accepted once: repeated, it gets the image as it is now, 404 if that is deleted, 409 while the first one runs, and 422
/// if the file is another.
pub(crate) async fn handle(
    mut user: AuthenticatedUser,
    request: HttpRequest,
    payload: Payload,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let key = upload::key_of(&request)?;
    // The place is kept until the answer, and given back if this future is dropped because the client goes away.
    let place = Arc::new(state.admission.admit(user.id, &state.settings.limits.uploads)?);
    let quotas = user.holder.quotas.or(state.settings.limits.quotas);
    // What cannot fit in any case is refused before it is sent. Only the acceptance decides exactly.
    if plain_body::media_type(&request) == "multipart/form-data"
        && let Err(over) = quotas.check_any(user.holder.totals)
    {
        // The image that fills the quota may be the one of this upload's first try.
        let is_repeated = match &key {
            Some(key) => state.backends.metadata.has_key(user.id, key).await?,
            None => false,
        };
        if !is_repeated {
            return Err(over.into());
        }
    }
    let trace = request.extensions().get::<Trace>().cloned().unwrap_or_default();
    let begun = Instant::now();
    let file = upload::receive(&request, payload, &state.settings, &state.disk).await?;
    if begun.elapsed() > LONG {
        user.look_again(&state).await?;
    }
    let image = match (quotas.check(user.holder.totals, file.received.len), key) {
        (Err(over), None) => return Err(over.into()),
        (Err(over), Some(key)) => upload::known(&state, user.id, &key, &file).await?.ok_or(over)?,
        (Ok(()), key) => {
            let checked = upload::check(file, &state.settings.limits, Arc::clone(&place)).await?;
            upload::accept(&state, user.id, user.holder.token, key, checked, &trace).await?
        }
    };
    let record = record(&*state.backends.objects, &base_url(&request), &image).await?;
    drop(place);
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, format!("/image/{}/", image.id)))
        .insert_header(("Cache-Control", "private, no-cache"))
        .json(record))
}
