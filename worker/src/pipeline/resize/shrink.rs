//! Shrinks an image by whole numbers, row by row as it is decoded. Every block of pixels becomes its mean.

use crate::pipeline::size::Size;
use image::{DynamicImage, ImageBuffer};
use std::ops::{AddAssign, Mul};

/// The largest factor along each axis. The sums of such a block, of 8 bits times 8 bits of alpha, fit into 32 bits.
const MAX_FACTOR: u32 = 255;

/// How many times the pixels that it needs Lanczos gets at least, along each axis.
const LEFT: u32 = 2;

/// The factors to shrink by, which are the sides of a block in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) struct Factors {
    pub(in crate::pipeline) across: u32,
    pub(in crate::pipeline) down: u32,
}

impl Factors {
    pub(in crate::pipeline) const NONE: Self = Self { across: 1, down: 1 };

    /// The largest factors with which an image of `source` can still be resized to `size` in good quality.
    pub(in crate::pipeline) fn between(source: Size, size: Size) -> Self {
        let factor = |source: u32, size: u32| (source / size.max(1) / LEFT).clamp(1, MAX_FACTOR);
        Self { across: factor(source.width, size.width), down: factor(source.height, size.height) }
    }

    /// The size of an image of `source` after shrinking. The last column and row may be means of fewer pixels.
    pub(in crate::pipeline) fn shrunk(self, source: Size) -> Size {
        Size { width: source.width.div_ceil(self.across), height: source.height.div_ceil(self.down) }
    }

    /// The area that the image covers after shrinking, if it covered `source` before.
    pub(in crate::pipeline) fn covered(self, source: (f64, f64)) -> (f64, f64) {
        (source.0 / f64::from(self.across), source.1 / f64::from(self.down))
    }
}

/// The type of a channel of a pixel.
pub(in crate::pipeline) trait Sample: Copy + PartialEq + 'static {
    /// The type of the sum of a column of a block, in which each sample is multiplied by its alpha.
    type Sum: Copy + Default + AddAssign + Mul<Output = Self::Sum> + From<Self> + Into<u64>;

    /// The alpha of an opaque pixel.
    const OPAQUE: Self;

    /// Converts `value`, which must fit.
    fn narrow(value: u64) -> Self;
}

impl Sample for u8 {
    type Sum = u32;
    const OPAQUE: Self = Self::MAX;
    fn narrow(value: u64) -> Self {
        value as Self
    }
}

impl Sample for u16 {
    type Sum = u64;
    const OPAQUE: Self = Self::MAX;
    fn narrow(value: u64) -> Self {
        value as Self
    }
}

/// A shrinker, which takes the rows of an image from top to bottom.
pub(in crate::pipeline) struct Shrinker<S: Sample> {
    channels: usize,
    /// Whether the last channel is alpha.
    alpha: bool,
    factors: Factors,
    /// The sums of the rows since the last block, column by column. In an image with alpha, each colour is multiplied
    /// by its alpha, and each alpha by that of an opaque pixel.
    sums: Vec<S::Sum>,
    rows: u32,
    shrunk: Vec<S>,
}

impl<S: Sample> Shrinker<S> {
    /// A shrinker for an image of 1 to 4 `channels`. `alpha` says whether the last of them is straight alpha.
    pub(in crate::pipeline) fn new(source: Size, channels: usize, alpha: bool, factors: Factors) -> Self {
        let Size { width, height } = factors.shrunk(source);
        let shrunk = Vec::with_capacity(width as usize * height as usize * channels);
        let sums = vec![S::Sum::default(); source.width as usize * channels];
        Self { channels, alpha, factors, sums, rows: 0, shrunk }
    }

    /// Takes the next row, which must be as wide as the image.
    pub(in crate::pipeline) fn push(&mut self, row: &[S]) {
        match (self.alpha, self.channels) {
            (true, 2) => add_weighted::<S, 2>(&mut self.sums, row),
            (true, _) => add_weighted::<S, 4>(&mut self.sums, row),
            (false, _) => add(&mut self.sums, row),
        }
        self.rows += 1;
        if self.rows == self.factors.down {
            self.finish_blocks();
        }
    }

    /// Returns the samples of the shrunk image, row by row.
    pub(in crate::pipeline) fn finish(mut self) -> Vec<S> {
        if self.rows > 0 {
            self.finish_blocks();
        }
        self.shrunk
    }

