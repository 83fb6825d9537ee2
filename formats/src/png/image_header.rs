//! The image header of a PNG, IHDR (PNG § 11.2.1).

use super::chunk::MAX_NUMBER;

/// The meaning of the samples of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Grey, from black to white.
    Grey,
    /// Red, green and blue.
    Rgb,
    /// An index into the palette.
    Palette,
    /// Grey and alpha.
    GreyAlpha,
    /// Red, green, blue and alpha.
    Rgba,
}

impl Colour {
    fn parse(code: u8, depth: u8) -> Option<Self> {
        match (code, depth) {
            (0, 1 | 2 | 4 | 8 | 16) => Some(Self::Grey),
            (2, 8 | 16) => Some(Self::Rgb),
            (3, 1 | 2 | 4 | 8) => Some(Self::Palette),
            (4, 8 | 16) => Some(Self::GreyAlpha),
            (6, 8 | 16) => Some(Self::Rgba),
            _ => None,
        }
    }
}

/// The image header of a PNG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageHeader {
    /// This side in pixels. It is never 0.
    pub width: u32,
    /// This side in pixels. It is never 0.
    pub height: u32,
    /// The meaning of the samples of a pixel.
    pub colour: Colour,
    /// The number of bits per sample.
    pub depth: u8,
    /// Whether the pixels are interlaced, which means that they are stored in seven passes.
    pub interlaced: bool,
}

impl ImageHeader {
    /// The length of its data in bytes.
    pub(crate) const LENGTH: usize = 13;

    /// Parses the data of an IHDR chunk. Returns `None` if the standard does not allow it.
    pub(crate) fn parse(bytes: [u8; Self::LENGTH]) -> Option<Self> {
        let [w0, w1, w2, w3, h0, h1, h2, h3, depth, colour, compression, filter, interlace] = bytes;
        let width = u32::from_be_bytes([w0, w1, w2, w3]);
        let height = u32::from_be_bytes([h0, h1, h2, h3]);
        let colour = Colour::parse(colour, depth)?;
        let possible = (1..=MAX_NUMBER).contains(&width)
            && (1..=MAX_NUMBER).contains(&height)
            && compression == 0
            && filter == 0
            && interlace <= 1;
        possible.then_some(Self { width, height, colour, depth, interlaced: interlace == 1 })
    }
}
