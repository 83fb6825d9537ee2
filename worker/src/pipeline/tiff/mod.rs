//! TIFF: the first page of a file, whatever follows it.
//!
//! The `tiff` crate finds, unpacks and predicts the samples, but knows few ways to read them as colours. So it
//! is shown every file as one of nameless channels ([`unnamed`]), and what the channels mean is settled here
//! ([`colours`]): grey either way round, RGB, palettes, CMYK and YCbCr, with straight or premultiplied alpha,
//! in 1 to 64 bits or floats, chunky or planar. Strips are shrunk one after the other; files of tiles or
//! planes are in memory as a whole.
//!
//! Out: 8 or 16 bits per channel; grey or RGB, with or without straight alpha. Inks become sRGB here, after
//! shrinking, since nothing else of the pipeline has four colours.
//!
//! Refused by name: Lab, subsampled YCbCr that is not JPEG, signed samples, samples of unequal depth or of 10
//! to 14 bits, reversed bits, and compressions older or rarer than LZW, Deflate, PackBits, JPEG and fax 4.

mod colours;
mod samples;
mod unnamed;

use super::{
    RenderError, RenderLimits,
    colour::{self, Profile},
    limits,
    resize::{
        Scaled,
        shrink::{self, Factors, Shrinker},
    },
    size::Size,
};
use colours::{Colours, Model};
use image::{
    DynamicImage, ImageError, ImageFormat,
    error::{
        DecodingError, ImageFormatHint, LimitError, LimitErrorKind, UnsupportedError, UnsupportedErrorKind,
    },
    metadata::Orientation,
};
use resizinator_formats::Format;
use samples::Samples;
use tiff::{
    ColorType, TiffError,
    decoder::{ChunkType, Decoder},
    tags::Tag,
};
use unnamed::Unnamed;

/// Bytes of one tag's value: the places of a hundred thousands of strips, or an ICC profile.
const MAX_TAG: usize = 8 << 20;

/// A file whose first directory was read and is within the limits, and none of its pixels.
pub(super) struct Tiff<'a> {
    decoder: Decoder<Unnamed<'a>>,
    samples: Samples,
    colours: Colours,
    icc: Option<Vec<u8>>,
    limits: RenderLimits,
    /// As stored.
    pub(super) size: Size,
    pub(super) orientation: Orientation,
}

/// Reads the first directory of `input`.
pub(super) fn open<'a>(input: &'a [u8], limits: &RenderLimits) -> Result<Tiff<'a>, RenderError> {
    let failed = |error| failed(error, limits);
    let (unnamed, photometric) = Unnamed::new(input);
    let mut tags = tiff::decoder::Limits::default();
    tags.ifd_value_size = MAX_TAG;
    tags.intermediate_buffer_size = usize::try_from(limits.decoder_memory).unwrap_or(usize::MAX);
    let mut decoder = Decoder::new(unnamed).map_err(failed)?.with_limits(tags);

    let (width, height) = decoder.dimensions().map_err(failed)?;
    let size = Size { width, height };
    limits::check_pixels(Format::Tiff, size, limits)?;

    let orientation = decoder
        .find_tag_unsigned::<u8>(Tag::Orientation)
        .ok()
        .flatten()
        .and_then(Orientation::from_exif)
        .unwrap_or(Orientation::NoTransforms);
    let icc = decoder.get_tag_u8_vec(Tag::IccProfile).ok();
    let (bits, channels) = match decoder.colortype().map_err(failed)? {
        ColorType::Gray(bits) => (bits, 1),
        ColorType::Multiband { bit_depth, num_samples } => (bit_depth, usize::from(num_samples)),
        other => return Err(unsupported(format!("{other:?}"))),
    };
    let samples = Samples::of(&mut decoder, bits, channels).map_err(unsupported)?;
    let colours = Colours::of(&mut decoder, photometric, &samples).map_err(unsupported)?;
    Ok(Tiff { decoder, samples, colours, icc, limits: *limits, size, orientation })
}

