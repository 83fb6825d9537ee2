use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use resizinator_formats::Format;
use serde_json::{Value, json};

use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::rates::{RequestLimits, Standing};
use crate::state::ApiState;
use crate::upload::LONGEST_NAME;

/// `GET limits/`: answers 200 with every limit that a client meets, and how much of it is used. `null` is no limit.
pub(crate) async fn handle(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let limits = &state.settings.limits;
    let quotas = user.holder.quotas.or(limits.quotas);
    let totals = user.holder.totals;
    let tokens = state.backends.metadata.tokens(user.id, limits.token_lifetime).await?.len();
    let body = json!({
        "file": {
            "bytes": limits.bytes,
            "name_characters": LONGEST_NAME,
            "pixels": limits.image.pixels,
            "side": limits.image.side,
            "frames": limits.image.frames,
            "animation_pixels": limits.image.animation_pixels,
            "formats": Format::ALL.map(Format::name),
        },
        "quotas": {
            "images": { "limit": quotas.images, "used": totals.images },
            "bytes": { "limit": quotas.bytes, "used": totals.bytes },
        },
        "uploads": { "limit": limits.uploads.per_user, "used": state.admission.of_user(user.id) },
        "tokens": {
            "limit": limits.tokens_per_user,
            "used": tokens,
            "lifetime": limits.token_lifetime.as_secs(),
        },
        "password": { "least_characters": limits.password_min },
        "variants": { "small": limits.heights.small, "medium": limits.heights.medium },
        "rates": rates(&request, &state),
        "url_lifetime": limits.url_lifetime.as_secs(),
    });
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "private, no-cache")).json(body))
}

/// The limits on how often one may ask, and how many requests are left of those that this request counts for. It is
/// empty if the limits are off.
fn rates(request: &HttpRequest, state: &ApiState) -> Vec<Value> {
    let standings = RequestLimits::of(request).standings();
    let left = |limit| {
        standings.iter().find(|standing| standing.limit == limit).map(|Standing { remaining, .. }| *remaining)
    };
    let in_force = state.settings.rate_limits.in_force().into_iter().flatten();
    in_force
        .map(|(limit, rate)| {
            json!({
                "name": limit.name(), "requests": rate.requests(), "seconds": rate.seconds(), "left": left(limit),
            })
        })
        .collect()
}
