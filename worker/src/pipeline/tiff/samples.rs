//! Converts the samples in the file's rows to numbers.

use resizinator_formats::{
    Order,
    tiff::{Depth, Image, SampleFormat, Tiff},
};

/// How the samples are stored.
pub(super) struct Samples {
    bits: u16,
    depth: Depth,
    /// The byte order of samples of three bytes. The decoder converts all others to the machine's order.
    order: Order,
    float: bool,
    /// The number of samples per pixel.
    pub(super) channels: usize,
    planar: bool,
}

impl Samples {
    pub(super) fn of(tiff: &Tiff<'_>) -> Self {
        let Image { bits, samples, planar, sample_format, .. } = tiff.image;
        let (depth, order) = (tiff.image.depth(), tiff.layout.order);
        let float = sample_format == SampleFormat::Float;
        Self { bits, depth, order, float, channels: samples.into(), planar }
    }

    /// The largest value of a sample after [`unpack`](Self::unpack).
    pub(super) fn max(&self) -> u16 {
        if self.float || self.bits >= 16 { u16::MAX } else { (1 << self.bits) - 1 }
    }

    /// Unpacks a row of `width` pixels, pixel by pixel. It is at `start` in `bytes`, and for each further plane `plane`
    /// bytes later. More than 16 bits are reduced to 16. Floats from 0 to 1 are scaled to 16 bits and clamped, because
    /// an extremely bright pixel, or one that is not a number, would spread to its neighbours when resized.
    pub(super) fn unpack(
        &self,
        bytes: &[u8],
        start: usize,
        plane: usize,
        width: usize,
        samples: &mut Vec<u16>,
    ) {
        samples.clear();
        if !self.planar {
            self.unpack_run(&bytes[start..], width * self.channels, samples);
            return;
        }
        samples.resize(width * self.channels, 0);
        let mut of_plane = Vec::with_capacity(width);
        for channel in 0..self.channels {
            of_plane.clear();
            self.unpack_run(&bytes[channel * plane + start..], width, &mut of_plane);
            for (pixel, &sample) in samples.chunks_exact_mut(self.channels).zip(&of_plane) {
                pixel[channel] = sample;
            }
        }
    }

    /// Appends the first `count` samples of `bytes` to `samples`.
    fn unpack_run(&self, bytes: &[u8], count: usize, samples: &mut Vec<u16>) {
        match (self.depth, self.bits, self.float) {
            (Depth::Bits, bits, _) => unpack_bits(bytes, bits.into(), count, samples),
            (Depth::ThreeBytes, ..) => {
                each(bytes, count, samples, |[first, middle, last]| match self.order {
                    Order::Big => u16::from_be_bytes([first, middle]),
                    Order::Little => u16::from_be_bytes([last, middle]),
                })
            }
            (_, 16, false) => each(bytes, count, samples, u16::from_ne_bytes),
            (_, 32, false) => each(bytes, count, samples, |bytes| (u32::from_ne_bytes(bytes) >> 16) as u16),
            (_, 64, false) => each(bytes, count, samples, |bytes| (u64::from_ne_bytes(bytes) >> 48) as u16),
            (_, 16, true) => each(bytes, count, samples, |bytes| stretched(half(u16::from_ne_bytes(bytes)))),
            (_, 32, true) => each(bytes, count, samples, |bytes| stretched(f32::from_ne_bytes(bytes))),
            (_, 64, true) => each(bytes, count, samples, |bytes| stretched(f64::from_ne_bytes(bytes) as f32)),
            _ => samples.extend(bytes.iter().take(count).map(|&byte| u16::from(byte))),
        }
    }
}

/// Unpacks samples of 1 to 16 bits that follow each other without gaps.
fn unpack_bits(bytes: &[u8], bits: usize, count: usize, samples: &mut Vec<u16>) {
    let (mut held, mut held_bits) = (0_u32, 0);
    let mut bytes = bytes.iter();
    samples.extend((0..count).map(|_| {
        while held_bits < bits {
            held = held << 8 | u32::from(*bytes.next().unwrap_or(&0));
            held_bits += 8;
        }
        held_bits -= bits;
        (held >> held_bits & ((1 << bits) - 1)) as u16
    }));
}

fn each<const N: usize>(bytes: &[u8], count: usize, samples: &mut Vec<u16>, parse: impl Fn([u8; N]) -> u16) {
    samples.extend(bytes.as_chunks::<N>().0.iter().take(count).map(|&bytes| parse(bytes)));
}

/// Scales a value from 0 to 1 to 16 bits. A value that is not a number becomes 0.
fn stretched(value: f32) -> u16 {
    // The cast saturates.
    (value * 65_535.0).round() as u16
}

/// The value of a half-precision float (binary16 of IEEE 754).
fn half(bits: u16) -> f32 {
    let sign = if bits >> 15 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from(bits >> 10 & 0x1f);
    let fraction = f32::from(bits & 0x3ff) / 1024.0;
    sign * match exponent {
        0 => fraction * 2_f32.powi(-14),
        0x1f if fraction == 0.0 => f32::INFINITY,
        0x1f => f32::NAN,
        _ => (1.0 + fraction) * 2_f32.powi(exponent - 15),
    }
}
