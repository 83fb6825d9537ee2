//! The decoder of TIFF files. It decodes the first page of a file and ignores the others.
//!
//! `formats` reads the file's directory, and refuses what cannot be decoded. The `tiff` crate unpacks the strips and
//! tiles and undoes their predictors, but supports few kinds of colours. So it gets every file as one of channels
//! without a meaning ([`plain`]). [`samples`] then reads the samples, and [`colours`] interprets the channels. One row
//! of strips or tiles, with all planes, is in memory at a time, and is shrunk before the next one is read.
//!
//! The output has 8 or 16 bits per channel. It is grey or RGB, with or without straight alpha. CMYK becomes sRGB here,
//! after shrinking, since the rest of the pipeline does not handle it.

mod colours;
mod plain;
mod samples;
#[cfg(test)]
mod tests;

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
use ::tiff::{
    TiffError,
    decoder::{Decoder, Limits as DecoderBounds},
};
use colours::{Colours, Model};
use image::{
    DynamicImage, ImageError, ImageFormat,
    error::{DecodingError, LimitError, LimitErrorKind},
    metadata::Orientation,
};
use plain::Plain;
use resizinator_formats::{Format, Unreadable, tiff};
use samples::Samples;

/// A file whose first directory has been read and checked against the limits. Its pixels are not decoded yet.
pub(super) struct Tiff<'a> {
    file: tiff::Tiff<'a>,
    decoder: Decoder<Plain<'a>>,
    samples: Samples,
    colours: Colours,
    limits: RenderLimits,
    /// The size as stored.
    pub(super) size: Size,
    pub(super) orientation: Orientation,
}

/// Reads the first directory of `input`.
pub(super) fn open<'a>(input: &'a [u8], limits: &RenderLimits) -> Result<Tiff<'a>, RenderError> {
    let unreadable = |reason| RenderError::unreadable(Format::Tiff, reason);
    let file = tiff::read(input).map_err(unreadable)?;
    limits::check_header(&file.header(), limits)?;
    let image = &file.image;
    let size = Size { width: image.width, height: image.height };

    let plain = Plain::new(&file);
    let plain = plain.ok_or_else(|| unreadable(Unreadable::Unsupported("more than 4 GiB".into())))?;
    let mut bounds = DecoderBounds::default();
    bounds.intermediate_buffer_size = usize::try_from(limits.decoder_memory).unwrap_or(usize::MAX);
    let mut decoder = Decoder::new(plain).map_err(|error| failed(error, limits))?.with_limits(bounds);
    decoder.inner().directory_is_read = true;

    let orientation = Orientation::from_exif(image.orientation).unwrap_or(Orientation::NoTransforms);
    let samples = Samples::of(&file);
    let colours = Colours::of(&file, &samples);
    Ok(Tiff { decoder, samples, colours, limits: *limits, size, orientation, file })
}

