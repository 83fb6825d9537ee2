//! Embedded ICC profiles.

use super::curve;
use moxcms::{ColorProfile, DataColorSpace, ParsingOptions, ProfileClass, Xyzd, srgb_colorants};

/// The longest profile that is read, in bytes. Real profiles are smaller: CMYK profiles with all their tables take some
/// megabytes.
pub(super) const MAX_BYTES: usize = 8 << 20;

/// How far a primary may differ from that of sRGB, in XYZ. Profiles called sRGB differ by that much because they round
/// differently, and it changes no colour by more than one of 255 levels.
const SAME_COLORANT: f64 = 0.0015;

/// The profile in `bytes`, or `None` if it cannot be read or is not one for pixels of `kind`.
pub(super) fn parse(bytes: &[u8], kind: DataColorSpace) -> Option<ColorProfile> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    let options = ParsingOptions { max_profile_size: MAX_BYTES + 1, ..ParsingOptions::default() };
    let profile = ColorProfile::new_from_slice_with_options(bytes, options).ok()?;
    // The other classes do not describe the colours of pixels: device links, abstract profiles, named colours.
    let describes_pixels = matches!(
        profile.profile_class,
        ProfileClass::InputDevice
            | ProfileClass::DisplayDevice
            | ProfileClass::OutputDevice
            | ProfileClass::ColorSpace
    );
    (describes_pixels && profile.color_space == kind).then_some(profile)
}

/// Whether converting from `profile` would change nothing: it has the primaries and the curve of sRGB, and no tables
/// that would take precedence. For grey only the curve matters.
pub(super) fn is_srgb(profile: &ColorProfile) -> bool {
    let tables =
        [&profile.lut_a_to_b_perceptual, &profile.lut_a_to_b_colorimetric, &profile.lut_a_to_b_saturation];
    if tables.iter().any(|table| table.is_some()) {
        return false;
    }
    if profile.color_space == DataColorSpace::Gray {
        return profile.gray_trc.as_ref().is_some_and(curve::is_srgb);
    }
    let curves = [&profile.red_trc, &profile.green_trc, &profile.blue_trc];
    let srgb = srgb_colorants().v;
    let colorants = [profile.red_colorant, profile.green_colorant, profile.blue_colorant];
    colorants.iter().enumerate().all(|(column, &colorant)| {
        let Xyzd { x, y, z } = colorant;
        [x, y, z].iter().zip(srgb).all(|(value, row)| (value - row[column]).abs() <= SAME_COLORANT)
    }) && curves.into_iter().all(|curve| curve.as_ref().is_some_and(curve::is_srgb))
}
