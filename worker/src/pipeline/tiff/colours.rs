//! Interprets the channels of a file as colours.

use super::samples::Samples;
use resizinator_formats::{
    Order,
    tiff::{Compression, ExtraSample, Photometric, Tiff},
};

/// The conversion of a file's samples to grey, RGB or CMYK.
pub(super) struct Colours {
    model: Model,
    alpha: Option<Alpha>,
    /// The largest value of a stored sample.
    max: u16,
    /// The number of stored samples per pixel.
    stored: usize,
    sixteen: bool,
}

pub(super) enum Model {
    Grey {
        white_is_zero: bool,
    },
    Rgb,
    /// The palette, whose entries already have the width of the output.
    Palette(Vec<[u16; 3]>),
    Cmyk,
    YCbCr(YCbCr),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Alpha {
    Straight,
    Premultiplied,
}

impl Colours {
    pub(super) fn of(tiff: &Tiff<'_>, samples: &Samples) -> Self {
        let max = samples.max();
        let model = match tiff.image.photometric {
            Photometric::WhiteIsZero => Model::Grey { white_is_zero: true },
            Photometric::BlackIsZero => Model::Grey { white_is_zero: false },
            Photometric::Rgb => Model::Rgb,
            Photometric::Palette => Model::Palette(palette(tiff)),
            Photometric::Cmyk => Model::Cmyk,
            Photometric::YCbCr => Model::YCbCr(YCbCr::of(tiff)),
        };
        let alpha = match (&model, tiff.image.extra) {
            // CMYK with alpha is not supported by the later steps, so alpha is dropped.
            (Model::Cmyk, _) | (_, None | Some(ExtraSample::Unspecified)) => None,
            (_, Some(ExtraSample::Premultiplied)) => Some(Alpha::Premultiplied),
            (_, Some(ExtraSample::Straight)) => Some(Alpha::Straight),
        };
        let sixteen = max == u16::MAX && matches!(model, Model::Grey { .. } | Model::Rgb);
        Self { model, alpha, max, stored: samples.channels, sixteen }
    }

    pub(super) fn model(&self) -> &Model {
        &self.model
    }

    pub(super) fn has_alpha(&self) -> bool {
        self.alpha.is_some()
    }

    /// The number of channels of an output pixel, including alpha.
    pub(super) fn channels(&self) -> usize {
        let colours = match self.model {
            Model::Palette(_) => 3,
            ref model => model.stored_channels(),
        };
        colours + usize::from(self.has_alpha())
    }

    /// Whether the output has 16 bits per sample. Otherwise it has 8.
    pub(super) fn are_sixteen_bits(&self) -> bool {
        self.sixteen
    }

    /// Converts a row of stored samples to output samples of 8 or 16 bits.
    pub(super) fn convert(&self, stored: &[u16], row: &mut Vec<u16>) {
        row.clear();
        for pixel in stored.chunks_exact(self.stored) {
            let start = row.len();
            match &self.model {
                Model::Grey { white_is_zero: false } => row.push(self.widened(pixel[0])),
                Model::Grey { white_is_zero: true } => row.push(self.widened(self.max - pixel[0])),
                Model::Rgb => row.extend(pixel[..3].iter().map(|&sample| self.widened(sample))),
                Model::Cmyk => row.extend(pixel[..4].iter().map(|&sample| self.widened(sample))),
                // A damaged file may decode to an index without an entry.
                Model::Palette(entries) => {
                    row.extend(entries.get(usize::from(pixel[0])).copied().unwrap_or_default());
                }
                Model::YCbCr(ycbcr) => {
                    let samples = [0, 1, 2].map(|channel| f32::from(self.widened(pixel[channel])));
                    row.extend(ycbcr.to_rgb(samples));
                }
            }
            if let Some(kind) = self.alpha {
                let alpha = self.widened(pixel[self.model.stored_channels()]);
                if kind == Alpha::Premultiplied {
                    row[start..].iter_mut().for_each(|colour| *colour = self.divided(*colour, alpha));
                }
                row.push(alpha);
            }
        }
    }

    fn out_max(&self) -> u32 {
        if self.sixteen { u32::from(u16::MAX) } else { u32::from(u8::MAX) }
    }

