//! A palette with fewer colours than occur, and the dithering of pixels with it.

use super::super::animation::Rectangle;
use super::quantize::{self, CELLS, WEIGHTS};

/// The threshold matrix of an ordered dither, with values 0 to 63 and neighbours that differ as much as possible. In an
/// animation this flickers less than error diffusion.
const THRESHOLDS: [[u8; 8]; 8] = [
    [0, 32, 8, 40, 2, 34, 10, 42],
    [48, 16, 56, 24, 50, 18, 58, 26],
    [12, 44, 4, 36, 14, 46, 6, 38],
    [60, 28, 52, 20, 62, 30, 54, 22],
    [3, 35, 11, 43, 1, 33, 9, 41],
    [51, 19, 59, 27, 49, 17, 57, 25],
    [15, 47, 7, 39, 13, 45, 5, 37],
    [63, 31, 55, 23, 61, 29, 53, 21],
];

/// How far the dither may move a pixel, as a multiple of the mean error.
const DITHER: f32 = 1.0;

/// A palette of an earlier frame is used again while the mean squared error is at most this factor times that of its
/// own frame, plus [`SUMMAND`].
const FACTOR: f32 = 1.4;
const SUMMAND: f32 = 1.5;

/// The squared error above which a pixel is clearly wrong. At most the share [`FEW`] of the pixels may be so.
const WRONG: u32 = 1_500;
const FEW: f32 = 0.002;

/// A palette of at most 255 colours after the index 0, which stands for transparent pixels.
pub(super) struct Reduced {
    pub(super) colours: Vec<[u8; 3]>,
    /// The weighted channels of the colours.
    channels: [[i32; 256]; 3],
    /// The index of the nearest colour for each cell, or 0 if it has not been searched yet.
    nearest: Vec<u8>,
    /// The mean squared error of the pixels that the palette was made for.
    error: f32,
}

/// How well a palette fits the pixels of a frame.
struct Fit {
    /// The mean squared error.
    error: f32,
    /// The share of the pixels that are clearly wrong.
    wrong: f32,
}

impl Reduced {
    /// Makes a palette for the visible ones of `pixels`, RGBA.
    pub(super) fn new(pixels: &[u8]) -> Self {
        let mut colours = vec![[0; 3]];
        colours.extend(quantize::colours(pixels, 255));
        // Unused entries are so far away that they are never the nearest.
        let mut channels = [[2_000; 256]; 3];
        for (index, rgb) in colours.iter().enumerate().skip(1) {
            for (axis, channel) in channels.iter_mut().enumerate() {
                channel[index] = weighed(axis, rgb[axis]);
            }
        }
        let mut palette = Self { colours, channels, nearest: vec![0; CELLS], error: 0.0 };
        palette.error = palette.fit(pixels).error;
        palette
    }

    /// Whether `pixels` look about as good with this palette as those that it was made for.
    pub(super) fn serves(&mut self, pixels: &[u8]) -> bool {
        let Fit { error, wrong } = self.fit(pixels);
        error <= self.error * FACTOR + SUMMAND && wrong <= FEW
    }

    /// The index of each of `pixels`, which are those of `rectangle`, with dithering.
    pub(super) fn indices(&mut self, pixels: &[u8], rectangle: Rectangle) -> Vec<u8> {
        // An error below one is not visible.
        let reach = (self.error / 3.0).sqrt() * DITHER;
        let reach = if reach < 1.0 { 0.0 } else { reach };
        let offsets = THRESHOLDS
            .map(|row| row.map(|threshold| ((f32::from(threshold) - 31.5) / 31.5 * reach).round() as i32));
        let width = rectangle.size.width as usize;
        let mut indices = Vec::with_capacity(pixels.len() / 4);
        for (y, row) in pixels.chunks_exact(width * 4).enumerate() {
            let offsets = &offsets[(rectangle.top as usize + y) % 8];
            for (x, pixel) in row.chunks_exact(4).enumerate() {
                indices.push(if pixel[3] == 0 {
                    0
                } else {
                    let offset = offsets[(rectangle.left as usize + x) % 8];
                    let moved = |channel: u8| (i32::from(channel) + offset).clamp(0, 255) as u8;
                    self.index([moved(pixel[0]), moved(pixel[1]), moved(pixel[2])])
                });
            }
        }
        indices
    }

    fn fit(&mut self, pixels: &[u8]) -> Fit {
        let (mut sum, mut count, mut wrong) = (0_u64, 0_u64, 0_u64);
        for pixel in pixels.chunks_exact(4).filter(|pixel| pixel[3] != 0) {
            let rgb = [pixel[0], pixel[1], pixel[2]];
            let index = self.index(rgb);
            let colour = self.colours[usize::from(index)];
            let squared: u32 =
                rgb.iter().zip(colour).map(|(&one, other)| u32::from(one.abs_diff(other)).pow(2)).sum();
            sum += u64::from(squared);
            count += 1;
            wrong += u64::from(squared > WRONG);
        }
        let count = count.max(1) as f32;
        Fit { error: sum as f32 / count, wrong: wrong as f32 / count }
    }

    /// The index of the colour that is nearest to the cell of `rgb`.
    fn index(&mut self, rgb: [u8; 3]) -> u8 {
        let cell = quantize::cell(rgb);
        if self.nearest[cell] == 0 {
            self.nearest[cell] = self.search(rgb);
        }
        self.nearest[cell]
    }

    fn search(&self, rgb: [u8; 3]) -> u8 {
        let middle: [i32; 3] = std::array::from_fn(|axis| weighed(axis, rgb[axis] & !3 | 2));
        let [red, green, blue] = &self.channels;
        let mut nearest = u32::MAX;
        for (index, ((red, green), blue)) in (0_u32..).zip(red.iter().zip(green).zip(blue)) {
            let squared = (red - middle[0]).pow(2) + (green - middle[1]).pow(2) + (blue - middle[2]).pow(2);
            nearest = nearest.min((squared as u32) << 8 | index);
        }
        nearest as u8
    }
}

/// A channel times twice its weight, in whole numbers, so that a squared distance and an index fit into 32 bits.
fn weighed(axis: usize, channel: u8) -> i32 {
    (f32::from(channel) * WEIGHTS[axis] * 2.0).round() as i32
}