    fn finish_blocks(&mut self) {
        let channels = self.channels;
        for block in self.sums.chunks(self.factors.across as usize * channels) {
            let mut totals = [0_u64; 4];
            for column in block.chunks_exact(channels) {
                for (total, &sum) in totals.iter_mut().zip(column) {
                    *total += sum.into();
                }
            }
            let pixels = (block.len() / channels) as u64 * u64::from(self.rows);
            let mean = |total: u64, weight: u64| S::narrow((total + weight / 2) / weight.max(1));
            if self.alpha {
                let alpha = totals[channels - 1] / S::Sum::from(S::OPAQUE).into();
                self.shrunk.extend(totals[..channels - 1].iter().map(|&colour| mean(colour, alpha)));
                self.shrunk.push(mean(alpha, pixels));
            } else {
                self.shrunk.extend(totals[..channels].iter().map(|&total| mean(total, pixels)));
            }
        }
        self.sums.fill(S::Sum::default());
        self.rows = 0;
    }
}

fn add<S: Sample>(sums: &mut [S::Sum], row: &[S]) {
    for (sum, &sample) in sums.iter_mut().zip(row) {
        *sum += sample.into();
    }
}

/// Adds a row of `N` channels, the last of which is alpha, to the sums.
fn add_weighted<S: Sample, const N: usize>(sums: &mut [S::Sum], row: &[S]) {
    let opaque = S::Sum::from(S::OPAQUE);
    let pixels = row.as_chunks::<N>().0;
    // This loop and those below have no branch in their body, so that the compiler can vectorise them.
    if pixels.iter().fold(true, |all, pixel| all & (pixel[N - 1] == S::OPAQUE)) {
        for (sum, &sample) in sums.iter_mut().zip(row) {
            *sum += S::Sum::from(sample) * opaque;
        }
        return;
    }
    for (sum, pixel) in sums.as_chunks_mut::<N>().0.iter_mut().zip(pixels) {
        let alpha = S::Sum::from(pixel[N - 1]);
        for channel in 0..N {
            let weight = if channel == N - 1 { opaque } else { alpha };
            sum[channel] += S::Sum::from(pixel[channel]) * weight;
        }
    }
}

/// Shrinks `pixels`, of 8 or 16 bits per channel, in the same colour type.
pub(in crate::pipeline) fn shrink(pixels: &DynamicImage, factors: Factors) -> DynamicImage {
    let source = Size { width: pixels.width(), height: pixels.height() };
    let channels = usize::from(pixels.color().channel_count());
    let size = factors.shrunk(source);
    match pixels {
        DynamicImage::ImageLuma16(image) => sixteen(size, channels, all(image, source, channels, factors)),
        DynamicImage::ImageLumaA16(image) => sixteen(size, channels, all(image, source, channels, factors)),
        DynamicImage::ImageRgb16(image) => sixteen(size, channels, all(image, source, channels, factors)),
        DynamicImage::ImageRgba16(image) => sixteen(size, channels, all(image, source, channels, factors)),
        _ => eight(size, channels, all(pixels.as_bytes(), source, channels, factors)),
    }
}

fn all<S: Sample>(samples: &[S], source: Size, channels: usize, factors: Factors) -> Vec<S> {
    let mut shrinker = Shrinker::new(source, channels, matches!(channels, 2 | 4), factors);
    for row in samples.chunks_exact(source.width as usize * channels) {
        shrinker.push(row);
    }
    shrinker.finish()
}

/// Makes an image from `samples` of 8 bits. Of 2 or 4 `channels`, the last is alpha.
pub(in crate::pipeline) fn eight(size: Size, channels: usize, samples: Vec<u8>) -> DynamicImage {
    let Size { width, height } = size;
    let image = match channels {
        1 => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLuma8),
        2 => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLumaA8),
        3 => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgb8),
        _ => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgba8),
    };
    image.expect("as many samples as the size takes")
}

/// Makes an image from `samples` of 16 bits. Of 2 or 4 `channels`, the last is alpha.
pub(in crate::pipeline) fn sixteen(size: Size, channels: usize, samples: Vec<u16>) -> DynamicImage {
    let Size { width, height } = size;
    let image = match channels {
        1 => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLuma16),
        2 => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageLumaA16),
        3 => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgb16),
        _ => ImageBuffer::from_raw(width, height, samples).map(DynamicImage::ImageRgba16),
    };
    image.expect("as many samples as the size takes")
}
