//! Cross-Origin Resource Sharing, so that browser apps of other origins can use the api. It is off unless
//! `RESIZINATOR_CORS_ORIGINS` is set.

use actix_cors::Cors;
use actix_web::http::header::{ETAG, HeaderName, LOCATION, RETRY_AFTER};
use actix_web::middleware::Condition;
use resizinator_shared::settings::CorsOrigins;

use crate::rates;

/// The headers of answers that a page may read besides those that it always may.
const EXPOSED: [HeaderName; 6] =
    [LOCATION, ETAG, RETRY_AFTER, HeaderName::from_static("x-request-id"), rates::POLICY, rates::STATE];

/// How long a browser remembers the answer to a preflight request, in seconds.
const MAX_AGE: usize = 3600;

pub(crate) fn of(origins: &CorsOrigins) -> Condition<Cors> {
    // The only credential is the header `Authorization`, which a page sets itself. So no answer allows cookies.
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "DELETE", "OPTIONS"])
        .allow_any_header()
        .expose_headers(EXPOSED)
        .max_age(MAX_AGE);
    let cors = match origins {
        CorsOrigins::None => return Condition::new(false, cors),
        CorsOrigins::Any => cors.allow_any_origin().send_wildcard(),
        CorsOrigins::Listed(origins) => origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin)),
    };
    Condition::new(true, cors)
}
