//! Converts luma and chroma to grey or RGB, row by row.
//!
//! Subsampled chroma is interpolated as if each sample lay in the centre of its two or four pixels. Where AV1 defines
//! another position, that differs by half a pixel.
//!
//! Source: ITU-T H.273, section 8.3.

use super::planes::{Planes, Stored};
use resizinator_formats::avif::{Avif, Matrix};

/// A converter from rows of samples to rows of pixels.
pub(super) struct Converter<'a, C, A> {
    colour: &'a Planes<C>,
    alpha: Option<&'a Planes<A>>,
    matrix: Matrix,
    full_range: bool,
    premultiplied: bool,
    /// The channels of one row: red, green, blue and alpha. A grey row is in the place of red.
    channels: [Vec<f32>; 4],
    near: Vec<f32>,
    far: Vec<f32>,
}

impl<'a, C: Stored, A: Stored> Converter<'a, C, A> {
    /// A converter for planes that were decoded as `image` describes.
    pub(super) fn new(colour: &'a Planes<C>, alpha: Option<&'a Planes<A>>, image: &Avif) -> Self {
        Self {
            colour,
            alpha,
            matrix: image.matrix,
            full_range: image.colours.full_range,
            premultiplied: image.premultiplied,
            channels: std::array::from_fn(|_| vec![0.0; colour.size.width as usize]),
            near: Vec::new(),
            far: Vec::new(),
        }
    }

    /// Red, green, blue and alpha of row `y`. The values are from 0 to 1, or a little beyond if the file codes them so.
    /// In a grey picture, the first channel holds the grey values.
    pub(super) fn row(&mut self, y: u32) -> &[Vec<f32>; 4] {
        self.read(y);
        let [first, second, third, alpha] = &mut self.channels;
        if self.colour.layout().planes() == 3 {
            to_rgb(self.matrix, self.colour.header.bits, first, second, third);
        }
        if self.premultiplied {
            for channel in [first, second, third] {
                for (value, alpha) in channel.iter_mut().zip(&*alpha) {
                    *value /= alpha.max(1e-6);
                }
            }
        }
        &self.channels
    }

    /// Reads the samples of row `y`: luma becomes 0 to 1, chroma −½ to ½.
    fn read(&mut self, y: u32) {
        let (brightness, difference) = match self.matrix {
            Matrix::YCgCoR { .. } => whole_numbers(self.colour.header.bits),
            _ => ranges(self.colour.header.bits, self.full_range),
        };
        scale(self.colour.row(0, y), brightness, &mut self.channels[0]);
        let range = if self.matrix == Matrix::Identity { brightness } else { difference };
        let (across, down) = self.colour.layout().shifts();
        for plane in 1..self.colour.layout().planes() {
            let own = y >> down;
            scale(self.colour.row(plane, own), range, &mut self.near);
            if down == 1 {
                // A row of chroma lies between two rows of pixels. The upper one is also near the row of chroma above,
                // and the lower one near the row below.
                let other = if y.is_multiple_of(2) { own.saturating_sub(1) } else { own + 1 };
                scale(self.colour.row(plane, other), range, &mut self.far);
                for (near, far) in self.near.iter_mut().zip(&self.far) {
                    *near = 0.75 * *near + 0.25 * far;
                }
            }
            if across == 1 {
                draw_out(&self.near, &mut self.channels[plane]);
            } else {
                self.channels[plane].copy_from_slice(&self.near);
            }
        }
        if let Some(alpha) = self.alpha {
            // The range of alpha is in the header of its own AV1 data.
            let (range, _) = ranges(alpha.header.bits, alpha.header.colours.full_range);
            scale(alpha.row(0, y), range, &mut self.channels[3]);
        }
    }
}

/// The value that is subtracted from a sample, and the factor that the difference is multiplied by.
type Range = (f32, f32);

/// The ranges of luma and of chroma.
fn ranges(bits: u8, full: bool) -> (Range, Range) {
    let step = f32::from(1_u16 << (bits - 8));
    let middle = 128.0 * step;
    if full {
        let scale = 1.0 / (256.0 * step - 1.0);
        ((0.0, scale), (middle, scale))
    } else {
        ((16.0 * step, 1.0 / (219.0 * step)), (middle, 1.0 / (224.0 * step)))
    }
}

/// The ranges that keep samples as whole numbers, and only move the middle of chroma to 0.
fn whole_numbers(bits: u8) -> (Range, Range) {
    ((0.0, 1.0), (f32::from(1_u16 << (bits - 1)), 1.0))
}

fn scale<S: Stored>(samples: &[S], (zero, factor): Range, to: &mut Vec<f32>) {
    to.clear();
    to.extend(samples.iter().map(|&sample| (f32::from(sample.into()) - zero) * factor));
}

/// Interpolates to twice as many values: each is three parts of its own sample and one part of the neighbouring one.
fn draw_out(half: &[f32], whole: &mut [f32]) {
    let last = half.len() - 1;
    for (index, pair) in whole.chunks_mut(2).enumerate() {
        pair[0] = 0.75 * half[index] + 0.25 * half[index.saturating_sub(1)];
        if let Some(second) = pair.get_mut(1) {
            *second = 0.75 * half[index] + 0.25 * half[(index + 1).min(last)];
        }
    }
}

/// Converts luma and chroma, in the order of their planes, to red, green and blue in place.
fn to_rgb(matrix: Matrix, bits: u8, first: &mut [f32], second: &mut [f32], third: &mut [f32]) {
    let pixels = first.iter_mut().zip(second).zip(third);
    match matrix {
        Matrix::Identity => {
            for ((first, second), third) in pixels {
                (*first, *second, *third) = (*third, *first, *second);
            }
        }
        Matrix::Shares { red, blue } => {
            let green = 1.0 - red - blue;
            let (of_red, of_blue) = (2.0 * (1.0 - red), 2.0 * (1.0 - blue));
            let (red_in_green, blue_in_green) = (red * of_red / green, blue * of_blue / green);
            for ((first, second), third) in pixels {
                let (y, cb, cr) = (*first, *second, *third);
                *first = y + of_red * cr;
                *second = y - red_in_green * cr - blue_in_green * cb;
                *third = y + of_blue * cb;
            }
        }
        Matrix::YCgCo => {
            for ((first, second), third) in pixels {
                let (y, cg, co) = (*first, *second, *third);
                (*first, *second, *third) = (y - cg + co, y + cg, y - cg - co);
            }
        }
        Matrix::YCgCoR { added_bits } => {
            let top = f32::from((1_u16 << bits.saturating_sub(added_bits)) - 1);
            for ((first, second), third) in pixels {
                let (y, cg, co) = (*first, *second, *third);
                let rest = y - (cg / 2.0).floor();
                let blue = rest - (co / 2.0).floor();
                (*first, *second, *third) = ((blue + co) / top, (rest + cg) / top, blue / top);
            }
        }
    }
}
