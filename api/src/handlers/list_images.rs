use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::metadata::Order;
use resizinator_shared::page::{ImagePage, Window};

use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::links::{absolute_url, base_url};
use crate::openapi::{LenientNumber, examples};
use crate::records::record;
use crate::state::ApiState;

/// `GET image/`: answers 200 with one page of the user's images, their number, and the links to the pages beside it.
#[utoipa::path(
    get,
    path = "/image/",
    operation_id = "list_images",
    tag = "images",
    summary = "Page through one's images",
    description = "Works like `LimitOffsetPagination` of Django REST framework. No parameter is ever refused; if one is repeated, the last one counts.",
    params(
        ("limit" = inline(Option<LenientNumber>), Query, description = "How many images the page has at most: 10 if it is missing or not a positive number, and never more than 100.", example = 10),
        ("offset" = inline(Option<LenientNumber>), Query, description = "How many images come before the page: 0 if it is missing or not a number.", example = 20),
        ("ordering" = Option<String>, Query, description = "`-id` has the newest image first, anything else the oldest.", example = "-id"),
    ),
    responses((
        status = 200,
        description = "One page of the user's images.",
        body = ImagePage,
        headers(("Cache-Control" = String, description = "The URLs are for the user alone.")),
        example = json!({
            "count": 31,
            "next": "https://images.example/image/?limit=10&offset=30",
            "previous": "https://images.example/image/?limit=10&offset=10",
            "results": [examples::ready()],
        }),
    )),
)]
pub(crate) async fn handle(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let parameters: Vec<(String, String)> =
        url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
    let window = Window::of(&parameters);
    let page =
        state.backends.metadata.images(user.id, order(&parameters), window.offset, window.limit).await?;
    let base_url = base_url(&request);
    let mut results = Vec::with_capacity(page.images.len());
    for image in &page.images {
        results.push(record(&*state.backends.objects, &base_url, image).await?);
    }
    let url = absolute_url(&request).ok_or_else(|| ApiError::BadHost(base_url.clone()))?;
    let page = ImagePage {
        count: page.count,
        next: window.next(&url, &parameters, page.count),
        previous: window.previous(&url, &parameters),
        results,
    };
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "private, no-cache")).json(page))
}

fn order(parameters: &[(String, String)]) -> Order {
    match parameters.iter().rev().find(|(name, _)| name == "ordering") {
        Some((_, value)) if value == "-id" => Order::Descending,
        _ => Order::Ascending,
    }
}
