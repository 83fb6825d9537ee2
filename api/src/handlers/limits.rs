use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use resizinator_formats::Format;
use resizinator_shared::metadata::WEBHOOKS_PER_USER;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::AuthenticatedUser;
use crate::error::ApiError;
use crate::rates::{RequestLimits, Standing};
use crate::state::ApiState;
use crate::upload::LONGEST_NAME;

/// Every limit that a client meets, and how much of it is used.
#[derive(Serialize, ToSchema)]
struct Limits {
    file: FileLimits,
    quotas: QuotaLimits,
    /// The uploads of the user at the same time, with one process of the api.
    uploads: Used,
    tokens: TokenLimits,
    webhooks: Used,
    password: PasswordLimits,
    variants: VariantHeights,
    /// The limits on how often one may ask; empty if there are none.
    rates: Vec<RateStanding>,
    /// For how many seconds a signed URL works at most.
    url_lifetime: u64,
}

/// The limits of a file.
#[derive(Serialize, ToSchema)]
struct FileLimits {
    bytes: u64,
    /// The characters of the file's name.
    name_characters: usize,
    /// The pixels of one frame.
    pixels: u64,
    /// The pixels of the width, and of the height.
    side: u32,
    frames: u32,
    /// The pixels of all frames together.
    animation_pixels: u64,
    /// The names of the accepted formats.
    #[schema(value_type = Vec<String>)]
    formats: [&'static str; Format::ALL.len()],
}

/// The limits of what a user may keep.
#[derive(Serialize, ToSchema)]
struct QuotaLimits {
    images: Used,
    /// The bytes of all originals.
    bytes: Used,
}

/// A limit, and how much of it is used.
#[derive(Serialize, ToSchema)]
struct Used {
    /// `null` is no limit.
    #[schema(required)]
    limit: Option<u64>,
    used: u64,
}

/// The limits of tokens.
#[derive(Serialize, ToSchema)]
struct TokenLimits {
    limit: i64,
    used: usize,
    /// After how many seconds without use a token expires.
    lifetime: u64,
}

/// The limits of a new password.
#[derive(Serialize, ToSchema)]
struct PasswordLimits {
    least_characters: usize,
}

/// The heights of the variants in pixels.
#[derive(Serialize, ToSchema)]
struct VariantHeights {
    small: u32,
    medium: u32,
}

/// A limit on how often one may ask.
#[derive(Serialize, ToSchema)]
struct RateStanding {
    name: &'static str,
    /// How many requests may come within `seconds`.
    requests: u32,
    seconds: u32,
    /// How many are left of those that this request counts for.
    #[schema(required)]
    left: Option<u32>,
}

/// `GET limits/`: answers 200 with every limit that a client meets, and how much of it is used. `null` is no limit.
#[utoipa::path(
    get,
    path = "/limits/",
    operation_id = "get_limits",
    tag = "account",
    summary = "Get every limit, and how much of it is used",
    responses((
        status = 200,
        description = "The limits that a client meets. `null` is no limit.",
        body = Limits,
        headers(("Cache-Control" = String, description = "The numbers are those of the user.")),
        example = json!({
            "file": {
                "bytes": 52_428_800,
                "name_characters": 100,
                "pixels": 100_000_000,
                "side": 30_000,
                "frames": 500,
                "animation_pixels": 200_000_000,
                "formats": ["jpeg", "png", "gif", "webp", "avif", "tiff", "bmp"],
            },
            "quotas": { "images": { "limit": 10_000, "used": 31 }, "bytes": { "limit": null, "used": 48_210_233 } },
            "uploads": { "limit": 4, "used": 0 },
            "tokens": { "limit": 10, "used": 2, "lifetime": 7_776_000 },
            "webhooks": { "limit": 10, "used": 1 },
            "password": { "least_characters": 8 },
            "variants": { "small": 100, "medium": 300 },
            "rates": [{ "name": "user", "requests": 6000, "seconds": 60, "left": 5999 }],
            "url_lifetime": 3600,
        }),
    )),
)]
pub(crate) async fn handle(
    user: AuthenticatedUser,
    request: HttpRequest,
    state: Data<ApiState>,
) -> Result<HttpResponse, ApiError> {
    let limits = &state.settings.limits;
    let quotas = user.holder.quotas.or(limits.quotas);
    let totals = user.holder.totals;
    let tokens = state.backends.metadata.tokens(user.id, limits.token_lifetime).await?.len();
    let webhooks = state.backends.metadata.count_webhooks(user.id).await?;
    let body = Limits {
        file: FileLimits {
            bytes: limits.bytes,
            name_characters: LONGEST_NAME,
            pixels: limits.image.pixels,
            side: limits.image.side,
            frames: limits.image.frames,
            animation_pixels: limits.image.animation_pixels,
            formats: Format::ALL.map(Format::name),
        },
        quotas: QuotaLimits {
            images: Used { limit: quotas.images.limit(), used: totals.images },
            bytes: Used { limit: quotas.bytes.limit(), used: totals.bytes },
        },
        uploads: Used {
            limit: Some(limits.uploads.per_user as u64),
            used: state.admission.of_user(user.id) as u64,
        },
        tokens: TokenLimits {
            limit: limits.tokens_per_user,
            used: tokens,
            lifetime: limits.token_lifetime.as_secs(),
        },
        webhooks: Used { limit: Some(WEBHOOKS_PER_USER.unsigned_abs()), used: webhooks.unsigned_abs() },
        password: PasswordLimits { least_characters: limits.password_min },
        variants: VariantHeights { small: limits.heights.small, medium: limits.heights.medium },
        rates: rates(&request, &state),
        url_lifetime: limits.url_lifetime.as_secs(),
    };
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "private, no-cache")).json(body))
}

/// The limits on how often one may ask, and how many requests are left of those that this request counts for. It is
/// empty if the limits are off.
fn rates(request: &HttpRequest, state: &ApiState) -> Vec<RateStanding> {
    let standings = RequestLimits::of(request).standings();
    let left = |limit| {
        standings.iter().find(|standing| standing.limit == limit).map(|Standing { remaining, .. }| *remaining)
    };
    let in_force = state.settings.rate_limits.in_force().into_iter().flatten();
    in_force
        .map(|(limit, rate)| RateStanding {
            name: limit.name(),
            requests: rate.requests().get(),
            seconds: rate.seconds().get(),
            left: left(limit),
        })
        .collect()
}
