//! What a file is, and whether its structure holds, without decoding a pixel.
//!
//! Every length in a file is a claim by a stranger: nothing is allocated by it, and what it spans is
//! checked against the real end before it is skipped.

mod avif;
mod bmp;
mod gif;
mod jpeg;
mod png;
mod signature;
mod source;
#[cfg(test)]
mod tests;
mod tiff;
mod webp;

use std::io::{self, BufRead, Seek};

use resizinator_shared::image::Format;

use self::signature::Signature;
use self::source::Source;

/// What the headers say about an image whose structure holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// What the file is, whatever its name or its sender says
    pub(crate) format: Format,
    /// Pixels, before any orientation; never 0
    pub(crate) width: u32,
    /// Pixels, before any orientation; never 0
    pub(crate) height: u32,
    /// Frames of an animation; 1 for a still. Exact up to [`Limits::frames`], else merely above it
    pub(crate) frames: u32,
}

/// Where the inspection may stop early.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Frames are counted up to one more than this, and what follows them is then not looked at
    pub(crate) frames: u32,
}

/// Why a file is refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StructureError {
    /// Not an image that is read here, or its structure does not hold
    #[error("not an image or a corrupted image")]
    Invalid,
    /// A format or coding process known by this name, and not read
    #[error("{0} is not supported")]
    Unsupported(&'static str),
    /// The file itself could not be read
    #[error(transparent)]
    Io(io::Error),
}

impl From<io::Error> for StructureError {
    /// A file that ends too early is the file's fault, not the disk's.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Invalid,
            _ => Self::Io(error),
        }
    }
}

/// Fails with [`StructureError::Invalid`] unless `holds`.
fn ensure(holds: bool) -> Result<(), StructureError> {
    if holds { Ok(()) } else { Err(StructureError::Invalid) }
}

/// Reads `input` from its start and says what image it is.
///
/// Costs bounded memory, and at most one pass over the file (PNG needs every byte for its
/// checksums; the others seek past pixel data).
pub(crate) fn inspect<R: BufRead + Seek>(input: &mut R, limits: &Limits) -> Result<Header, StructureError> {
    let mut source = Source::new(input)?;
    let format = match signature::detect(&source.opening()?) {
        Signature::Image(format) => format,
        Signature::Refused(name) => return Err(StructureError::Unsupported(name)),
        Signature::Unknown => return Err(StructureError::Invalid),
    };
    let (width, height, frames) = match format {
        Format::Jpeg => still(jpeg::inspect(&mut source)?),
        Format::Png => png::inspect(&mut source)?,
        Format::Gif => gif::inspect(&mut source, limits)?,
        Format::WebP => webp::inspect(&mut source, limits)?,
        Format::Bmp => still(bmp::inspect(&mut source)?),
        Format::Tiff => still(tiff::inspect(&mut source)?),
        Format::Avif => still(avif::inspect(&mut source)?),
    };
    ensure(width > 0 && height > 0)?;
    Ok(Header { format, width, height, frames })
}

/// Width, height and frames of an image.
type Extent = (u32, u32, u32);

fn still((width, height): (u32, u32)) -> Extent {
    (width, height, 1)
}
