//! The decoder and the encoder of PNG files. The default image of a file is decoded; in an animated file, that is the
//! still picture that represents it.
//!
//! Palettes become RGB, 1 to 4 bits become 8, `tRNS` becomes straight alpha, and 16 bits are kept. Rows are shrunk as
//! they are decoded, so that only an interlaced image is ever in memory as a whole. The size and the EXIF block come
//! from `resizinator_formats::png`. The decoder does not get the chunks of an animation (`reader`). Texts are not read,
//! and at most [`MAX_METADATA`] bytes of an ICC profile are unpacked.

mod encode;
mod profile;
mod reader;

pub(super) use encode::encode;

use super::{
    RenderError, RenderLimits,
    colour::Profile,
    limits,
    resize::{
        Scaled,
        shrink::{self, Factors, Sample, Shrinker},
    },
    size::Size,
};
use image::{
    ImageError, ImageFormat,
    error::{DecodingError, LimitError, LimitErrorKind},
    metadata::Orientation,
};
use png::{BitDepth, ColorType, Decoder, Reader, Transformations};
use reader::StillReader;
use resizinator_formats::{
    Format,
    png::{self as file, Colour},
};

/// The limit in bytes for the unpacked chunks before the pixels. Longer ones are skipped or fail.
const MAX_METADATA: usize = 16 << 20;

/// A file whose header has been read and checked against the limits. Its pixels are not decoded yet.
pub(super) struct Png<'a> {
    reader: Reader<StillReader<'a>>,
    decoder_memory: u64,
    /// The size as stored.
    pub(super) size: Size,
    pub(super) orientation: Orientation,
    pub(super) profile: Profile,
}

/// Reads everything before the pixels of the file `input`.
pub(super) fn open<'a>(input: &'a [u8], limits: &RenderLimits) -> Result<Png<'a>, RenderError> {
    let found = file::read(input).map_err(|reason| RenderError::unreadable(Format::Png, reason))?;
    let header = found.header();
    // This must come before `read_info`, which allocates rows of the width that the header claims.
    limits::check_header(&header, limits)?;
    let row = u64::from(header.width) * MAX_BYTES_PER_PIXEL * ROWS_HELD;
    limits::check_memory(row, limits)?;

    let failed = |error| failed(error, limits.decoder_memory);
    let still = StillReader::new(input, found.image_header.colour == Colour::Palette);
    let mut decoder = Decoder::new_with_limits(still, png::Limits { bytes: MAX_METADATA });
    decoder.set_ignore_text_chunk(true);
    decoder.set_transformations(Transformations::EXPAND);
    let reader = decoder.read_info().map_err(failed)?;
    let info = reader.info();
    let orientation = found.exif.and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms);
    let profile = profile::of(info);
    let size = Size { width: header.width, height: header.height };
    Ok(Png { reader, decoder_memory: limits.decoder_memory, size, orientation, profile })
}

const MAX_BYTES_PER_PIXEL: u64 = 8;
/// How many rows are held: the decoder's rows, the current row and the one above, and the sums of a row of blocks.
const ROWS_HELD: u64 = 8;

impl Png<'_> {
    /// Decodes the pixels, shrunk as far as an image of `size` (as stored) can still be made of them.
    pub(super) fn decode(self, size: Size) -> Result<Scaled, RenderError> {
        let factors = Factors::between(self.size, size);
        let (colour, depth) = self.reader.output_color_type();
        let channels = colour.samples();
        debug_assert_ne!(colour, ColorType::Indexed, "palettes are expanded");

        let pixels = |of: Size| u64::from(of.width) * u64::from(of.height);
        let bytes = channels as u64 * if depth == BitDepth::Sixteen { 2 } else { 1 };
        let whole = if self.reader.info().interlaced { pixels(self.size) } else { 0 };
        let needed = (whole + pixels(factors.shrunk(self.size))).saturating_mul(bytes);
        if needed > self.decoder_memory {
            return Err(RenderError::DecoderMemory { needed: Some(needed), limit: self.decoder_memory });
        }

        let (source, decoder_memory) = (self.size, self.decoder_memory);
        let shrunk = factors.shrunk(source);
        let covered = factors.covered((f64::from(source.width), f64::from(source.height)));
        let pixels = if depth == BitDepth::Sixteen {
            let big_endian = |row: &[u8], samples: &mut Vec<u16>| {
                samples.extend(row.as_chunks::<2>().0.iter().map(|&bytes| u16::from_be_bytes(bytes)));
            };
            let shrinker = Shrinker::new(source, channels, matches!(channels, 2 | 4), factors);
            shrink::sixteen(shrunk, channels, rows(self.reader, shrinker, big_endian, decoder_memory)?)
        } else {
            let shrinker = Shrinker::new(source, channels, matches!(channels, 2 | 4), factors);
            let copy = |row: &[u8], samples: &mut Vec<u8>| samples.extend_from_slice(row);
            shrink::eight(shrunk, channels, rows(self.reader, shrinker, copy, decoder_memory)?)
        };
        Ok(Scaled { pixels, covered })
    }
}

/// Shrinks all rows of `reader` with `shrinker`. `parse` turns their bytes into samples.
fn rows<S: Sample>(
    mut reader: Reader<StillReader<'_>>,
    mut shrinker: Shrinker<S>,
    parse: impl Fn(&[u8], &mut Vec<S>),
    decoder_memory: u64,
) -> Result<Vec<S>, RenderError> {
    let failed = |error| failed(error, decoder_memory);
    let mut samples = Vec::new();
    let mut push = |row: &[u8]| {
        samples.clear();
        parse(row, &mut samples);
        shrinker.push(&samples);
    };
    if reader.info().interlaced {
        let bytes = reader.output_buffer_size().ok_or(png::DecodingError::LimitsExceeded).map_err(failed)?;
        let mut whole = vec![0; bytes];
        let frame = reader.next_frame(&mut whole).map_err(failed)?;
        whole.chunks_exact(frame.line_size).for_each(push);
    } else {
        for _ in 0..reader.info().height {
            let row = reader.next_row().map_err(failed)?;
            push(row.ok_or_else(ends_early).map_err(failed)?.data());
        }
    }
    Ok(shrinker.finish())
}

fn ends_early() -> png::DecodingError {
    png::DecodingError::IoError(std::io::ErrorKind::UnexpectedEof.into())
}

fn failed(error: png::DecodingError, decoder_memory: u64) -> RenderError {
    let error = match error {
        png::DecodingError::IoError(error) => ImageError::IoError(error),
        png::DecodingError::LimitsExceeded => {
            ImageError::Limits(LimitError::from_kind(LimitErrorKind::InsufficientMemory))
        }
        error => ImageError::Decoding(DecodingError::new(ImageFormat::Png.into(), error)),
    };
    RenderError::from_decoder(error, Format::Png, decoder_memory)
}
