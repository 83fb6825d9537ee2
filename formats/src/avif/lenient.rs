//! The lenient reading of AVIF, from which the worker decodes.

use super::boxes::Tolerance;
use super::fault::AvifFault;
use super::image::Avif;
use crate::cursor::Cursor;
use crate::format::Format;
use crate::header::Header;
use crate::unreadable::Unreadable;

/// Reads all that `file` says in front of its pixels. Boxes that are cut off are read as far as they go.
///
/// # Errors
/// If the primary image or its alpha channel is not there as a whole, contradicts itself, or is not decoded.
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
    /// What the file is: always one frame, of the size before it is cropped or turned.
    #[must_use]
    pub fn header(&self) -> Header {
        let size = self.colour.size;
        Header { format: Format::Avif, width: size.width, height: size.height, frames: 1 }
    }
}
