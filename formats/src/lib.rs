//! Reads the structure of image files: signatures, headers, markers, chunks, boxes, frames and limits.
//!
//! Each format has one grammar, which is a folder here and yields headers and byte ranges. Two policies use it:
//!
//! - [`inspect`] is strict. The api calls it at upload, and refuses a file whose structure is not valid.
//! - [`read`], and the function of that name in each format, is lenient. The worker calls it before it decodes. It
//!   accepts an incomplete file, and reports that the file ended early.
//!
//! If `inspect` accepts a file, the lenient reading accepts it with the same format, size and number of frames.
//!
//! This crate decodes no pixels and does no I/O: bytes come from a [`Source`]. Whatever a file announces, reading its
//! header takes a number of steps that is linear in the bytes that are read, and memory that is bounded by a constant.

#![forbid(unsafe_code)]

pub mod avif;
pub mod bmp;
pub mod gif;
pub mod jpeg;
pub mod png;
pub mod tiff;
pub mod webp;

mod cursor;
mod fault;
mod format;
mod header;
mod inspect;
mod limits;
mod loop_count;
mod reading;
mod refusal;
mod signature;
mod source;
#[cfg(test)]
mod tests;
mod unreadable;

pub use cursor::{Cursor, Order, ReadError};
pub use format::{Format, UnknownFormat};
pub use header::Header;
pub use inspect::inspect;
pub use limits::{ImageLimits, LimitExceeded};
pub use loop_count::LoopCount;
pub use reading::{Reading, read};
pub use refusal::{InspectError, Refusal};
pub use signature::{Signature, detect};
pub use source::Source;
pub use unreadable::Unreadable;
