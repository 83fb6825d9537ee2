//! The middleware, which runs around every handler. From the outside to the inside: `envelope`, `cors`, `guard`, `rates`,
//! and `resource` around the handlers of a known path.

pub(crate) mod cors;
pub(crate) mod envelope;
pub(crate) mod guard;
pub(crate) mod rates;
pub(crate) mod resource;
