//! Samples as they lie in the file's rows, and as numbers.

use std::io::{Read, Seek};
use tiff::{
    decoder::Decoder,
    tags::{CompressionMethod, SampleFormat, Tag},
};

/// How the samples are stored.
pub(super) struct Samples {
    bits: u8,
    float: bool,
    /// Per pixel.
    pub(super) channels: usize,
    planar: bool,
}

impl Samples {
    /// Of `channels` channels of `bits` bits; fails with the feature that is not supported.
    pub(super) fn of<R: Read + Seek>(
        decoder: &mut Decoder<R>,
        bits: u8,
        channels: usize,
    ) -> Result<Self, String> {
        let mut tag = |tag| decoder.find_tag_unsigned_vec::<u16>(tag).ok().flatten();
        let first = |values: Option<Vec<u16>>, otherwise| {
            values.and_then(|values| values.first().copied()).unwrap_or(otherwise)
        };
        let compression = first(tag(Tag::Compression), 1);
        let reversed = first(tag(Tag::FillOrder), 1) == 2;
        if reversed && compression != CompressionMethod::ModernJPEG.to_u16() {
            return Err("reversed bits".into());
        }
        let float = match SampleFormat::from_u16_exhaustive(first(tag(Tag::SampleFormat), 1)) {
            // "Undefined" is what some write for plain numbers.
            SampleFormat::Uint | SampleFormat::Void => false,
            SampleFormat::IEEEFP => true,
            other => return Err(format!("samples of the format {other:?}")),
        };
        match (float, bits) {
            (false, 1 | 2 | 4 | 8 | 16 | 32 | 64) | (true, 16 | 32 | 64) => {}
            _ => return Err(format!("samples of {bits} bits")),
        }
        let planar = first(tag(Tag::PlanarConfiguration), 1) == 2 && channels > 1;
        Ok(Self { bits, float, channels, planar })
    }

    pub(super) fn are_planar(&self) -> bool {
        self.planar
    }

    /// Of a sample: what it is at most after [`unpack`](Self::unpack).
    pub(super) fn max(&self) -> u16 {
        if self.float || self.bits >= 16 { u16::MAX } else { (1 << self.bits) - 1 }
    }

    /// A row of `width` pixels, pixel by pixel: it lies at `start` of `bytes`, and of each further plane at
    /// the same place `plane` bytes later. More than 16 bits are reduced to 16, and floats of 0 to 1 are
    /// stretched over them, clamped: one overbright pixel, or one that is not a number, would spread over its
    /// neighbours when resized.
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

    /// The first `count` samples of `bytes`, in this machine's byte order.
    fn unpack_run(&self, bytes: &[u8], count: usize, samples: &mut Vec<u16>) {
        match (self.bits, self.float) {
            (8, _) => samples.extend(bytes.iter().take(count).map(|&byte| u16::from(byte))),
            (16, false) => each(bytes, count, samples, u16::from_ne_bytes),
            (32, false) => each(bytes, count, samples, |bytes| (u32::from_ne_bytes(bytes) >> 16) as u16),
            (64, false) => each(bytes, count, samples, |bytes| (u64::from_ne_bytes(bytes) >> 48) as u16),
            (16, true) => each(bytes, count, samples, |bytes| stretched(half(u16::from_ne_bytes(bytes)))),
            (32, true) => each(bytes, count, samples, |bytes| stretched(f32::from_ne_bytes(bytes))),
            (64, true) => each(bytes, count, samples, |bytes| stretched(f64::from_ne_bytes(bytes) as f32)),
            (bits, _) => {
                let per_byte = 8 / usize::from(bits);
                samples.extend((0..count).map(|index| {
                    let shift = 8 - usize::from(bits) * (index % per_byte + 1);
                    u16::from(bytes[index / per_byte] >> shift) & self.max()
                }));
            }
        }
    }
}

fn each<const N: usize>(bytes: &[u8], count: usize, samples: &mut Vec<u16>, parse: impl Fn([u8; N]) -> u16) {
    samples.extend(bytes.as_chunks::<N>().0.iter().take(count).map(|&bytes| parse(bytes)));
}

/// Not a number becomes 0.
fn stretched(value: f32) -> u16 {
    // The cast saturates.
    (value * 65_535.0).round() as u16
}

/// IEEE 754's binary16.
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
