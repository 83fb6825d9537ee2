use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use resizinator_shared::ids::UserId;
use resizinator_shared::image::rfc3339_micros;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::AuthenticatedUser;

/// A user as they see themselves.
#[derive(Serialize, ToSchema)]
struct UserRecord<'a> {
    #[schema(value_type = i64, minimum = 1)]
    id: UserId,
    username: &'a str,
    /// Whether the user may use the endpoints for operators.
    admin: bool,
    #[serde(serialize_with = "rfc3339_micros")]
    created_at: DateTime<Utc>,
}

/// `GET user/`: answers 200 with the user whose token the request has.
#[utoipa::path(
    get,
    path = "/user/",
    operation_id = "get_user",
    tag = "account",
    summary = "See who one is",
    responses((
        status = 200,
        description = "The user whose token the request has.",
        body = UserRecord,
        headers(("Cache-Control" = String, description = "The answer is for the user alone.")),
        example = json!({
            "id": 7,
            "username": "ada",
            "admin": false,
            "created_at": "2024-05-18T18:05:06.009201Z",
        }),
    )),
)]
pub(crate) async fn handle(user: AuthenticatedUser) -> HttpResponse {
    let holder = &user.holder;
    let record = UserRecord {
        id: user.id,
        username: &holder.user.username,
        admin: holder.user.admin,
        created_at: holder.created_at,
    };
    HttpResponse::Ok().insert_header(("Cache-Control", "private, no-cache")).json(record)
}
