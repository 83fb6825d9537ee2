//! What the channels of a file mean.

use super::samples::Samples;
use std::io::{Read, Seek};
use tiff::{
    decoder::{Decoder, ifd::Value},
    tags::{CompressionMethod, ExtraSamples, PhotometricInterpretation, Tag},
};

const YCBCR_COEFFICIENTS: Tag = Tag::Unknown(529);
const REFERENCE_BLACK_WHITE: Tag = Tag::Unknown(532);

/// From a file's samples to grey, RGB or CMYK.
pub(super) struct Colours {
    model: Model,
    alpha: Option<Alpha>,
    /// Of a stored sample.
    max: u16,
    /// Per pixel, as stored.
    stored: usize,
    sixteen: bool,
}

pub(super) enum Model {
    Grey {
        white_is_zero: bool,
    },
    Rgb,
    /// Already as wide as what comes out.
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
    /// Fails with the feature that is not supported.
    pub(super) fn of<R: Read + Seek>(
        decoder: &mut Decoder<R>,
        photometric: Option<u16>,
        samples: &Samples,
    ) -> Result<Self, String> {
        let max = samples.max();
        let photometric = photometric.and_then(PhotometricInterpretation::from_u16);
        let model = match photometric {
            Some(PhotometricInterpretation::WhiteIsZero) => Model::Grey { white_is_zero: true },
            Some(PhotometricInterpretation::BlackIsZero) => Model::Grey { white_is_zero: false },
            Some(PhotometricInterpretation::RGB) => Model::Rgb,
            Some(PhotometricInterpretation::RGBPalette) => Model::Palette(palette(decoder, max)?),
            Some(PhotometricInterpretation::CMYK) => Model::Cmyk,
            Some(PhotometricInterpretation::YCbCr) => Model::YCbCr(YCbCr::of(decoder)?),
            Some(other) => return Err(format!("colours as {other:?}")),
            None => return Err("colours of an unknown kind".into()),
        };
        let colours = model.stored_channels();
        let stored = samples.channels;
        if stored < colours {
            return Err(format!("{stored} channels where {colours} are needed"));
        }
        // Inks and alpha do not go together in anything that comes out.
        let alpha = match (&model, stored > colours) {
            (Model::Cmyk, _) | (_, false) => None,
            (_, true) => alpha(decoder, stored - colours),
        };
        let sixteen = max == u16::MAX && matches!(model, Model::Grey { .. } | Model::Rgb);
        Ok(Self { model, alpha, max, stored, sixteen })
    }

    pub(super) fn model(&self) -> &Model {
        &self.model
    }

    pub(super) fn has_alpha(&self) -> bool {
        self.alpha.is_some()
    }

    /// Of a pixel that comes out, alpha included.
    pub(super) fn channels(&self) -> usize {
        let colours = match self.model {
            Model::Palette(_) => 3,
            ref model => model.stored_channels(),
        };
        colours + usize::from(self.has_alpha())
    }

    /// Or else 8.
    pub(super) fn are_sixteen_bits(&self) -> bool {
        self.sixteen
    }

