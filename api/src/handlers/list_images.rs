use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use resizinator_shared::ids::UserId;
use resizinator_shared::page::{BadParameter, CursorKeys, Include, Links, ListQuery};

use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::etag::Etag;
use crate::image_page::{ImagePage, ListedImage};
use crate::links::{absolute_url, base_url};
use crate::openapi::{LenientNumber, TimeFilter, examples, refuses};
use crate::records::record;
use crate::state::ApiState;

refuses! {
    "unknown parameter" => BadParameter::new("page", "This parameter is not known. Expected are: …").into(),
    "wrong state" => wrong(&[("state", "gone")]),
    "wrong format" => wrong(&[("format", "svg")]),
    "wrong time" => wrong(&[("created_after", "yesterday")]),
    "wrong ids" => wrong(&[("ids", "x")]),
    "wrong include" => wrong(&[("include", "exif")]),
    "wrong cursor" => wrong(&[("cursor", "x")]),
}

/// The error for a query that is wrong.
fn wrong(parameters: &[(&str, &str)]) -> ApiError {
    let parameters: Vec<_> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let user = UserId::try_from(1).expect("an id");
    ListQuery::of(&parameters, user, &CursorKeys::new(Vec::new())).expect_err("it is wrong").into()
}

/// `GET image/`: answers 200 with one page of the user's images, their number, and the links to the pages beside it; 304
/// if the client has the page already; 400 if a parameter is wrong.
#[utoipa::path(
    get,
    path = "/image/",
    operation_id = "list_images",
    tag = "images",
    summary = "Page through one's images",
    description = "With `limit` and `offset` it works like `LimitOffsetPagination` of Django REST framework. With `cursor` a page costs the same at any depth: begin with an empty one, and follow `next`. The links keep all parameters. If a parameter is repeated, the last one counts; an empty filter is none; names that begin with `_` are ignored.",
    params(
        ("limit" = inline(Option<LenientNumber>), Query, description = "How many images the page has at most: 10 (with `ids` 100) if it is missing or not a positive number, and never more than 100."),
        ("offset" = inline(Option<LenientNumber>), Query, description = "How many images come before the page: 0 if it is missing or not a number."),
        ("cursor" = Option<String>, Query, description = "Where the page begins: empty for the first page, or as in a link of a page with the same ordering and filters."),
        ("ordering" = Option<String>, Query, description = "`-id` has the newest image first, anything else the oldest."),
        ("state" = Option<String>, Query, pattern = "^(pending|processing|ready|failed)?$", description = "Images in this state: `pending`, `processing`, `ready` or `failed`."),
        ("created_after" = inline(Option<TimeFilter>), Query, description = "Images that were created then or later: a time as in RFC 3339, or a date, which begins at midnight UTC. For example `2024-01-01` or `2024-01-01T12:00:00Z`."),
        ("created_before" = inline(Option<TimeFilter>), Query, description = "Images that were created earlier than this."),
        ("format" = Option<String>, Query, pattern = "^((jpeg|png|gif|webp|bmp|tiff|avif)(,(jpeg|png|gif|webp|bmp|tiff|avif)){0,9})?$", description = "Images whose original has one of these formats, separated by commas, such as `jpeg,png`."),
        ("ids" = Option<String>, Query, pattern = "^[1-9][0-9]{0,17}(,[1-9][0-9]{0,17}){0,99}$", description = "Images with these ids, 1 to 100 of them, separated by commas, such as `41,42`. Those that are not there are left out."),
        ("include" = Option<String>, Query, pattern = "^(status)?$", description = "What the page says of each image beyond its record: `status`, the object of `GET /image/{id}/status/`, as its last key."),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` of an answer that the client has."),
    ),
    responses(
        (
            status = 200,
            description = "One page of the user's images. `count` is the number of all images that the filters let pass.",
            body = ImagePage,
            headers(
                ("Cache-Control" = String, description = "The URLs are for the user alone."),
                ("ETag" = String, description = "Changes whenever the answer does, and when the URLs are signed anew."),
            ),
            examples(
                ("records" = (summary = "The records", value = json!({
                    "count": 31,
                "next": "https://images.example/image/?limit=10&offset=30",
                "previous": "https://images.example/image/?limit=10&offset=10",
                    "results": [examples::ready()],
                }))),
                ("with_status" = (summary = "With `include=status`", value = json!({
                    "count": 1,
                    "next": null,
                    "previous": null,
                    "results": [examples::ready_with_status()],
                }))),
            ),
        ),
        (status = 304, description = "The client has this answer already."),
        Refusals,
    ),
)]
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
    let tag = page.images.iter().fold(tag, |tag, image| match query.include {
        Include::Nothing => tag.with_record(image),
        Include::Status => tag.with_status(image),
    });
    let body = async || {
        let mut results = Vec::with_capacity(page.images.len());
        for image in &page.images {
            let record = record(&*state.backends.objects, &base_url, image).await?;
            results.push(ListedImage::new(record, image, query.include));
        }
        let Links { next, previous } = Links::of(&page, &query, user.id, cursors, &url, &parameters);
        Ok::<_, ApiError>(ImagePage { count: page.count, next, previous, results })
    };
    tag.answer(&request, body).await
}
