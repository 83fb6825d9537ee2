//! Converts luma and chroma to grey or RGB, row by row or block by block.
//!
//! Most conversions are linear: the colour of the mean of some pixels is the mean of their colours. Then the mean of a
//! block is computed for luma and chroma, and only the mean is converted.
//!
//! Subsampled chroma is interpolated as if each sample lay in the centre of its two or four pixels. Where AV1 defines
//! another position, that differs by half a pixel.
//!
//! Source: ITU-T H.273, section 8.3.

use super::planes::{Planes, Stored};
use resizinator_formats::avif::{Avif, Matrix};
use std::ops::Range;

/// A converter from rows of samples to rows of pixels.
pub(super) struct Converter<'a, C, A> {
    colour: &'a Planes<C>,
    alpha: Option<&'a Planes<A>>,
    matrix: Matrix,
    full_range: bool,
    premultiplied: bool,
    /// The channels of one row: red, green, blue and alpha.
    channels: [Vec<f32>; 4],
    /// Space for a row of chroma.
    chroma: Vec<f32>,
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
            chroma: Vec::new(),
        }
    }

    /// Whether the colour of the mean of some pixels is the mean of their colours. It is not where a step rounds, and
    /// where a colour counts less the more transparent it is.
    pub(super) fn is_linear(&self) -> bool {
        self.alpha.is_none() && !matches!(self.matrix, Matrix::YCgCoR { .. })
    }

    /// Red, green and blue of the means of blocks. Each block has all of the rows `rows` and `across` pixels of
    /// `columns`, or fewer at the end. In a grey picture, the three are the same. The conversion must be linear.
    pub(super) fn means(&mut self, rows: Range<u32>, columns: Range<usize>, across: usize) -> [&[f32]; 3] {
        self.read(rows);
        let blocks = columns.len().div_ceil(across);
        let planes = self.colour.layout().planes();
        for channel in &mut self.channels[..planes] {
            shrink(channel, columns.clone(), across);
        }
        self.convert(blocks);
        let [first, second, third, _] = self.channels.each_ref().map(|channel| &channel[..blocks]);
        [first, second, third]
    }

    /// Red, green, blue and alpha of row `y`. The values are from 0 to 1, or a little beyond if the file codes them so.
    /// In a grey picture, the first three are the same.
    pub(super) fn row(&mut self, y: u32) -> &[Vec<f32>; 4] {
        self.read(y..y + 1);
        self.convert(self.colour.size.width as usize);
        let [first, second, third, alpha] = &mut self.channels;
        if self.premultiplied {
            for channel in [first, second, third] {
                for (value, alpha) in channel.iter_mut().zip(&*alpha) {
                    *value /= alpha.max(1e-6);
                }
            }
        }
        &self.channels
    }

    /// Converts the first `count` values of each channel to red, green and blue.
    fn convert(&mut self, count: usize) {
        let [first, second, third, _] = self.channels.each_mut().map(|channel| &mut channel[..count]);
        if self.colour.layout().planes() == 3 {
            to_rgb(self.matrix, self.colour.header.bits, first, second, third);
        } else {
            second.copy_from_slice(first);
            third.copy_from_slice(first);
        }
    }

    /// Reads the means of the columns in the rows `rows`: luma becomes 0 to 1, chroma −½ to ½.
    fn read(&mut self, rows: Range<u32>) {
        let (brightness, difference) = match self.matrix {
            Matrix::YCgCoR { .. } => whole_numbers(self.colour.header.bits),
            _ => ranges(self.colour.header.bits, self.full_range),
        };
        average(self.colour, 0, rows.clone().map(|row| (row, 1)), brightness, &mut self.channels[0]);
        let range = if self.matrix == Matrix::Identity { brightness } else { difference };
        let (across, down) = self.colour.layout().shifts();
        for plane in 1..self.colour.layout().planes() {
            let channel = &mut self.channels[plane];
            let to = if across == 1 { &mut self.chroma } else { &mut *channel };
            if down == 1 {
                average(self.colour, plane, chroma_rows(rows.clone()), range, to);
            } else {
                average(self.colour, plane, rows.clone().map(|row| (row, 1)), range, to);
            }
            if across == 1 {
                draw_out(&self.chroma, channel);
            }
        }
        if let Some(alpha) = self.alpha {
            // The range of alpha is in the header of its own AV1 data.
            let (range, _) = ranges(alpha.header.bits, alpha.header.colours.full_range);
            average(alpha, 0, rows.map(|row| (row, 1)), range, &mut self.channels[3]);
        }
    }
}

/// The rows of chroma that the rows `rows` of pixels are interpolated from, and how much each one counts.
///
/// A row of chroma lies between two rows of pixels. Of the upper one, it makes three quarters, and the row of chroma
/// above makes the rest. Of the lower one, the row below does. A row above the first one stands for the first one; a row
/// below the last one is read as the last one.
fn chroma_rows(rows: Range<u32>) -> impl Iterator<Item = (u32, u16)> {
    let first = (rows.start / 2).saturating_sub(1);
    (first..=rows.end / 2).map(move |chroma| {
        let weight = |row: u32| {
            let own = row / 2;
            let other = if row.is_multiple_of(2) { own.saturating_sub(1) } else { own + 1 };
            3 * u16::from(own == chroma) + u16::from(other == chroma)
        };
        // These are the only rows of pixels near the row of chroma.
        let near = (2 * chroma).saturating_sub(1)..2 * chroma + 3;
        (chroma, near.filter(|row| rows.contains(row)).map(weight).sum())
    })
}

/// Writes the weighted mean of rows of a plane to `to`, with the values of `range`.
fn average<S: Stored>(
    planes: &Planes<S>,
    plane: usize,
    rows: impl Iterator<Item = (u32, u16)>,
    (zero, factor): Levels,
    to: &mut Vec<f32>,
) {
    let mut total = 0.0;
    to.clear();
    for (row, weight) in rows.filter(|&(_, weight)| weight > 0) {
        let (samples, weight) = (planes.row(plane, row), f32::from(weight));
        total += weight;
        to.resize(samples.len(), 0.0);
        // These sums are exact: they are whole numbers below 2²⁴.
        for (sum, &sample) in to.iter_mut().zip(samples) {
            *sum += f32::from(sample.into()) * weight;
        }
    }
    for value in to {
        *value = (*value / total - zero) * factor;
    }
}

/// Replaces the first values by the means of `across` values of `columns`.
fn shrink(values: &mut [f32], columns: Range<usize>, across: usize) {
    for (block, start) in columns.clone().step_by(across).enumerate() {
        let end = columns.end.min(start + across);
        values[block] = values[start..end].iter().sum::<f32>() / (end - start) as f32;
    }
}

/// The value that is subtracted from a sample, and the factor that the difference is multiplied by.
type Levels = (f32, f32);

/// The ranges of luma and of chroma.
fn ranges(bits: u8, full: bool) -> (Levels, Levels) {
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
fn whole_numbers(bits: u8) -> (Levels, Levels) {
    ((0.0, 1.0), (f32::from(1_u16 << (bits - 1)), 1.0))
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