    /// A row of stored samples to one of samples of 8 or 16 bits.
    pub(super) fn convert(&self, stored: &[u16], row: &mut Vec<u16>) {
        row.clear();
        for pixel in stored.chunks_exact(self.stored) {
            let start = row.len();
            match &self.model {
                Model::Grey { white_is_zero: false } => row.push(self.widened(pixel[0])),
                Model::Grey { white_is_zero: true } => row.push(self.widened(self.max - pixel[0])),
                Model::Rgb => row.extend(pixel[..3].iter().map(|&sample| self.widened(sample))),
                Model::Cmyk => row.extend(pixel[..4].iter().map(|&sample| self.widened(sample))),
                // The decoders of damaged files may yield what has no entry.
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

    /// From as many bits as are stored to as many as come out, rounded.
    fn widened(&self, sample: u16) -> u16 {
        let max = u32::from(self.max);
        if max == self.out_max() {
            return sample;
        }
        // At most 65,535 × 255 + 32,767.
        ((u32::from(sample) * self.out_max() + max / 2) / max) as u16
    }

    /// A colour that its alpha is multiplied into; it may be brighter than that allows in a careless file.
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

/// What the first of the `channels` beyond the colours is; if it is said to be unspecified, it is not to be shown.
///
/// Writers that leave out the tag altogether, as the `image` crate's does, mean a single such channel as alpha.
fn alpha<R: Read + Seek>(decoder: &mut Decoder<R>, channels: usize) -> Option<Alpha> {
    let Some(extra) = decoder.find_tag_unsigned_vec::<u16>(Tag::ExtraSamples).ok()? else {
        return (channels == 1).then_some(Alpha::Straight);
    };
    match ExtraSamples::from_u16(*extra.first()?)? {
        ExtraSamples::AssociatedAlpha => Some(Alpha::Premultiplied),
        ExtraSamples::UnassociatedAlpha => Some(Alpha::Straight),
        _ => None,
    }
}

/// All reds come first, then all greens and all blues, in 16 bits each; 8 bits come out.
fn palette<R: Read + Seek>(decoder: &mut Decoder<R>, max: u16) -> Result<Vec<[u16; 3]>, String> {
    if max > 255 {
        return Err("a palette of more than 256 colours".into());
    }
    let map = decoder.get_tag_u16_vec(Tag::ColorMap).map_err(|error| error.to_string())?;
    let entries = map.len() / 3;
    if entries <= usize::from(max) {
        return Err("a palette with colours missing".into());
    }
    // Some writers have filled in 8 bits; libtiff tells them apart the same way.
    let eight = map.iter().all(|&level| level < 256);
    let level = |level: u16| if eight { level } else { ((u32::from(level) + 128) / 257) as u16 };
    Ok((0..entries).map(|entry| [0, 1, 2].map(|colour| level(map[colour * entries + entry]))).collect())
}

/// Luma and two differences of colour, 8 bits each.
pub(super) struct YCbCr {
    /// The shares of red, green and blue in luma.
    shares: [f32; 3],
    /// Black and white of luma, then zero and the largest value of the differences.
    references: [f32; 6],
}

impl YCbCr {
    /// Those of ITU-R BT.601 over all 256 levels, as JPEG has them.
    const FULL_RANGE: Self =
        Self { shares: [0.299, 0.587, 0.114], references: [0.0, 255.0, 128.0, 255.0, 128.0, 255.0] };

    fn of<R: Read + Seek>(decoder: &mut Decoder<R>) -> Result<Self, String> {
        let compression = decoder.find_tag_unsigned::<u16>(Tag::Compression).ok().flatten();
        if compression == Some(CompressionMethod::ModernJPEG.to_u16()) {
            return Ok(Self::FULL_RANGE);
        }
        let subsampling = decoder.find_tag_unsigned_vec::<u16>(Tag::ChromaSubsampling).ok().flatten();
        if subsampling.as_deref() != Some(&[1, 1]) {
            return Err("subsampled YCbCr that is not JPEG".into());
        }
        // Numbers that make no sense are as good as none.
        let mut numbers = |tag| decoder.find_tag(tag).ok().flatten().and_then(rationals);
        let shares = numbers(YCBCR_COEFFICIENTS)
            .and_then(|numbers| <[f32; 3]>::try_from(numbers).ok())
            .filter(|shares| shares.iter().all(|share| (0.01..1.0).contains(share)));
        let references = numbers(REFERENCE_BLACK_WHITE)
            .and_then(|numbers| <[f32; 6]>::try_from(numbers).ok())
            .filter(|numbers| [0, 2, 4].iter().all(|&low| numbers[low + 1] - numbers[low] >= 1.0));
        Ok(Self {
            shares: shares.unwrap_or(Self::FULL_RANGE.shares),
            references: references.unwrap_or(Self::FULL_RANGE.references),
        })
    }

    /// Rounded and clamped to 8 bits.
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

fn rationals(value: Value) -> Option<Vec<f32>> {
    match value {
        Value::List(values) => {
            values.into_iter().map(rationals).collect::<Option<Vec<_>>>().map(|values| values.concat())
        }
        Value::Rational(over, under) => Some(vec![over as f32 / under as f32]),
        Value::Float(number) => Some(vec![number]),
        Value::Double(number) => Some(vec![number as f32]),
        Value::Short(number) => Some(vec![f32::from(number)]),
        Value::Byte(number) => Some(vec![f32::from(number)]),
        _ => None,
    }
}
