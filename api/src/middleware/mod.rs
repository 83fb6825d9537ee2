//! The middleware, which runs around every handler.

pub(crate) mod envelope;
pub(crate) mod resource;
