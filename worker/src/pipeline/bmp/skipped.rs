//! The pixels that a run-length coded BMP skips.
//!
//! Such a file may skip pixels: by a delta, by ending a row early, or by ending the image early. They are transparent,
//! as in browsers; but `image` makes them black and does not report them. So its decoder gets the file with another
//! palette, whose colours are the indices of the original palette and none of which is black.

use image::{DynamicImage, Rgb, RgbImage, RgbaImage};
use resizinator_formats::bmp::{Bmp, Coding};

/// The offset of the number of colours in the image's header.
const COLOURS_AT: u64 = 32;

/// The palette of a run-length coded file, to be replaced by one of indices.
pub(super) struct Numbered {
    palette: Vec<[u8; 3]>,
    /// The offset of the palette in the file.
    palette_at: usize,
    colours_at: usize,
    pixels_at: usize,
}

impl Numbered {
    /// `None` if the file is not run-length coded, or if it ends before its pixels do.
    pub(super) fn of(bmp: &Bmp<'_>) -> Option<Self> {
        let all = match bmp.image.coding {
            Coding::Rle8 => 256,
            Coding::Rle4 => 16,
            Coding::Plain | Coding::Masks => return None,
        };
        let palette = bmp.image.palette.as_ref()?;
        let stored = bmp.bytes(palette)?;
        let mut colours: Vec<_> =
            stored.chunks_exact(4).map(|entry| [entry[2], entry[1], entry[0]]).collect();
        // An index beyond the end of the palette is black.
        colours.resize(all, [0; 3]);
        let pixels_at = usize::try_from(bmp.image.pixels_at).ok().filter(|&at| at <= bmp.file.len())?;
        Some(Self {
            palette: colours,
            palette_at: usize::try_from(palette.start).ok()?,
            colours_at: usize::try_from(bmp.image.place.start + COLOURS_AT).ok()?,
            pixels_at,
        })
    }

    /// The file with a palette of indices.
    pub(super) fn file(&self, input: &[u8]) -> Vec<u8> {
        let mut file = input[..self.palette_at].to_vec();
        let pixels_at = (self.palette_at + 4 * self.palette.len()) as u32;
        file[10..14].copy_from_slice(&pixels_at.to_le_bytes());
        // 0 means as many colours as the bits of a pixel allow.
        file[self.colours_at..][..4].fill(0);
        // The order is blue, green, red, and an unused byte.
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
