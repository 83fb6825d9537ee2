//! What happens around every handler.

pub(crate) mod envelope;
pub(crate) mod resource;
