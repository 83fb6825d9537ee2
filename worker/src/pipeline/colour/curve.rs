//! Transfer curves, which convert encoded values to light. Both are from 0 to 1.

use moxcms::{ParametricCurve, ToneReprCurve};

/// The transfer curve of sRGB as an ICC parametric curve.
pub(super) fn srgb() -> ToneReprCurve {
    ToneReprCurve::Parametric(vec![2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.04045])
}

/// Whether `curve` differs from that of sRGB by less than half of one of 255 levels, checked at 33 values.
pub(super) fn is_srgb(curve: &ToneReprCurve) -> bool {
    (0..=32).all(|step| {
        let encoded = step as f32 / 32.0;
        evaluate(curve, encoded).is_some_and(|light| (encode_srgb(light) - encoded).abs() < 0.5 / 255.0)
    })
}

fn evaluate(curve: &ToneReprCurve, encoded: f32) -> Option<f32> {
    match curve {
        ToneReprCurve::Parametric(parameters) if parameters.is_empty() => None,
        ToneReprCurve::Parametric(parameters) => {
            ParametricCurve::new(parameters).map(|curve| curve.eval(encoded))
        }
        ToneReprCurve::Lut(table) => match table.as_slice() {
            [] => Some(encoded),
            &[gamma] => Some(encoded.powf(f32::from(gamma) / 256.0)),
            [.., last] => {
                let position = encoded * (table.len() - 1) as f32;
                let below = position as usize;
                let low = f32::from(*table.get(below)?);
                let high = f32::from(*table.get(below + 1).unwrap_or(last));
                Some((low + (high - low) * position.fract()) / 65_535.0)
            }
        },
    }
}

fn encode_srgb(light: f32) -> f32 {
    if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

/// A curve as a table of `light` at evenly spaced encoded values, clamped to 0 to 1.
pub(super) fn table(light: impl Fn(f32) -> f32) -> ToneReprCurve {
    const ENTRIES: u16 = 4096;
    let entry = |index: u16| {
        let encoded = f32::from(index) / f32::from(ENTRIES - 1);
        (light(encoded).clamp(0.0, 1.0) * 65_535.0).round() as u16
    };
    ToneReprCurve::Lut((0..ENTRIES).map(entry).collect())
}

/// The curve of SMPTE ST 2084 (PQ), adapted to a standard screen.
pub(super) fn pq() -> ToneReprCurve {
    const M1: f32 = 2610.0 / 16_384.0;
    const M2: f32 = 2523.0 / 32.0;
    const C1: f32 = 3424.0 / 4096.0;
    const C2: f32 = 2413.0 / 128.0;
    const C3: f32 = 2392.0 / 128.0;
    /// The luminance of 1.0 in cd/m². The next constant is that of reference white in ITU-R BT.2408.
    const PEAK: f32 = 10_000.0;
    const REFERENCE_WHITE: f32 = 203.0;
    table(|encoded| {
        let root = encoded.powf(1.0 / M2);
        let light = ((root - C1).max(0.0) / (C2 - C3 * root)).powf(1.0 / M1);
        shoulder(light * PEAK / REFERENCE_WHITE)
    })
}

/// The curve of ARIB STD-B67 (HLG), adapted to a standard screen.
pub(super) fn hlg() -> ToneReprCurve {
    const A: f32 = 0.178_832_77;
    const B: f32 = 1.0 - 4.0 * A;
    const C: f32 = 0.559_910_7;
    /// The light of the encoded value 0.75, which is reference white in ITU-R BT.2408.
    const REFERENCE_WHITE: f32 = 0.265;
    table(|encoded| {
        let light =
            if encoded <= 0.5 { encoded * encoded / 3.0 } else { (((encoded - C) / A).exp() + B) / 12.0 };
        shoulder(light / REFERENCE_WHITE)
    })
}

/// Compresses highlights so that they fit below white, and leaves darker values unchanged.
fn shoulder(light: f32) -> f32 {
    const KNEE: f32 = 0.8;
    if light <= KNEE { light } else { KNEE + (1.0 - KNEE) * (1.0 - (-(light - KNEE) / (1.0 - KNEE)).exp()) }
}
