//! The decoder of AVIF files. It decodes the primary image of a file; in an image sequence, that is the still picture
//! that represents it.
//!
//! `resizinator_formats::avif` reads the structure of the file. The AV1 data in it is decoded by rav1d ([`av1`]) on
//! the calling thread, one tile of a grid after the other ([`planes`]). Luma and chroma are shrunk, and what is left
//! becomes RGB ([`colours`]). With alpha, each row becomes RGB first and is shrunk at once. The input has 8, 10 or 12 bits, any chroma subsampling, the full or
//! the limited range, and straight or premultiplied alpha.
//!
//! The output has 8 bits if the input has 8, else 16. It is grey or RGB, with or without straight alpha, and cropped
//! (`clap`). It is turned and mirrored (`irot`, `imir`) in a later step, and so are PQ and HLG converted for a
//! standard screen. A gain map is not applied.
//!
//! The features that are refused are listed in `resizinator_formats::avif::Feature`.

mod av1;
mod colours;
mod failure;
mod planes;
#[cfg(test)]
mod tests;

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
use colours::Converter;
use failure::DecodeFailure;
use image::metadata::Orientation;
use planes::{Planes, Stored};
use resizinator_formats::{
    Format,
    avif::{self, Crop, Mirror, Nclx, SequenceHeader},
};

/// The side of the blocks, in pixels, of whose means nobody can tell whether the decoder has smoothed the edges of its own
/// blocks.
const SMOOTH: u32 = 4;

/// A file whose boxes and AV1 headers have been read and checked against the limits. Its pixels are not decoded yet.
pub(super) struct Avif<'a> {
    file: &'a [u8],
    image: avif::Avif,
    limits: RenderLimits,
    /// The size as stored, after cropping.
    pub(super) size: Size,
    pub(super) orientation: Orientation,
    pub(super) profile: Profile,
}

/// Reads the boxes and AV1 headers of the file `input`, but none of its pixels.
pub(super) fn open<'a>(input: &'a [u8], limits: &RenderLimits) -> Result<Avif<'a>, RenderError> {
    let image = avif::read(input).map_err(|reason| RenderError::unreadable(Format::Avif, reason))?;
    limits::check_header(&image.header(), limits)?;
    for picture in [Some(&image.colour), image.alpha.as_ref()].into_iter().flatten() {
        limits::check_pixels(Format::Avif, picture.tile.into(), limits)?;
    }
    let icc = image.icc.as_ref().map(|icc| avif::bytes(input, icc));
    let (size, orientation, profile) =
        (image.crop.size.into(), orientation(&image), profile(icc, image.colours));
    Ok(Avif { file: input, image, limits: *limits, size, orientation, profile })
}

impl From<avif::Size> for Size {
    fn from(size: avif::Size) -> Self {
        Self { width: size.width, height: size.height }
    }
}

impl Avif<'_> {
    /// Decodes the pixels, shrunk as far as an image of `size` (as stored) can still be made of them.
    pub(super) fn decode(self, size: Size) -> Result<Scaled, RenderError> {
        let factors = Factors::between(self.size, size);
        limits::check_memory(self.memory(factors), &self.limits)?;
        let limits = self.limits;
        let eight = |picture: &avif::Picture| picture.header.bits == 8;
        match (eight(&self.image.colour), self.image.alpha.as_ref().is_none_or(eight)) {
            (true, true) => self.scaled::<u8, u8>(factors),
            (true, false) => self.scaled::<u8, u16>(factors),
            (false, true) => self.scaled::<u16, u8>(factors),
            (false, false) => self.scaled::<u16, u16>(factors),
        }
        .map_err(|failure| failure.told(&limits))
    }

    /// The bytes that are held at the same time: all planes, the decoder's memory for one tile, and the shrunk image.
    fn memory(&self, factors: Factors) -> u64 {
        let (mut held, mut decoder) = (0_u64, 0);
        for picture in [Some(&self.image.colour), self.image.alpha.as_ref()].into_iter().flatten() {
            let header: &SequenceHeader = &picture.header;
            held += header.layout.samples(picture.size) * av1::bytes_per_sample(header);
            decoder = decoder.max(av1::memory(header, picture.tile));
        }
        held + decoder + factors.shrunk(self.size).pixels() * 8
    }

    fn scaled<C: Stored, A: Stored>(self, factors: Factors) -> Result<Scaled, DecodeFailure> {
        let Self { file, image, .. } = &self;
        let unfiltered = factors.across.min(factors.down) >= SMOOTH;
        let colour = Planes::<C>::decode(file, &image.colour, unfiltered)?;
        let alpha =
            image.alpha.as_ref().map(|alpha| Planes::<A>::decode(file, alpha, unfiltered)).transpose()?;
        let mut converter = Converter::new(&colour, alpha.as_ref(), image);
        // Grey pixels with an ICC profile of RGB are output as RGB, because the profile does not fit grey pixels.
        let icc = image.icc.as_ref().map(|icc| avif::bytes(file, icc));
        let grey = colour.layout().planes() == 1 && !icc.is_some_and(is_of_rgb);
        let channels = if grey { 1 } else { 3 } + usize::from(alpha.is_some());

        let (crop, shrunk) = (image.crop, factors.shrunk(self.size));
        let covered = factors.covered((f64::from(self.size.width), f64::from(self.size.height)));
        let pixels = if image.colour.header.bits == 8 {
            let level = |value: f32| (value * 255.0 + 0.5) as u8;
            shrink::eight(shrunk, channels, rows(&mut converter, crop, channels, factors, level))
        } else {
            let level = |value: f32| (value * 65_535.0 + 0.5) as u16;
            shrink::sixteen(shrunk, channels, rows(&mut converter, crop, channels, factors, level))
        };
        Ok(Scaled { pixels, covered })
    }
}

