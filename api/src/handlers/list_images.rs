use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::page::{ImagePage, Links, ListQuery};

use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::etag::Etag;
use crate::links::{absolute_url, base_url};
use crate::records::record;
use crate::state::ApiState;

/// `GET image/`: answers 200 with one page of the user's images, their number, and the links to the pages beside it; 304
/// if the client has the page already; 400 if a filter or a cursor is wrong.
pub(crate) async fn handle(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let parameters: Vec<(String, String)> =
        url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
    let cursors = &state.backends.cursors;
    let query = ListQuery::of(&parameters, user.id, cursors)?;
    let page = state.backends.metadata.list(user.id, &query).await?;
    let base_url = base_url(&request);
    let url = absolute_url(&request).ok_or_else(|| ApiError::BadHost(base_url.clone()))?;
    let tag = Etag::signed(&request, &state).with(&url).with(page.count).with(page.more);
    let tag = page.images.iter().fold(tag, Etag::with_record);
    let body = async || {
        let mut results = Vec::with_capacity(page.images.len());
        for image in &page.images {
            results.push(record(&*state.backends.objects, &base_url, image).await?);
        }
        let Links { next, previous } = Links::of(&page, &query, user.id, cursors, &url, &parameters);
        Ok::<_, ApiError>(ImagePage { count: page.count, next, previous, results })
    };
    tag.answer(&request, body).await
}
