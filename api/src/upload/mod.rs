//! The way of an upload: received into bounded memory and a temporary file, checked, accepted.

mod accept;
mod check;
mod file_name;
pub(crate) mod plain_body;
mod receive;
mod spool;
mod windows;

pub(crate) use accept::accept;
pub(crate) use check::check;
pub(crate) use receive::receive;
