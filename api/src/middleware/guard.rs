//! The checks that come before every handler, and the ends of a request that no handler sees: a panic, and a body that
//! comes too slowly.

use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::uri::Authority;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage};
use futures_util::FutureExt;
use resizinator_shared::settings::Settings;

use crate::client::{Client, Reached};
use crate::edge::Connection;
use crate::error::ApiError;
use crate::links::state;

/// Whether a supervisor asks this path. It uses the address of the machine, whatever the service is called.
pub(crate) fn is_probe(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz")
}

pub(crate) async fn wrap(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let settings = &state(request.request()).settings;
    let connection = request.conn_data::<Rc<Connection>>().cloned();
    if !is_probe(request.path()) {
        let reached = reached(&request, settings)?;
        request.extensions_mut().insert(reached);
    }
    let handled = AssertUnwindSafe(next.call(request)).catch_unwind().await;
    if connection.is_some_and(|connection| connection.body_is_too_slow()) {
        let limits = &settings.connections;
        return Err(ApiError::TooSlow { rate: limits.rate, stall: limits.stall }.into());
    }
    handled.unwrap_or_else(|_| Err(ApiError::Internal("a handler panicked".into()).into()))
}

/// How the request has reached the service, if it is a host that is served here.
fn reached(request: &ServiceRequest, settings: &Settings) -> Result<Reached, ApiError> {
    let client = request.extensions_mut().remove::<Client>().expect("the envelope has found it out");
    let (scheme, host) = (client.scheme()?, client.host()?);
    let is_served = settings.allowed_hosts.is_empty()
        || host.as_ref().is_some_and(|host| is_allowed(host, &settings.allowed_hosts));
    if is_served {
        Ok(Reached { address: client.address, scheme, host })
    } else {
        Err(ApiError::BadHost(host.map_or_else(String::new, |host| host.to_string())))
    }
}

fn is_allowed(host: &Authority, allowed: &[String]) -> bool {
    allowed.iter().any(|one| one.eq_ignore_ascii_case(host.host()) || one.eq_ignore_ascii_case(host.as_str()))
}
