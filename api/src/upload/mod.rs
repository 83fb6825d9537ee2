//! The steps of an upload: it is received into bounded memory and a temporary file, checked, and accepted.

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
