//! The lenient reading of a file of any format.

use crate::format::Format;
use crate::header::Header;
use crate::unreadable::Unreadable;
use crate::{avif, bmp, gif, jpeg, png, tiff, webp};

/// The result of the lenient reading of a file of any format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The format, the size and the number of frames.
    pub header: Header,
    /// Whether the file ends before its structure is complete. The part that is there can be used.
    pub ended_early: bool,
}

/// Reads a file of `format` leniently. To get more than the header, call the `read` function of the format.
///
/// # Errors
/// If no part of the file can be used.
pub fn read(format: Format, file: &[u8]) -> Result<Reading, Unreadable> {
    let (header, ended_early) = match format {
        Format::Jpeg => {
            let jpeg = jpeg::read(file)?;
            (jpeg.header(), jpeg.ended_early())
        }
        Format::Png => {
            let png = png::read(file)?;
            (png.header(), png.ended_early)
        }
        Format::Gif => {
            let gif = gif::read(file)?;
            (gif.header(), gif.ended_early)
        }
        Format::WebP => {
            let webp = webp::read(file)?;
            (webp.header(), webp.ended_early)
        }
        Format::Bmp => {
            let bmp = bmp::read(file)?;
            (bmp.header(), bmp.ended_early)
        }
        Format::Tiff => {
            let tiff = tiff::read(file)?;
            (tiff.header(), tiff.ended_early)
        }
        Format::Avif => {
            let avif = avif::read(file)?;
            (avif.header(), avif.ended_early)
        }
    };
    Ok(Reading { header, ended_early })
}
