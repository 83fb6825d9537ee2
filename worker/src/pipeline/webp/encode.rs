//! WebP files: lossy from lossy originals, lossless from lossless ones.

use super::super::{RenderError, size::Size};
use super::libwebp::{self, Settings};
use image::{DynamicImage, ImageError, ImageFormat, error::EncodingError};
use resizinator_formats::Format;

/// Of lossy variants. On the photographs measured, 80 keeps about as much as JPEG at 82 (39 to 40 dB) in four
/// fifths of its bytes; it is also what the other tools that people compare us with take.
const QUALITY: f32 = 80.0;

/// Steps of libwebp's search for small files. From 2 to 4 a photograph's variant takes half as long again and
/// loses 4 % of its bytes at 0.4 dB more; beyond 4 it takes much longer for 2 %.
const METHOD: u8 = 4;

/// For an animation whose frames are many and large: half as long as [`METHOD`], 5 to 15 % more bytes.
const FAST_METHOD: u8 = 2;

/// Of lossless variants: the effort. Bytes do not shrink by more than 2 % beyond it.
const LOSSLESS_EFFORT: f32 = 50.0;

impl Settings {
    /// For an image or for animations that encode at most `pixels` pixels altogether.
    pub(super) fn new(lossless: bool, pixels: u64) -> Self {
        let method = if pixels <= MANY_PIXELS { METHOD } else { FAST_METHOD };
        let quality = if lossless { LOSSLESS_EFFORT } else { QUALITY };
        Self { lossless, quality, method }
    }
}

/// Beyond these many pixels to encode, time counts more than bytes.
const MANY_PIXELS: u64 = 20_000_000;

/// Writes 8-bit `pixels`, RGB or RGBA with straight alpha; anything else becomes one of the two.
pub(in crate::pipeline) fn still(pixels: &DynamicImage, lossless: bool) -> Result<Vec<u8>, RenderError> {
    let size = Size { width: pixels.width(), height: pixels.height() };
    let settings = Settings::new(lossless, size.pixels());
    match pixels {
        DynamicImage::ImageRgb8(rgb) => libwebp::encode(rgb, size, settings),
        DynamicImage::ImageRgba8(rgba) => libwebp::encode(rgba, size, settings),
        _ if pixels.color().has_alpha() => libwebp::encode(&pixels.to_rgba8(), size, settings),
        _ => libwebp::encode(&pixels.to_rgb8(), size, settings),
    }
    .map_err(|failure| failed(failure, size))
}

/// What the failure of an encoding is called.
pub(super) fn failed(failure: libwebp::LibwebpError, size: Size) -> RenderError {
    let source = ImageError::Encoding(EncodingError::new(ImageFormat::WebP.into(), failure));
    RenderError::Encode { format: Format::WebP, width: size.width, height: size.height, source }
}
