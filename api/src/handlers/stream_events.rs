use std::convert::Infallible;

use actix_web::http::header::{CACHE_CONTROL, HeaderName};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use resizinator_shared::page::BadParameter;

use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::events::{After, EventStream, STREAMS_PER_USER};
use crate::metrics::Limit;
use crate::openapi::refuses;
use crate::query::parameter;
use crate::state::ApiState;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// nginx would keep events until its buffer is full.
const NO_BUFFER: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

refuses! {
    "wrong after" => wrong().into(),
    "too many at once" => too_many(),
}

/// `GET events/`: answers 200 with a stream of what happens to the user's images, until the client leaves.
#[utoipa::path(
    get,
    path = "/events/",
    operation_id = "stream_events",
    tag = "images",
    summary = "Be told what happens to one's images",
    description = "Server-sent events of the user's images. The name of an event is `accepted` (the upload was accepted, or the image is to be rendered once more), `ready`, `failed` or `deleted`. Its data are JSON: `{\"id\":17,\"type\":\"ready\",\"image_id\":42,\"state\":\"ready\",\"code\":null,\"at\":\"2026-11-27T12:00:00.000000Z\"}`; `code` says why an image failed. Events of one image come in their order, and each once. A stream begins now, or after the event that `Last-Event-ID` or `after` names. Events are kept for 24 hours. An id that is older or unknown gets the event `reset`: the client may have missed events, and should list its images again. The stream ends when the token does not work any more, and when the service restarts; clients connect again.",
    params(
        ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event that the client has. Browsers send it when they connect again."),
        ("after" = Option<i64>, Query, minimum = 0, description = "The same for clients that cannot send the header. The header counts if there are both."),
    ),
    responses(
        (
            status = 200,
            description = "The stream, which does not end by itself.",
            content_type = "text/event-stream",
            body = String,
            headers(("Cache-Control" = String, description = "Nobody keeps the stream.")),
            example = "retry: 2000\nid: 16\n\nid: 17\nevent: ready\ndata: {\"id\":17,\"type\":\"ready\",\"image_id\":42,\"state\":\"ready\",\"code\":null,\"at\":\"2026-11-27T12:00:00.000000Z\"}\n\n",
        ),
        Refusals,
    ),
)]
pub(crate) async fn handle(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let after = after(&request)?;
    let subscription = state.events.subscribe(user.id, user.holder.token).ok_or_else(too_many)?;
    let events = Box::pin(EventStream::begin(state, user.id, subscription, after)).await?;
    let events = stream::unfold(events, async |mut events| {
        let bytes = events.next().await?;
        Some((Ok::<_, Infallible>(bytes), events))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header(NO_BUFFER)
        .streaming(events))
}

/// Where the client wants to go on. A browser cannot correct a header that it sends by itself, so a wrong one is an
/// unknown id.
fn after(request: &HttpRequest) -> Result<Option<After>, BadParameter> {
    if let Some(header) = request.headers().get(LAST_EVENT_ID) {
        let id = header.to_str().ok().and_then(|text| text.trim().parse().ok());
        return Ok(Some(id.map_or(After::Unknown, After::Event)));
    }
    let Some(text) = parameter(request, "after") else { return Ok(None) };
    text.trim().parse().map(|id| Some(After::Event(id))).map_err(|_| wrong())
}

fn wrong() -> BadParameter {
    BadParameter::new("after", "Expected is the id of an event: a whole number from 0 on.")
}

fn too_many() -> ApiError {
    ApiError::TooMany(
        Limit::StreamsPerUser,
        format!("There are {STREAMS_PER_USER} streams of events of this user, which is the limit."),
    )
}
