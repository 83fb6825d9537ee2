//! The conversion to sRGB, which is the colour space of all variants.
//!
//! The input has 8 or 16 bits per channel. It is grey or RGB, with or without straight alpha, encoded as the file's
//! profile says. The output has 8 bits, is sRGB, and keeps straight alpha; grey stays grey.
//!
//! The conversion runs on the resized pixels, which are a few hundred rows instead of megapixels. Resampling therefore
//! happens in the file's own gamma-encoded space, as it does in that of sRGB for a file without a profile. The
//! difference is smaller than the loss of encoding a variant. An image is treated as sRGB if it has no profile, or one
//! that cannot be read or does not fit its pixels.
//!
//! **Rendering intent**: perceptual. For profiles of matrices and curves (Display P3, Adobe RGB, ProPhoto, and all
//! that cameras write) the intent makes no difference: they convert relative to their white point, and colours outside
//! of sRGB are clipped channel by channel. A profile with tables must have the perceptual table, which already maps
//! paper white and the darkest ink to white and black. Perceptual is the default of sharp and Pillow, and browsers show
//! the original with it. Black point compensation is left to `moxcms`, which only applies it to tables.

mod cmyk;
mod curve;
mod declared;
mod icc;
#[cfg(test)]
mod tests;

pub(super) use cmyk::cmyk_to_srgb;

use image::{DynamicImage, GrayAlphaImage, GrayImage, RgbImage, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, RenderingIntent, TransformOptions};

/// The colour profile of an image: what the numbers of its pixels mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Profile {
    /// The image is sRGB, or does not say what it is.
    #[default]
    Srgb,
    /// An embedded ICC profile, which has not been checked yet.
    Icc(Vec<u8>),
    /// The values of PNG's `gAMA`, and of `cHRM` if there is one.
    PngGamma {
        /// The exponent of the encoding, usually about 0.45.
        gamma: f32,
        /// The chromaticities; those of sRGB if they are absent.
        chromaticities: Option<Chromaticities>,
    },
    /// The code points of ITU-T H.273 for full-range RGB.
    Cicp {
        /// The code point `ColourPrimaries`.
        primaries: u8,
        /// The code point `TransferCharacteristics`.
        transfer: u8,
    },
}

/// The white point and the primaries as CIE x and y.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Chromaticities {
    pub(super) white: (f32, f32),
    pub(super) red: (f32, f32),
    pub(super) green: (f32, f32),
    pub(super) blue: (f32, f32),
}

/// Converts `pixels` to sRGB with 8 bits per channel.
pub(super) fn to_srgb(pixels: DynamicImage, profile: &Profile) -> DynamicImage {
    let grey = !pixels.color().has_color();
    let converted = match source(profile, grey) {
        Some(source) => convert(&pixels, &source, grey),
        None => None,
    };
    converted.unwrap_or_else(|| eight_bits(pixels))
}

/// The profile to convert from, or `None` if there is nothing to convert.
fn source(profile: &Profile, grey: bool) -> Option<ColorProfile> {
    match profile {
        Profile::Srgb => None,
        Profile::Icc(bytes) => {
            let kind = if grey { DataColorSpace::Gray } else { DataColorSpace::Rgb };
            icc::parse(bytes, kind).filter(|profile| !icc::is_srgb(profile))
        }
        &Profile::PngGamma { gamma, chromaticities } => declared::png(gamma, chromaticities, grey),
        &Profile::Cicp { primaries, transfer } => declared::cicp(primaries, transfer, grey),
    }
}

/// Converts `pixels` from `source` to sRGB, or returns `None` if `moxcms` cannot do that.
fn convert(pixels: &DynamicImage, source: &ColorProfile, grey: bool) -> Option<DynamicImage> {
    let (width, height) = (pixels.width(), pixels.height());
    let target = if grey { declared::grey_srgb() } else { ColorProfile::new_srgb() };
    let layout = match (grey, pixels.color().has_alpha()) {
        (true, false) => Layout::Gray,
        (true, true) => Layout::GrayAlpha,
        (false, false) => Layout::Rgb,
        (false, true) => Layout::Rgba,
    };
    let bytes = if let Some(samples) = sixteen_bit_samples(pixels) {
        let transform = source.create_transform_16bit(layout, &target, layout, options()).ok()?;
        let mut converted = vec![0; samples.len()];
        transform.transform(samples, &mut converted).ok()?;
        converted.into_iter().map(eight_bit).collect()
    } else {
        let transform = source.create_transform_8bit(layout, &target, layout, options()).ok()?;
        let mut converted = vec![0; pixels.as_bytes().len()];
        transform.transform(pixels.as_bytes(), &mut converted).ok()?;
        converted
    };
    match layout {
        Layout::Gray => GrayImage::from_raw(width, height, bytes).map(Into::into),
        Layout::GrayAlpha => GrayAlphaImage::from_raw(width, height, bytes).map(Into::into),
        Layout::Rgb => RgbImage::from_raw(width, height, bytes).map(Into::into),
        _ => RgbaImage::from_raw(width, height, bytes).map(Into::into),
    }
}

fn options() -> TransformOptions {
    TransformOptions { rendering_intent: RenderingIntent::Perceptual, ..TransformOptions::default() }
}

fn sixteen_bit_samples(pixels: &DynamicImage) -> Option<&[u16]> {
    match pixels {
        DynamicImage::ImageLuma16(image) => Some(image),
        DynamicImage::ImageLumaA16(image) => Some(image),
        DynamicImage::ImageRgb16(image) => Some(image),
        DynamicImage::ImageRgba16(image) => Some(image),
        _ => None,
    }
}

/// Rounds a sample of 16 bits to the nearest one of 8 bits.
fn eight_bit(sample: u16) -> u8 {
    // The result is at most (65535 + 128) / 257 = 255.
    ((u32::from(sample) + 128) / 257) as u8
}

/// Rounds samples of 16 bits to 8. Grey stays grey, and alpha is kept.
fn eight_bits(pixels: DynamicImage) -> DynamicImage {
    match pixels {
        DynamicImage::ImageLuma16(_) => pixels.into_luma8().into(),
        DynamicImage::ImageLumaA16(_) => pixels.into_luma_alpha8().into(),
        DynamicImage::ImageRgb16(_) | DynamicImage::ImageRgb32F(_) => pixels.into_rgb8().into(),
        DynamicImage::ImageRgba16(_) | DynamicImage::ImageRgba32F(_) => pixels.into_rgba8().into(),
        _ => pixels,
    }
}
