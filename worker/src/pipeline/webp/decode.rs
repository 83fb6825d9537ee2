//! A still WebP's pixels.

use super::super::{RenderError, RenderLimits};
use super::{
    animation::Animation,
    container::Container,
    libwebp::{self, Failure},
};
use crate::pipeline::animation::Frames as _;
use image::{DynamicImage, ImageError, ImageFormat, RgbImage, RgbaImage, error::DecodingError};
use resizinator_formats::Format;

/// The pixels of a still image, or the only or first frame of an animation: 8-bit RGB, or RGBA with straight
/// alpha; in the colours and the orientation in which they are stored.
pub(in crate::pipeline) fn still(
    container: &Container<'_>,
    limits: &RenderLimits,
) -> Result<DynamicImage, RenderError> {
    if container.plays.is_some() {
        let mut frames = Animation::new(container.clone(), limits);
        let first = frames.next().unwrap_or_else(|| Err(failed(Failure::Damaged, limits)))?;
        return Ok(first.canvas.clone().into());
    }
    let (size, alpha) = (container.size, container.alpha);
    let pixels = libwebp::decode(container.bytes, size, alpha).map_err(|failure| failed(failure, limits))?;
    let image = if alpha {
        RgbaImage::from_raw(size.width, size.height, pixels).map(DynamicImage::from)
    } else {
        RgbImage::from_raw(size.width, size.height, pixels).map(DynamicImage::from)
    };
    image.ok_or_else(|| failed(Failure::OtherSize, limits))
}

/// Why no [`Container`] could be read.
pub(in crate::pipeline) fn unreadable(file: &[u8]) -> RenderError {
    let announced = file.get(4..8).map(|size| u32::from_le_bytes([size[0], size[1], size[2], size[3]]));
    let cut = announced.is_none_or(|size| (size as usize).saturating_add(8) > file.len());
    failed(if cut { Failure::CutShort } else { Failure::Damaged }, &RenderLimits::default())
}

/// What the failure of a decoding is called.
pub(super) fn failed(failure: Failure, limits: &RenderLimits) -> RenderError {
    let source = ImageError::Decoding(DecodingError::new(ImageFormat::WebP.into(), failure));
    match failure {
        Failure::CutShort => RenderError::CutShort { format: Format::WebP, source },
        Failure::Memory => RenderError::DecoderMemory { needed: None, limit: limits.decoder_memory },
        Failure::Unsupported => RenderError::UnsupportedFeature { format: Format::WebP, source },
        _ => RenderError::Decode { format: Format::WebP, source },
    }
}
