//! Encodes WebP files.

use super::super::{RenderError, size::Size};
use super::coding::Coding;
use super::libwebp::{self, Settings};
use image::{DynamicImage, ImageError, ImageFormat, error::EncodingError};
use resizinator_formats::Format;

/// The quality of lossy variants. On the photographs measured, 80 is about as good as JPEG at 82 (39 to 40 dB) in four
/// fifths of its bytes. It is also the quality that comparable tools use.
const QUALITY: f32 = 80.0;

/// The quality of variants that are WebP files although the original is not. Their SSIM is that of JPEG variants on the
/// average of the photographs measured (docs/performance.md, "Variants as WebP").
const QUALITY_LIKE_JPEG: f32 = 85.0;

/// libwebp's encoding method (effort). Compared with 2, a photograph's variant takes half as long again at 4, has 4 %
/// fewer bytes and 0.4 dB more. Beyond 4 it takes much longer for 2 %.
const METHOD: u8 = 4;

/// The method for animations with many large frames. It takes half as long as [`METHOD`], for 5 to 15 % more bytes.
const FAST_METHOD: u8 = 2;

/// The effort for lossless variants. A higher effort saves at most 2 % of the bytes.
const LOSSLESS_EFFORT: f32 = 50.0;

impl Settings {
    /// The settings for an image, or for an animation of which at most `pixels` pixels are encoded in total.
    pub(super) fn new(coding: Coding, pixels: u64) -> Self {
        let method = if pixels <= MANY_PIXELS { METHOD } else { FAST_METHOD };
        let quality = match coding {
            Coding::Lossless => LOSSLESS_EFFORT,
            Coding::Lossy => QUALITY,
            Coding::LossyLikeJpeg | Coding::ByPixels => QUALITY_LIKE_JPEG,
        };
        Self { lossless: coding == Coding::Lossless, quality, method }
    }
}

/// The number of pixels to encode above which time matters more than bytes.
const MANY_PIXELS: u64 = 20_000_000;

/// Encodes `pixels` as 8-bit RGB, or as RGBA with straight alpha. Other colour types are converted to one of these.
pub(in crate::pipeline) fn still(pixels: &DynamicImage, coding: Coding) -> Result<Vec<u8>, RenderError> {
    let size = Size { width: pixels.width(), height: pixels.height() };
    let settings = Settings::new(coding.decided(pixels), size.pixels());
    match pixels {
        DynamicImage::ImageRgb8(rgb) => libwebp::encode(rgb, size, settings),
        DynamicImage::ImageRgba8(rgba) => libwebp::encode(rgba, size, settings),
        _ if pixels.color().has_alpha() => libwebp::encode(&pixels.to_rgba8(), size, settings),
        _ => libwebp::encode(&pixels.to_rgb8(), size, settings),
    }
    .map_err(|failure| failed(failure, size))
}

/// The error of the pipeline for a failure to encode.
pub(super) fn failed(failure: libwebp::LibwebpError, size: Size) -> RenderError {
    let source = ImageError::Encoding(EncodingError::new(ImageFormat::WebP.into(), failure));
    RenderError::Encode { format: Format::WebP, width: size.width, height: size.height, source }
}