impl Tiff<'_> {
    /// Decodes the pixels, shrunk as far as an image of `size` (as stored) can still be made of them. Also returns
    /// their colour profile.
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
                // No sample is above 255.
                eight.extend(row.iter().map(|&sample| sample as u8));
                shrinker.push(&eight);
            })?;
            shrink::eight(shrunk, channels, shrinker.finish())
        };
        let icc = self.file.image.icc.as_ref().map(|icc| self.file.bytes(icc));
        Ok(match (self.colours.model(), pixels) {
            (Model::Cmyk, DynamicImage::ImageRgba8(inks)) => {
                let pixels = colour::cmyk_to_srgb(&inks, icc).into();
                (Scaled { pixels, covered }, Profile::Srgb)
            }
            (_, pixels) => {
                (Scaled { pixels, covered }, icc.map_or(Profile::Srgb, |icc| Profile::Icc(icc.to_vec())))
            }
        })
    }

    /// Passes every row to `push`. Its samples have the width that [`Colours::are_sixteen_bits`] says.
    fn rows(&mut self, shrunk: Size, mut push: impl FnMut(&[u16])) -> Result<(), RenderError> {
        let (width, height) = (self.size.width as usize, self.size.height);
        let piece_height = self.file.image.pieces.height;
        let (mut band, mut samples, mut row) = (Vec::new(), Vec::new(), Vec::new());
        for y in 0..self.file.image.pieces.down {
            let rows = piece_height.min(height - y * piece_height) as usize;
            let bytes = self.band(y, rows, shrunk, &mut band)?;
            for index in 0..rows {
                self.samples.unpack(&band, index * bytes.row, bytes.plane, width, &mut samples);
                self.colours.convert(&samples, &mut row);
                push(&row);
            }
        }
        Ok(())
    }

    /// Unpacks the strips or tiles of the band that begins at row `y` and is `rows` pixels high, one plane after the
    /// other. The parts of tiles that lie beyond the image are left out.
    fn band(&mut self, y: u32, rows: usize, shrunk: Size, band: &mut Vec<u8>) -> Result<Stride, RenderError> {
        let limits = self.limits;
        let failed = |error| failed(error, &limits);
        let tiff::Image { width, bits, pieces, reversed_bits, .. } = &self.file.image;
        let bits_of_pixel = u64::from(*bits) * u64::from(pieces.samples_in_each);
        let row = (u64::from(*width) * bits_of_pixel).div_ceil(8);
        let of_band = row.saturating_mul(rows as u64).saturating_mul(pieces.planes.into());
        let others = shrunk.pixels().saturating_mul(8).saturating_add(pieces.row_bytes());
        let held = of_band.saturating_add(others);
        limits::check_memory(held, &limits)?;
        let (row, piece_row) = (row as usize, pieces.row_bytes() as usize);
        let plane = row * rows;
        band.clear();
        band.resize(of_band as usize, 0);

        let mut piece = Vec::new();
        for of_plane in 0..pieces.planes {
            for x in 0..pieces.across {
                let index = u32::try_from(pieces.index(of_plane, y, x))
                    .map_err(|_| failed(TiffError::IntSizeError))?;
                // The decoder treats the bottom tiles of all planes but the first as whole ones.
                let layout = self.decoder.image_chunk_buffer_layout(index).map_err(failed)?;
                limits::check_memory(held.saturating_add(layout.complete_len as u64), &limits)?;
                let alone = pieces.across == 1 && pieces.planes == 1 && layout.complete_len == band.len();
                if !alone {
                    piece.resize(layout.complete_len, 0);
                }
                self.decoder.inner().reversed = *reversed_bits;
                let buffer = if alone { band.as_mut_slice() } else { piece.as_mut_slice() };
                let read = self.decoder.read_chunk_bytes(index, buffer);
                self.decoder.inner().reversed = false;
                read.map_err(failed)?;
                if alone {
                    continue;
                }
                let stride = layout.row_stride.map_or(piece.len(), |stride| stride.get());
                let left = x as usize * piece_row;
                let start = usize::from(of_plane) * plane;
                for (to, from) in band[start..][..plane].chunks_exact_mut(row).zip(piece.chunks_exact(stride))
                {
                    let to = &mut to[left..];
                    let count = to.len().min(from.len());
                    to[..count].copy_from_slice(&from[..count]);
                }
            }
        }
        Ok(Stride { row, plane })
    }
}

/// The number of bytes in a band from one row to the next, and from one plane to the next.
struct Stride {
    row: usize,
    plane: usize,
}

fn failed(error: TiffError, limits: &RenderLimits) -> RenderError {
    let error = match error {
        TiffError::UnsupportedError(feature) => {
            let reason = Unreadable::Unsupported(feature.to_string().into());
            return RenderError::unreadable(Format::Tiff, reason);
        }
        TiffError::IoError(error) => ImageError::IoError(error),
        TiffError::LimitsExceeded => {
            ImageError::Limits(LimitError::from_kind(LimitErrorKind::InsufficientMemory))
        }
        error => ImageError::Decoding(DecodingError::new(ImageFormat::Tiff.into(), error)),
    };
    RenderError::from_decoder(error, Format::Tiff, limits.decoder_memory)
}
