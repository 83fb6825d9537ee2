//! What all operations of the same access have in common: the answers and headers of the middleware.

use std::time::Duration;

use resizinator_shared::settings::{Rate, RateLimit};
use utoipa::PartialSchema;
use utoipa::ToSchema;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::Type;
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Components, RefOr, Required};

use super::SCHEMES;
use super::refusals::{AccountError, Detail, FieldErrors, OriginalErrors, header, refuse};
use crate::auth;
use crate::error::ApiError;
use crate::rates::{Standing, Throttled};
use crate::routes::Access;
use crate::upload::plain_body;

/// Adds the schemas of errors.
pub(super) fn add_schemas(components: &mut Components) {
    components.schemas.insert(Detail::name().into(), Detail::schema());
    components.schemas.insert(AccountError::name().into(), AccountError::schema());
    components.schemas.insert(OriginalErrors::name().into(), OriginalErrors::schema());
    components.schemas.insert(FieldErrors::name().into(), FieldErrors::schema());
}

/// Adds to an operation what the middleware and the extractors answer in place of its handler.
pub(super) fn complete(operation: &mut Operation, access: Access) {
    let has_body = operation.request_body.is_some();
    if let Some(body) = &mut operation.request_body {
        body.required = Some(Required::True);
    }
    let responses = &mut operation.responses.responses;
    let mut add = |name, error: ApiError| refuse(responses, name, &error);
    if access != Access::Probe {
        add("malformed host", ApiError::MalformedHost("a b".into()));
        add("unknown host", ApiError::BadHost("elsewhere.example".into()));
        add("at fault", ApiError::Internal(String::new()));
    }
    if access.needs_token() || access == Access::Anyone {
        add("not JSON", ApiError::NotAcceptable);
        add("unavailable", ApiError::Unavailable(String::new()));
    }
    if access.is_counted() {
        add("too often", ApiError::Throttled(throttled(access)));
    }
    if access.needs_token() {
        for (name, error) in auth::REFUSALS {
            add(name, error);
        }
        if access == Access::Admin {
            add("not an operator", auth::NOT_ADMIN);
        }
        operation.security =
            Some(SCHEMES.map(|scheme| SecurityRequirement::new::<_, [&str; 0], &str>(scheme, [])).into());
    }
    if has_body {
        add("too slow", ApiError::TooSlow { rate: 1024, stall: Duration::from_secs(30) });
        add("too long", plain_body::too_long(format_args!("has more")));
        add("encoded", ApiError::UnsupportedEncoding("gzip".into()));
    }
    for response in responses.values_mut() {
        let RefOr::T(response) = response else { continue };
        let mut set = |name: &str, kind, about| {
            response.headers.entry(name.to_owned()).or_insert_with(|| header(kind, about));
        };
        set("X-Request-Id", Type::String, "The id of the request, which the log has too.");
        if access.is_counted() {
            set(
                "RateLimit",
                Type::String,
                "What is left of each limit that the request counts for (draft-ietf-httpapi-ratelimit-headers-10).",
            );
            set("RateLimit-Policy", Type::String, "The limits that the request counts for.");
        }
    }
}

fn throttled(access: Access) -> Throttled {
    let limit = if access.needs_token() { RateLimit::User } else { RateLimit::Address };
    let rate = Rate::new(6000, 60).expect("a rate");
    Throttled::by(Standing { limit, rate, remaining: 0, next: Duration::from_secs(1), is_refused: true })
}
