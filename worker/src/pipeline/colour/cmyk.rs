//! The conversion of CMYK inks to sRGB.

use super::{icc, options};
use image::{Rgb, RgbImage, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout};

/// Converts `inks` to sRGB. They have four samples per pixel: cyan, magenta, yellow and black, from 0 (none) to 255
/// (full).
///
/// Without a usable profile, each ink is treated as ideal, as browsers and Pillow do. Printers differ so much that
/// there is no better guess.
pub(in crate::pipeline) fn cmyk_to_srgb(inks: &RgbaImage, profile: Option<&[u8]>) -> RgbImage {
    profile.and_then(|profile| with_profile(inks, profile)).unwrap_or_else(|| ideal(inks))
}

fn with_profile(inks: &RgbaImage, profile: &[u8]) -> Option<RgbImage> {
    let profile = icc::parse(profile, DataColorSpace::Cmyk)?;
    let srgb = ColorProfile::new_srgb();
    let transform = profile.create_transform_8bit(Layout::Rgba, &srgb, Layout::Rgb, options()).ok()?;
    let mut converted = RgbImage::new(inks.width(), inks.height());
    transform.transform(inks, &mut converted).ok()?;
    Some(converted)
}

fn ideal(inks: &RgbaImage) -> RgbImage {
    RgbImage::from_fn(inks.width(), inks.height(), |x, y| {
        let [cyan, magenta, yellow, black] = inks.get_pixel(x, y).0;
        Rgb([cyan, magenta, yellow].map(|ink| {
            let light = u32::from(255 - ink) * u32::from(255 - black);
            // The result is rounded and at most 255.
            ((light + 127) / 255) as u8
        }))
    })
}
