//! Decodes the pixels of a JPEG file at the scale that suits the medium variant.

use super::{
    super::RenderError,
    cut_short, damaged, direct, missing,
    opened::{Colour, Opened},
    scale::Scale,
    trim,
    turbo::{self, Decoded, DecoderBounds},
};
use image::{GrayImage, ImageBuffer, RgbImage, Rgba};
use resizinator_formats::jpeg::{MAX_SCANS, marker};

/// Decoded pixels with 8 bits per channel, without alpha, in the colour space of the file's profile.
#[derive(Debug)]
pub(in super::super) enum Pixels {
    /// Grey levels from black to white.
    Grey(GrayImage),
    /// Red, green and blue as the profile defines them, or of sRGB if there is none.
    Rgb(RgbImage),
    /// Amounts of cyan, magenta, yellow and black ink. 0 is no ink, however the file stores it.
    Cmyk(ImageBuffer<Rgba<u8>, Vec<u8>>),
}

/// An image decoded at a fraction of its size, in its stored orientation.
#[derive(Debug)]
pub(in super::super) struct Scaled {
    pub(in super::super) pixels: Pixels,
    /// The width and height of the image, measured in those pixels. The last column and row may lie only partly within
    /// the image, so that resizing the whole buffer would shift it by up to a pixel.
    pub(in super::super) within: (f64, f64),
}

/// Decodes `input` to at least 7/6 of `wanted_height` rows (seen upright), or to all rows that it has.
///
/// `wanted_height` is the height of the medium variant. A file that needs more than `decoder_memory` bytes is refused
/// before they are allocated. The project's own decoder needs far less than libjpeg-turbo for a file with several
/// scans, so that the larger bound only counts if a file is left to libjpeg-turbo.
///
/// # Errors
/// If the file exceeds a limit, is too damaged to be decoded, or is cut off in its upper half.
pub(in super::super) fn decode(
    input: &[u8],
    opened: &Opened<'_>,
    wanted_height: u32,
    decoder_memory: u64,
) -> Result<Scaled, RenderError> {
    let scale = Scale::choose(opened, wanted_height);
    let scans = opened.jpeg.scans.as_ref().map_or(1, |scans| scans.list.len());
    if scans > MAX_SCANS {
        return Err(RenderError::TooManyScans { limit: MAX_SCANS });
    }
    let (stored_width, stored_height) = (opened.jpeg.frame.width, opened.jpeg.frame.height);
    let within = (scale.within(stored_width), scale.within(stored_height));
    let (width, height) = (scale.of(stored_width), scale.of(stored_height));
    let fits_directly = opened.direct_memory(scale).is_some_and(|needed| needed <= decoder_memory);
    if fits_directly && let Some(samples) = direct::decode(opened, scale) {
        let decoded = Decoded { width, height, samples, problem: None, finished: true };
        return Ok(Scaled { pixels: pixels(decoded, opened.colour), within });
    }

    let needed = opened.library_memory(scale);
    if needed > decoder_memory {
        return Err(RenderError::DecoderMemory { needed: Some(needed), limit: decoder_memory });
    }

    let file = trim::trimmed(input, opened, scale);
    let limits = DecoderBounds { memory: decoder_memory, scans: MAX_SCANS };
    let decode = |file: &[u8]| turbo::decode(file, scale, opened.colour, limits).map_err(damaged);
    let mut decoded = decode(&file)?;
    if let Some(problem) = decoded.problem.take() {
        decoded = enough_or_else(decoded, problem, input, opened, decode)?;
    }
    if (decoded.width, decoded.height) != (width, height) {
        return Err(damaged("its header is ambiguous"));
    }
    Ok(Scaled { pixels: pixels(decoded, opened.colour), within })
}

/// Decides whether the pixels of a file for which the library reported `problem` are good enough.
///
/// A file that is complete but damaged is accepted, as browsers do. If the file was cut off or the library stopped, at
/// least half of the rows must have been decoded.
fn enough_or_else(
    decoded: Decoded,
    problem: String,
    input: &[u8],
    opened: &Opened<'_>,
    decode: impl Fn(&[u8]) -> Result<Decoded, RenderError>,
) -> Result<Decoded, RenderError> {
    let ends = !opened.jpeg.ended_early();
    let first_scan_came = opened.jpeg.scans.as_ref().is_some_and(|scans| ends || scans.list.len() > 1);
    if decoded.finished && (ends || first_scan_came) {
        return Ok(decoded);
    }
    let came = missing::rows_that_came(&decoded.samples, decoded.width, opened.colour);
    if u64::from(came) * 2 >= u64::from(decoded.height) {
        return Ok(decoded);
    }
    if ends {
        return Err(damaged(problem));
    }
    // Rows of real mid-grey look like missing ones. So the file is decoded again with an end marker: if that works
    // without a problem, only the marker was missing.
    let ended = with_end(input);
    match decode(&ended)? {
        whole @ Decoded { problem: None, .. } => Ok(whole),
        _ => Err(cut_short(problem)),
    }
}

fn with_end(input: &[u8]) -> Vec<u8> {
    [input, &[0xFF, marker::EOI]].concat()
}

fn pixels(decoded: Decoded, colour: Colour) -> Pixels {
    let Decoded { width, height, mut samples, .. } = decoded;
    if colour == (Colour::Cmyk { inverted: true }) {
        samples.iter_mut().for_each(|ink| *ink = u8::MAX - *ink);
    }
    let pixels = match colour {
        Colour::Grey => GrayImage::from_raw(width, height, samples).map(Pixels::Grey),
        Colour::Rgb => RgbImage::from_raw(width, height, samples).map(Pixels::Rgb),
        Colour::Cmyk { .. } => ImageBuffer::from_raw(width, height, samples).map(Pixels::Cmyk),
    };
    pixels.expect("as many samples as the size and the channels need")
}