    /// Scales a sample from the stored number of bits to that of the output, rounded.
    fn widened(&self, sample: u16) -> u16 {
        let max = u32::from(self.max);
        if max == self.out_max() {
            return sample;
        }
        // The sum is at most 65,535 × 255 + 32,767.
        ((u32::from(sample) * self.out_max() + max / 2) / max) as u16
    }

    /// Undoes the multiplication of a colour by its alpha. In an incorrect file the colour may be brighter than alpha
    /// allows.
    fn divided(&self, colour: u16, alpha: u16) -> u16 {
        let (alpha, max) = (u64::from(alpha), u64::from(self.out_max()));
        ((u64::from(colour) * max + alpha / 2) / alpha.max(1)).min(max) as u16
    }
}

impl Model {
    fn stored_channels(&self) -> usize {
        match self {
            Self::Grey { .. } | Self::Palette(_) => 1,
            Self::Rgb | Self::YCbCr(_) => 3,
            Self::Cmyk => 4,
        }
    }
}

/// Reads the palette as entries of 8 bits. The file stores all reds first, then all greens and all blues, with 16 bits
/// each.
fn palette(tiff: &Tiff<'_>) -> Vec<[u16; 3]> {
    let map = tiff.image.palette.as_ref().map_or(&[][..], |palette| tiff.bytes(palette));
    let parse = match tiff.layout.order {
        Order::Big => u16::from_be_bytes,
        Order::Little => u16::from_le_bytes,
    };
    let map: Vec<_> = map.as_chunks().0.iter().map(|&level| parse(level)).collect();
    let entries = map.len() / 3;
    // Some programs write values of 8 bits. libtiff recognises them in the same way.
    let eight = map.iter().all(|&level| level < 256);
    let level = |level: u16| if eight { level } else { ((u32::from(level) + 128) / 257) as u16 };
    (0..entries).map(|entry| [0, 1, 2].map(|colour| level(map[colour * entries + entry]))).collect()
}

/// The conversion of luma and chroma of 8 bits each to RGB.
pub(super) struct YCbCr {
    /// The coefficients of red, green and blue in luma.
    shares: [f32; 3],
    /// The reference black and white of luma, then of both chroma channels, where black is zero.
    references: [f32; 6],
}

impl YCbCr {
    /// The parameters of ITU-R BT.601 with the full range of 256 levels, as in JPEG.
    const FULL_RANGE: Self =
        Self { shares: [0.299, 0.587, 0.114], references: [0.0, 255.0, 128.0, 255.0, 128.0, 255.0] };

    fn of(tiff: &Tiff<'_>) -> Self {
        if tiff.image.compression == Compression::Jpeg {
            return Self::FULL_RANGE;
        }
        // Impossible coefficients are ignored.
        let shares = tiff.image.luma.filter(|shares| shares.iter().all(|share| (0.01..1.0).contains(share)));
        let references = tiff
            .image
            .references
            .filter(|numbers| [0, 2, 4].iter().all(|&low| numbers[low + 1] - numbers[low] >= 1.0));
        Self {
            shares: shares.unwrap_or(Self::FULL_RANGE.shares),
            references: references.unwrap_or(Self::FULL_RANGE.references),
        }
    }

    /// Converts a pixel to RGB, rounded and clamped to 8 bits.
    fn to_rgb(&self, samples: [f32; 3]) -> [u16; 3] {
        let stretched = |channel: usize, range: f32| {
            let (zero, full) = (self.references[channel * 2], self.references[channel * 2 + 1]);
            (samples[channel] - zero) * range / (full - zero)
        };
        let (luma, blue, red) = (stretched(0, 255.0), stretched(1, 127.0), stretched(2, 127.0));
        let [of_red, of_green, of_blue] = self.shares;
        let r = luma + red * (2.0 - 2.0 * of_red);
        let b = luma + blue * (2.0 - 2.0 * of_blue);
        let g = (luma - of_blue * b - of_red * r) / of_green;
        // The cast saturates at 0 and makes 0 of what is not a number.
        [r, g, b].map(|level| level.round().min(255.0) as u16)
    }
}
