//! Colour profiles that are built from the numbers that a file declares instead of an ICC profile.

use super::{Chromaticities, curve};
use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, MatrixCoefficients,
    ToneReprCurve, TransferCharacteristics, XyY,
};

/// The exponent of sRGB as PNG rounds it. An exponent that is within [`SAME_GAMMA`] of it means sRGB.
const SRGB_GAMMA: f32 = 0.454_55;
const SAME_GAMMA: f32 = 0.01;
const SAME_CHROMATICITY: f32 = 0.002;

const SRGB_CHROMATICITIES: Chromaticities =
    Chromaticities { white: (0.3127, 0.329), red: (0.64, 0.33), green: (0.3, 0.6), blue: (0.15, 0.06) };

/// The profile that PNG's `gAMA` and `cHRM` declare, or `None` if that is sRGB or impossible.
pub(super) fn png(gamma: f32, chromaticities: Option<Chromaticities>, grey: bool) -> Option<ColorProfile> {
    if !(0.05..=5.0).contains(&gamma) {
        return None;
    }
    let srgb_curve = (gamma - SRGB_GAMMA).abs() < SAME_GAMMA;
    let curve = if srgb_curve { curve::srgb() } else { ToneReprCurve::Parametric(vec![1.0 / gamma]) };
    // The white of a grey image stays white, whatever its chromaticity.
    if grey {
        return (!srgb_curve).then(|| self::grey(curve));
    }
    let chromaticities = chromaticities.filter(are_possible).unwrap_or(SRGB_CHROMATICITIES);
    if srgb_curve && same(&chromaticities, &SRGB_CHROMATICITIES) {
        return None;
    }
    let Chromaticities { white, red, green, blue } = chromaticities;
    let point = |(x, y)| Chromaticity::new(x, y);
    let primaries = ColorPrimaries { red: point(red), green: point(green), blue: point(blue) };
    Some(rgb(point(white).to_xyyb(), primaries, curve))
}

/// The profile that the code points of ITU-T H.273 declare, or `None` if that is sRGB or unknown.
///
/// PQ and HLG are adapted to a standard screen: diffuse white becomes white, and highlights are compressed.
pub(super) fn cicp(primaries: u8, transfer: u8, grey: bool) -> Option<ColorProfile> {
    let primaries = CicpColorPrimaries::try_from(primaries).ok()?;
    let transfer = TransferCharacteristics::try_from(transfer).ok()?;
    let srgb_curve = transfer == TransferCharacteristics::Srgb;
    let curve = match transfer {
        TransferCharacteristics::Smpte2084 => curve::pq(),
        TransferCharacteristics::Hlg => curve::hlg(),
        _ => ToneReprCurve::try_from(transfer).ok()?,
    };
    if grey {
        return (!srgb_curve).then(|| self::grey(curve));
    }
    if srgb_curve && primaries == CicpColorPrimaries::Bt709 {
        return None;
    }
    let mut profile = ColorProfile::new_from_cicp(CicpProfile {
        color_primaries: primaries,
        transfer_characteristics: TransferCharacteristics::Linear,
        matrix_coefficients: MatrixCoefficients::Identity,
        full_range: true,
    });
    // `cicp` would take precedence over the curves.
    profile.cicp = None;
    Some(with_curves(profile, curve))
}

/// The profile of grey variants: the curve of sRGB without colours.
pub(super) fn grey_srgb() -> ColorProfile {
    grey(curve::srgb())
}

fn grey(curve: ToneReprCurve) -> ColorProfile {
    let mut profile = ColorProfile::new_gray_with_gamma(1.0);
    profile.gray_trc = Some(curve);
    profile
}

fn rgb(white: XyY, primaries: ColorPrimaries, curve: ToneReprCurve) -> ColorProfile {
    let mut profile = ColorProfile::new_srgb();
    // This also removes the mark of sRGB from the profile, which would take precedence over the curves.
    profile.update_rgb_colorimetry(white, primaries);
    with_curves(profile, curve)
}

fn with_curves(mut profile: ColorProfile, curve: ToneReprCurve) -> ColorProfile {
    profile.red_trc = Some(curve.clone());
    profile.green_trc = Some(curve.clone());
    profile.blue_trc = Some(curve);
    profile
}

fn are_possible(chromaticities: &Chromaticities) -> bool {
    let Chromaticities { white, red, green, blue } = *chromaticities;
    let inside = |(x, y): (f32, f32)| x > -1.0 && y > -1.0 && x < 2.0 && y < 2.0;
    let area = (green.0 - red.0) * (blue.1 - red.1) - (blue.0 - red.0) * (green.1 - red.1);
    white.0 > 0.0
        && white.1 > 0.0
        && [red, green, blue].iter().all(|&(x, y)| inside((x, y)) && y != 0.0)
        && area.abs() > 1e-4
}

fn same(one: &Chromaticities, other: &Chromaticities) -> bool {
    let points = |of: &Chromaticities| [of.white, of.red, of.green, of.blue];
    points(one).iter().zip(points(other)).all(|(&(x, y), (other_x, other_y))| {
        (x - other_x).abs() < SAME_CHROMATICITY && (y - other_y).abs() < SAME_CHROMATICITY
    })
}
