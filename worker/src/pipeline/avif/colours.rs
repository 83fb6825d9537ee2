//! From brightness and colour differences to grey or RGB, row by row.
//!
//! Colours that are stored for two or four pixels at once are drawn out between their neighbours, as if each lay in
//! the middle of its pixels; where AV1 says otherwise, it is by half a pixel.
//!
//! Source: ITU-T H.273, section 8.3.

use super::planes::{Planes, Stored};
use resizinator_formats::avif::{Avif, Matrix};

/// Turns rows of samples into rows of pixels.
pub(super) struct Converter<'a, C, A> {
    colour: &'a Planes<C>,
    alpha: Option<&'a Planes<A>>,
    matrix: Matrix,
    full_range: bool,
    premultiplied: bool,
    /// Of one row: red, green and blue, or grey in their places; and alpha.
    channels: [Vec<f32>; 4],
    near: Vec<f32>,
    far: Vec<f32>,
}

impl<'a, C: Stored, A: Stored> Converter<'a, C, A> {
    /// Of the planes that were decoded as `image` says.
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

    /// Red, green, blue and alpha of row `y`, 0 to 1, and somewhat beyond where colours were coded so. Of a grey
    /// picture, red stands for all.
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

    /// The samples of row `y`: brightness 0 to 1, differences of colours −½ to ½.
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
                // A row of colours lies between two rows of pixels, the upper of which is also near the one above.
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
            // Of alpha, its own data says what its range is.
            let (range, _) = ranges(alpha.header.bits, alpha.header.colours.full_range);
            scale(alpha.row(0, y), range, &mut self.channels[3]);
        }
    }
}

/// What is subtracted from a sample, and what the rest is then multiplied by.
type Range = (f32, f32);

/// The ranges of brightness and of differences.
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

/// The ranges that keep samples as they are, but for the middle of differences.
fn whole_numbers(bits: u8) -> (Range, Range) {
    ((0.0, 1.0), (f32::from(1_u16 << (bits - 1)), 1.0))
}

fn scale<S: Stored>(samples: &[S], (zero, factor): Range, to: &mut Vec<f32>) {
    to.clear();
    to.extend(samples.iter().map(|&sample| (f32::from(sample.into()) - zero) * factor));
}

/// Twice as many values: three parts of the one that a pixel belongs to, one part of its neighbour's.
fn draw_out(half: &[f32], whole: &mut [f32]) {
    let last = half.len() - 1;
    for (index, pair) in whole.chunks_mut(2).enumerate() {
        pair[0] = 0.75 * half[index] + 0.25 * half[index.saturating_sub(1)];
        if let Some(second) = pair.get_mut(1) {
            *second = 0.75 * half[index] + 0.25 * half[(index + 1).min(last)];
        }
    }
}

/// In place: brightness and differences, in the order of their planes, to red, green and blue.
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
