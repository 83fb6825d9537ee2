//! The division of a multipart body into its parts (RFC 2046, section 5.1, and RFC 7578).
//!
//! actix-multipart reads the parts. It takes delimiters in one spelling only, so [`source`] finds the client's
//! delimiters first, and hands the parts on between delimiters in that spelling, with a boundary of its own.

mod boundary;
mod delimiters;
mod disposition;
mod fault;
mod head;
mod parameters;
mod source;
#[cfg(test)]
mod tests;

pub(super) use boundary::Boundary;
pub(super) use disposition::Disposition;
pub(super) use fault::BodyFault;
pub(super) use source::parts;
