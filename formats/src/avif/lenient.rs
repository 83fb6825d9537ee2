//! The lenient reading of an AVIF, which the worker uses for decoding.

use super::boxes::Tolerance;
use super::fault::AvifFault;
use super::image::Avif;
use crate::cursor::Cursor;
use crate::format::Format;
use crate::header::Header;
use crate::unreadable::Unreadable;

/// Reads everything in `file` except for its pixels. Boxes that are cut off are read up to their end.
///
/// # Errors
/// If the primary image or its alpha channel is incomplete, contradicts itself, or is not supported.
pub fn read(file: &[u8]) -> Result<Avif, Unreadable> {
    let mut source = file;
    Avif::read(&mut Cursor::new(&mut source), Tolerance::Lenient).map_err(|fault| match fault {
        AvifFault::EndedEarly => Unreadable::EndedEarly,
        AvifFault::Damaged(how) => Unreadable::Damaged(how),
        AvifFault::Unsupported(feature) => Unreadable::Unsupported(feature.to_string().into()),
        AvifFault::Source(never) => match never {},
    })
}

impl Avif {
    /// The header of the file. It always has one frame, and the size before cropping and turning.
    #[must_use]
    pub fn header(&self) -> Header {
        let size = self.colour.size;
        Header { format: Format::Avif, width: size.width, height: size.height, frames: 1 }
    }
}
