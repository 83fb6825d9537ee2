//! A JPEG file whose segments before the first pixel have been read and interpreted.

use super::{super::RenderError, direct, scale::Scale};
use image::metadata::Orientation;
use resizinator_formats::{
    Format, Unreadable,
    jpeg::{self, Component, Jpeg},
};

/// The channels of the pixels that [`decode`](super::decode) returns, 8 bits each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Colour {
    /// One channel.
    Grey,
    /// Three channels, which are stored as luma and chroma or as RGB.
    Rgb,
    /// Four channels, which are stored as CMYK, or with the first three as luma and chroma.
    Cmyk {
        /// Whether 255 means no ink in the file, as Adobe's programs write it.
        inverted: bool,
    },
}

impl Colour {
    pub(super) fn channels(self) -> u8 {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Cmyk { .. } => 4,
        }
    }
}

/// A JPEG file whose pixels are not decoded yet.
#[derive(Clone, Debug)]
pub(in super::super) struct Opened<'a> {
    /// The segments of the file.
    pub(in super::super) jpeg: Jpeg<'a>,
    /// The channels of the decoded pixels.
    pub(in super::super) colour: Colour,
    /// The orientation that has to be applied to make the pixels upright.
    pub(in super::super) orientation: Orientation,
}

/// Reads everything up to the first scan, and finds the other scans if there are more.
///
/// # Errors
/// If the file cannot be decoded: it is no JPEG, is cut off before the first pixel, does not have 8 bits per sample, or
/// is not coded with Huffman codes.
pub(in super::super) fn open(file: &[u8]) -> Result<Opened<'_>, RenderError> {
    let unreadable = |reason| RenderError::unreadable(Format::Jpeg, reason);
    let jpeg = jpeg::read(file).map_err(unreadable)?;
    let colour = match jpeg.frame.components.len() {
        1 => Colour::Grey,
        3 => Colour::Rgb,
        4 => Colour::Cmyk { inverted: jpeg.adobe },
        _ => return Err(unreadable(Unreadable::Damaged("its components are no known colours"))),
    };
    let orientation = jpeg.exif.and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms);
    Ok(Opened { jpeg, colour, orientation })
}

impl Opened<'_> {
    /// Whether turning the image upright swaps its sides.
    pub(super) fn swaps_sides(&self) -> bool {
        use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
        matches!(self.orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
    }

    /// An upper bound of the bytes that libjpeg-turbo takes at `scale`. If there is more than one scan, it holds all
    /// coefficients.
    pub(super) fn library_memory(&self, scale: Scale) -> u64 {
        let frame = &self.jpeg.frame;
        let padded = |blocks: u32, factor: u8| u64::from(blocks.next_multiple_of(u32::from(factor.max(1))));
        let coefficients = |&component: &Component| {
            let (along, down) = frame.blocks(component);
            padded(along, component.h) * padded(down, component.v) * 64 * 2
        };
        let has_scans = self.jpeg.scans.is_some();
        let coefficients = if has_scans { frame.components.iter().map(coefficients).sum() } else { 0 };
        coefficients + self.memory_without_coefficients(scale)
    }

    /// An upper bound of the bytes that the project's own decoder takes at `scale`. Returns `None` if it certainly does
    /// not support the file.
    pub(super) fn direct_memory(&self, scale: Scale) -> Option<u64> {
        Some(direct::coefficients(self, scale)? + self.memory_without_coefficients(scale))
    }

    /// An upper bound of the bytes that either decoder takes besides coefficients: for the decoded pixels, and for the
    /// rows that are held in between.
    fn memory_without_coefficients(&self, scale: Scale) -> u64 {
        const FIXED: u64 = 1 << 20;
        /// How many rows of blocks are held per component: before and after upsampling, with their neighbours.
        const ROWS_HELD: u64 = 4;
        let frame = &self.jpeg.frame;
        let (most_h, most_v) = frame.most_sampled();
        let width = u64::from(scale.of(frame.width.next_multiple_of(8 * u32::from(most_h))));
        let rows = width * u64::from(scale.eighths()) * u64::from(most_v) * ROWS_HELD;
        let pixels = u64::from(scale.of(frame.width)) * u64::from(scale.of(frame.height));
        FIXED + rows * frame.components.len() as u64 + pixels * u64::from(self.colour.channels())
    }
}