impl Tiff<'_> {
    /// The pixels, in no fewer than an image of `size` (as stored) can be made of, and what they mean.
    pub(super) fn decode(mut self, size: Size) -> Result<(Scaled, Profile), RenderError> {
        let factors = Factors::between(self.size, size);
        let shrunk = factors.shrunk(self.size);
        let covered = factors.covered((f64::from(self.size.width), f64::from(self.size.height)));
        let (channels, alpha) = (self.colours.channels(), self.colours.has_alpha());

        let pixels = if self.colours.are_sixteen_bits() {
            let mut shrinker = Shrinker::new(self.size, channels, alpha, factors);
            self.rows(shrunk, |row| shrinker.push(row))?;
            shrink::sixteen(shrunk, channels, shrinker.finish())
        } else {
            let mut shrinker = Shrinker::<u8>::new(self.size, channels, alpha, factors);
            let mut eight = Vec::new();
            self.rows(shrunk, |row| {
                eight.clear();
                // None is above 255.
                eight.extend(row.iter().map(|&sample| sample as u8));
                shrinker.push(&eight);
            })?;
            shrink::eight(shrunk, channels, shrinker.finish())
        };
        Ok(match (self.colours.model(), pixels) {
            (Model::Cmyk, DynamicImage::ImageRgba8(inks)) => {
                let pixels = colour::cmyk_to_srgb(&inks, self.icc.as_deref()).into();
                (Scaled { pixels, covered }, Profile::Srgb)
            }
            (_, pixels) => (Scaled { pixels, covered }, self.icc.map_or(Profile::Srgb, Profile::Icc)),
        })
    }

    /// Gives every row to `push`, its samples as wide as [`Colours::are_sixteen_bits`] says.
    fn rows(&mut self, shrunk: Size, mut push: impl FnMut(&[u16])) -> Result<(), RenderError> {
        let limits = self.limits;
        let failed = |error| failed(error, &limits);
        let in_strips = self.decoder.get_chunk_type() == ChunkType::Strip && !self.samples.are_planar();
        let bands = if in_strips { self.decoder.strip_count().map_err(failed)? } else { 1 };

        let mut rows_left = self.size.height as usize;
        let (mut bytes, mut samples, mut row) = (Vec::new(), Vec::new(), Vec::new());
        for band in 0..bands {
            let layout = if in_strips {
                self.decoder.image_chunk_buffer_layout(band).map_err(failed)?
            } else {
                self.decoder.image_buffer_layout().map_err(failed)?
            };
            let pixels = u64::from(shrunk.width) * u64::from(shrunk.height);
            let held = pixels.saturating_mul(8).saturating_add(layout.complete_len as u64);
            limits::check_memory(held, &limits)?;
            bytes.resize(layout.complete_len, 0);
            if in_strips {
                self.decoder.read_chunk_bytes(band, &mut bytes).map_err(failed)?;
            } else {
                self.decoder.read_image_bytes(&mut bytes).map_err(failed)?;
            }

            let stride = layout.row_stride.map_or(bytes.len(), |stride| stride.get());
            let plane = layout.plane_stride.map_or(bytes.len(), |stride| stride.get());
            let rows = (plane / stride.max(1)).min(rows_left);
            for index in 0..rows {
                self.samples.unpack(&bytes, index * stride, plane, self.size.width as usize, &mut samples);
                self.colours.convert(&samples, &mut row);
                push(&row);
            }
            rows_left -= rows;
        }
        if rows_left == 0 { Ok(()) } else { Err(failed(ends_early())) }
    }
}

fn ends_early() -> TiffError {
    TiffError::IoError(std::io::ErrorKind::UnexpectedEof.into())
}

fn unsupported(feature: String) -> RenderError {
    let kind = UnsupportedErrorKind::GenericFeature(feature);
    let hint = ImageFormatHint::Exact(ImageFormat::Tiff);
    let source = ImageError::Unsupported(UnsupportedError::from_format_and_kind(hint, kind));
    RenderError::UnsupportedFeature { format: Format::Tiff, source }
}

fn failed(error: TiffError, limits: &RenderLimits) -> RenderError {
    let error = match error {
        TiffError::UnsupportedError(feature) => return unsupported(feature.to_string()),
        TiffError::IoError(error) => ImageError::IoError(error),
        TiffError::LimitsExceeded => {
            ImageError::Limits(LimitError::from_kind(LimitErrorKind::InsufficientMemory))
        }
        error => ImageError::Decoding(DecodingError::new(ImageFormat::Tiff.into(), error)),
    };
    RenderError::from_decoder(error, Format::Tiff, limits.decoder_memory)
}
