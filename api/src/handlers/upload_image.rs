use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::links::base_url;
use crate::records::record;
use crate::state::State;
use crate::upload;

pub(crate) async fn handle(
    user: AuthenticatedUser,
    request: HttpRequest,
    payload: Payload,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    let file = upload::receive(&request, payload, &state.settings).await?;
    let checked = upload::check(file, &state.settings.limits).await?;
    let image = upload::accept(&state, user.id, checked).await?;
    let record = record(&*state.backends.objects, &base_url(&request), &image).await?;
    Ok(HttpResponse::Created()
        .insert_header((LOCATION, format!("/image/{}/", image.id)))
        .insert_header(("Cache-Control", "private, no-cache"))
        .json(record))
}