/// Shrinks and converts all rows of `crop`. `level` makes a sample of a value from 0 to 1, and saturates.
fn rows<C: Stored, A: Stored, S: Sample + Default>(
    converter: &mut Converter<'_, C, A>,
    crop: Crop,
    channels: usize,
    factors: Factors,
    level: impl Fn(f32) -> S,
) -> Vec<S> {
    let (left, width) = (crop.left as usize, crop.size.width as usize);
    let mut pixels = vec![S::default(); width * channels];
    if converter.is_linear() {
        let bottom = crop.top + crop.size.height;
        let mut shrunk = Vec::new();
        for top in (crop.top..bottom).step_by(factors.down as usize) {
            let rows = top..bottom.min(top + factors.down);
            let means = converter.means(rows, left..left + width, factors.across as usize);
            let pixels = &mut pixels[..means[0].len() * channels];
            interleave(&means[..channels], pixels, &level);
            shrunk.extend_from_slice(pixels);
        }
        return shrunk;
    }
    let mut shrinker = Shrinker::new(crop.size.into(), channels, matches!(channels, 2 | 4), factors);
    for y in crop.top..crop.top + crop.size.height {
        let [red, green, blue, alpha] = converter.row(y);
        let planes: &[_] = match channels {
            1 => &[red],
            2 => &[red, alpha],
            3 => &[red, green, blue],
            _ => &[red, green, blue, alpha],
        };
        let part: Vec<_> = planes.iter().map(|plane| &plane[left..left + width]).collect();
        interleave(&part, &mut pixels, &level);
        shrinker.push(&pixels);
    }
    shrinker.finish()
}

/// Puts the values of all channels pixel by pixel.
fn interleave<S>(channels: &[&[f32]], pixels: &mut [S], level: impl Fn(f32) -> S) {
    for (number, channel) in channels.iter().enumerate() {
        for (sample, &value) in pixels[number..].iter_mut().step_by(channels.len()).zip(*channel) {
            *sample = level(value);
        }
    }
}

/// Whether an ICC profile's colours are red, green and blue.
fn is_of_rgb(icc: &[u8]) -> bool {
    icc.get(16..20) == Some(b"RGB ")
}

/// The colour profile of the pixels. An ICC profile takes precedence over the code points.
fn profile(icc: Option<&[u8]>, colours: Nclx) -> Profile {
    if let Some(icc) = icc {
        return Profile::Icc(icc.to_vec());
    }
    // Viewers treat the transfer curve of video, and an unspecified one, as that of sRGB. They do the same with
    // unspecified and reserved primaries.
    let transfer = if matches!(colours.transfer, 0..=3 | 6 | 14 | 15) { 13 } else { colours.transfer };
    let primaries = if matches!(colours.primaries, 0 | 2 | 3) { 1 } else { colours.primaries };
    if (primaries, transfer) == (1, 13) { Profile::Srgb } else { Profile::Cicp { primaries, transfer } }
}

/// The orientation: first the quarter turns to the left, then the mirroring. An EXIF orientation in the file is ignored
/// (HEIF, annex A.2.3).
fn orientation(image: &avif::Avif) -> Orientation {
    // Swapping top and bottom equals half a turn followed by swapping left and right.
    let half_turn = if image.mirror == Some(Mirror::TopBottom) { 2 } else { 0 };
    match ((image.quarter_turns + half_turn) & 3, image.mirror.is_some()) {
        (0, false) => Orientation::NoTransforms,
        (1, false) => Orientation::Rotate270,
        (2, false) => Orientation::Rotate180,
        (_, false) => Orientation::Rotate90,
        (0, true) => Orientation::FlipHorizontal,
        (1, true) => Orientation::Rotate270FlipH,
        (2, true) => Orientation::FlipVertical,
        (_, true) => Orientation::Rotate90FlipH,
    }
}
