//! One file per command.

pub(crate) mod image;
pub(crate) mod migrate;
pub(crate) mod serve;
pub(crate) mod user;
