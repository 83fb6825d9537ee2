//! Reads the header of a WebP, and decodes the pixels of a still one.

use super::super::{RenderError, RenderLimits, animation::check, size::Size};
use super::{
    animation::Animation,
    libwebp::{self, LibwebpError},
};
use crate::pipeline::animation::Frames as _;
use image::{DynamicImage, ImageError, ImageFormat, RgbImage, RgbaImage, error::DecodingError};
use resizinator_formats::{
    Format, Header, Unreadable,
    webp::{self, Content, WebP},
};

/// Reads the chunks of a file, and checks them against the limits.
pub(in crate::pipeline) fn open<'a>(file: &'a [u8], limits: &RenderLimits) -> Result<WebP<'a>, RenderError> {
    let webp = webp::read(file).map_err(unreadable)?;
    let frame_memory = match &webp.content {
        Content::Still(_) => 0,
        // Four bytes per pixel for the frame's rectangle, and the same for what libwebp holds of a lossless one.
        Content::Animation(animation) => animation.largest_frame.saturating_mul(8),
    };
    check(&webp.header(), frame_memory, limits)?;
    Ok(webp)
}

/// Decodes a still image, or the only or first frame of an animation. The pixels are 8-bit RGB, or RGBA with straight
/// alpha, in the stored colour space and orientation.
pub(in crate::pipeline) fn still(
    webp: &WebP<'_>,
    limits: &RenderLimits,
) -> Result<DynamicImage, RenderError> {
    let picture = match &webp.content {
        Content::Still(picture) => picture,
        Content::Animation(animation) => {
            let Header { width, height, .. } = webp.header();
            let canvas = Size { width, height };
            let mut frames = Animation::new(canvas, animation, limits);
            let first = frames.next().unwrap_or_else(|| Err(unreadable(Unreadable::EndedEarly)))?;
            return Ok(first.canvas.clone().into());
        }
    };
    let size = Size { width: picture.width, height: picture.height };
    let pixels = libwebp::decode(picture.data, size, picture.alpha).map_err(|error| failed(error, limits))?;
    let image = if picture.alpha {
        RgbaImage::from_raw(size.width, size.height, pixels).map(DynamicImage::from)
    } else {
        RgbImage::from_raw(size.width, size.height, pixels).map(DynamicImage::from)
    };
    image.ok_or_else(|| failed(LibwebpError::OtherSize, limits))
}

fn unreadable(reason: Unreadable) -> RenderError {
    RenderError::unreadable(Format::WebP, reason)
}

/// The error of the pipeline for a failure to decode.
pub(super) fn failed(failure: LibwebpError, limits: &RenderLimits) -> RenderError {
    let source = ImageError::Decoding(DecodingError::new(ImageFormat::WebP.into(), failure));
    match failure {
        LibwebpError::CutShort => RenderError::CutShort { format: Format::WebP, source },
        LibwebpError::Memory => RenderError::DecoderMemory { needed: None, limit: limits.decoder_memory },
        LibwebpError::Unsupported => RenderError::UnsupportedFeature { format: Format::WebP, source },
        _ => RenderError::Decode { format: Format::WebP, source },
    }
}
