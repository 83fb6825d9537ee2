//! Pixels that a run-length coded BMP steps over.
//!
//! Such a file may leave out pixels: by a delta, by an early end of a row, by an early end of all. They are
//! transparent, as browsers have it; `image` fills them with black and does not tell. So its decoder is given the
//! file with another palette, whose colours are the numbers of the original's and none of which is black.

use image::{DynamicImage, Rgb, RgbImage, RgbaImage};
use resizinator_formats::bmp::{Bmp, Coding};

/// Where the number of colours stands in the image's header.
const COLOURS_AT: u64 = 32;

/// The palette of a run-length coded file.
pub(super) struct Numbered {
    palette: Vec<[u8; 3]>,
    /// Of the file.
    palette_at: usize,
    colours_at: usize,
    pixels_at: usize,
}

impl Numbered {
    /// `None` of a file that is coded otherwise, or that ends before its pixels do.
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
        // What a pixel names beyond the palette is black.
        colours.resize(all, [0; 3]);
        let pixels_at = usize::try_from(bmp.image.pixels_at).ok().filter(|&at| at <= bmp.file.len())?;
        Some(Self {
            palette: colours,
            palette_at: usize::try_from(palette.start).ok()?,
            colours_at: usize::try_from(bmp.image.place.start + COLOURS_AT).ok()?,
            pixels_at,
        })
    }

    /// The file with the numbers for a palette.
    pub(super) fn file(&self, input: &[u8]) -> Vec<u8> {
        let mut file = input[..self.palette_at].to_vec();
        let pixels_at = (self.palette_at + 4 * self.palette.len()) as u32;
        file[10..14].copy_from_slice(&pixels_at.to_le_bytes());
        // As many colours as the bits can name.
        file[self.colours_at..][..4].fill(0);
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
