//! The steps of an upload: it is admitted, received into bounded memory and a temporary file, checked, and accepted.

mod accept;
mod admission;
mod body_limit;
mod check;
mod claim;
mod disk;
mod file_name;
mod key;
mod multipart;
pub(crate) mod plain_body;
mod receive;
mod spool;
mod transfer;
mod windows;

pub(crate) use accept::accept;
pub(crate) use admission::Admission;
pub(crate) use check::check;
pub(crate) use disk::Disk;
pub(crate) use file_name::LONGEST_NAME;
pub(crate) use key::{key_of, known};
pub(crate) use receive::{NO_FILE, NOT_A_FILE, receive};
