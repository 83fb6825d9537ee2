//! Pixels that a run-length coded BMP steps over.
//!
//! Such a file may leave out pixels: by a delta, by an early end of a row, by an early end of all. They are
//! transparent, as browsers have it; `image` fills them with black and does not tell. So its decoder is given the
//! file with another palette, whose colours are the numbers of the original's and none of which is black.

use super::{HEADER, field};
use image::{DynamicImage, Rgb, RgbImage, RgbaImage};

/// The palette of a run-length coded file.
pub(super) struct Numbered {
    palette: Vec<[u8; 3]>,
    /// Of the file.
    palette_at: usize,
    pixels_at: usize,
}

impl Numbered {
    /// `None` of a file that is coded otherwise, or whose headers do not hold.
    pub(super) fn of(input: &[u8]) -> Option<Self> {
        const INFO_HEADER: usize = 40;
        let field = |offset| field(input, offset).map(|value| value as usize);
        let (pixels_at, header) = (field(10)?, field(HEADER)?);
        let bits = input.get(HEADER + 14..)?.first_chunk().map(|&bytes| u16::from_le_bytes(bytes))?;
        let all = match (bits, field(HEADER + 16)?) {
            (8, 1) => 256,
            (4, 2) => 16,
            _ => return None,
        };
        let colours = match field(HEADER + 32)? {
            0 => all,
            used => used,
        };
        if header < INFO_HEADER || colours > all || pixels_at > input.len() {
            return None;
        }
        let palette_at = HEADER.checked_add(header)?;
        let stored = input.get(palette_at..)?.get(..4 * colours)?;
        let mut palette: Vec<_> =
            stored.chunks_exact(4).map(|entry| [entry[2], entry[1], entry[0]]).collect();
        // What a pixel names beyond the palette is black.
        palette.resize(all, [0; 3]);
        Some(Self { palette, palette_at, pixels_at })
    }

    /// The file with the numbers for a palette.
    pub(super) fn file(&self, input: &[u8]) -> Vec<u8> {
        let mut file = input[..self.palette_at].to_vec();
        let pixels_at = (self.palette_at + 4 * self.palette.len()) as u32;
        file[10..14].copy_from_slice(&pixels_at.to_le_bytes());
        // As many colours as the bits can name.
        file[HEADER + 32..][..4].fill(0);
        // Blue, green, red, nothing.
        file.extend((0..=255).take(self.palette.len()).flat_map(|number| [number, 255, 0, 0]));
        file.extend(&input[self.pixels_at..]);
        file
    }

    /// The colours of the pixels decoded from [`file`](Self::file).
    pub(super) fn coloured(&self, mut numbers: RgbImage) -> DynamicImage {
        let colour = |pixel: &Rgb<u8>| match pixel.0 {
            [0, 255, number] => self.palette.get(usize::from(number)),
            _ => None,
        };
        if numbers.pixels().all(|pixel| colour(pixel).is_some()) {
            numbers.pixels_mut().for_each(|pixel| pixel.0 = self.palette[usize::from(pixel.0[2])]);
            return numbers.into();
        }
        let (width, height) = numbers.dimensions();
        let rgba = numbers.pixels().flat_map(|pixel| match colour(pixel) {
            Some(&[red, green, blue]) => [red, green, blue, 255],
            None => [0; 4],
        });
        let pixels = RgbaImage::from_raw(width, height, rgba.collect());
        pixels.expect("four bytes of each pixel").into()
    }
}
