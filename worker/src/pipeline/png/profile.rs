//! The colour profile that the chunks of a PNG declare. The precedence is that of the third edition of the
//! specification.

use crate::pipeline::colour::{Chromaticities, Profile};
use png::{Info, SourceChromaticities};

/// The profile from the first of `cICP`, `iCCP`, `sRGB` and `gAMA` (with `cHRM`) that is present. `cHRM` without `gAMA`
/// is not enough, and browsers ignore it too.
pub(super) fn of(info: &Info<'_>) -> Profile {
    if let Some(cicp) = info.coding_independent_code_points {
        // PNG does not allow anything else than RGB in full range, and unknown transfer curves cannot be shown.
        if cicp.matrix_coefficients == 0 && cicp.is_video_full_range_image && is_known(cicp.transfer_function)
        {
            return Profile::Cicp { primaries: cicp.color_primaries, transfer: cicp.transfer_function };
        }
    }
    if let Some(icc) = &info.icc_profile {
        return Profile::Icc(icc.to_vec());
    }
    if info.srgb.is_some() {
        return Profile::Srgb;
    }
    // `gama_chunk` and `chrm_chunk` hold what the file says; `gamma()` would guess.
    match info.gama_chunk {
        Some(gamma) => Profile::PngGamma {
            gamma: gamma.into_value(),
            chromaticities: info.chrm_chunk.map(chromaticities),
        },
        None => Profile::Srgb,
    }
}

/// Whether a transfer curve is known. The code points 0, 2 and 3 are reserved or mean "unspecified".
fn is_known(transfer: u8) -> bool {
    matches!(transfer, 1 | 4..=18)
}

fn chromaticities(chunk: SourceChromaticities) -> Chromaticities {
    let point = |(x, y): (png::ScaledFloat, png::ScaledFloat)| (x.into_value(), y.into_value());
    Chromaticities {
        white: point(chunk.white),
        red: point(chunk.red),
        green: point(chunk.green),
        blue: point(chunk.blue),
    }
}
