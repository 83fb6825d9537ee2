//! One file per command.

pub(crate) mod migrate;
pub(crate) mod serve;
pub(crate) mod user;
