use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Payload};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use resizinator_shared::account::OverQuota;
use resizinator_shared::image::ImageRecord;
use resizinator_shared::trace::Trace;

use crate::auth::{AuthenticatedUser, NO_ACCESS};
use crate::error::ApiError;
use crate::links::base_url;
use crate::metrics::Limit;
use crate::openapi::{examples, refuses};
use crate::records::record;
use crate::state::ApiState;
use crate::upload::{self, NO_FILE, NOT_A_FILE, plain_body};

/// The body of an upload.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "it is only described")]
struct Upload {
    /// The file, in one of the formats that `GET /limits/` names.
    #[schema(format = Binary, content_media_type = "application/octet-stream")]
    original: String,
}

/// A body that takes longer than this has the token checked once more before the original is stored. The acceptance
/// checks it in any case.
const LONG: Duration = Duration::from_secs(4);

refuses! {
    "cut off" => ApiError::Parse("Multipart form parse error - Invalid boundary in multipart: None".into()),
    "not JSON" => ApiError::Parse("JSON parse error - expected value at line 1 column 1".into()),
    "another type" => ApiError::UnsupportedMediaType("image/png".into()),
    "no file" => ApiError::Original(NO_FILE.into()),
    "not a file" => ApiError::Original(NOT_A_FILE.into()),
    "not an image" => ApiError::Original("Upload a valid image. The file you uploaded was either not an image or a corrupted image.".into()),
    "over the quota" => ApiError::from(OverQuota::Images { limit: 1000, used: 1000 }),
    "too large" => ApiError::TooLarge("The limit for a file is 52428800 bytes, and this one has more.".into()),
    "too many at once" => ApiError::TooMany(Limit::UploadsPerUser, "There are 4 uploads of this user running, which is the limit.".into()),
    "lost access" => ApiError::NotAuthenticated(NO_ACCESS),
    "malformed key" => ApiError::BadKey("expected are 1 to 255 visible ASCII characters".into()),
    "key of a deleted image" => ApiError::NoSuchImage,
    "key in use" => ApiError::KeyInUse,
    "key of another file" => ApiError::KeyOfOther,
    "overloaded" => ApiError::Busy(Limit::Uploads, "There are too many uploads running.".into()),
}

/// `POST image/`: stores the original, accepts the image, and answers 201 with its record; 422 if the file is refused or
/// exceeds a quota; 429 or 503 if there are too many uploads at the same time. An upload with an `Idempotency-Key` is
/// accepted once: repeated, it gets the image as it is now, 404 if that is deleted, 409 while the first one runs, and 422
/// if the file is another.
#[utoipa::path(
    post,
    path = "/image/",
    operation_id = "upload_image",
    tag = "images",
    summary = "Upload an image",
    description = "The file is checked without decoding it, stored, and rendered later. If the field has several files, the last one counts; other fields are ignored. A file that passes and still cannot be rendered becomes a failed image.",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible ASCII characters, with or without quotes. An upload of the same file under the same name is accepted once with it: repeated within 24 hours, it gets the image as it is now.", example = "8e03978e-40d5-43dd-bc93-6894a57f9324"),
    ),
    request_body(
        content = Upload,
        content_type = "multipart/form-data",
        description = "A form with the file.",
    ),
    responses(
        (
            status = 201,
            description = "The image is accepted, and waits for a worker.",
            body = ImageRecord,
            headers(
                ("Location" = String, description = "The path of the image."),
                ("Cache-Control" = String, description = "The URLs are for the user alone."),
            ),
            example = json!(examples::pending()),
        ),
        Refusals,
    ),
)]
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
    state.metrics.accepted(image.bytes.unsigned_abs(), begun.elapsed());
    let record = record(&*state.backends.objects, &base_url(&request), &image).await?;
    drop(place);
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, format!("/image/{}/", image.id)))
        .insert_header(("Cache-Control", "private, no-cache"))
        .json(record))
}
