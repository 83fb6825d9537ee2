//! The commands. Each command has its own file.

pub(crate) mod bucket;
pub(crate) mod image;
pub(crate) mod migrate;
pub(crate) mod migrate_to;
mod patience;
pub(crate) mod serve;
pub(crate) mod user;
