//! The Lanczos filter of three lobes.
//!
//! The resampler computes the weights of both axes anew for each image, and for a photograph of 640 × 480 pixels its own filter
//! spends more time on sines than on half of the pixels. This filter needs none: with θ = πx / 3, it is
//!
//! sinc(3θ) · sinc(θ) = sin(3θ) / 3θ · sin θ / θ = (sin θ / θ)² · (1 − 4/3 · sin² θ),
//!
//! since sin(3θ) = 3 sin θ − 4 sin³ θ. And sin θ / θ is a polynomial of θ².

use fast_image_resize::{Filter, FilterType};
use std::f64::consts::PI;

/// The distance in pixels from which on a pixel has no weight.
const LOBES: f64 = 3.0;

/// The filter for the resampler.
pub(in crate::pipeline) fn filter() -> FilterType {
    FilterType::Custom(Filter::new("Lanczos3", weight, LOBES).expect("the filter has an end"))
}

/// The weight of a pixel at the distance `x`, before the weights are made to sum up to 1.
fn weight(x: f64) -> f64 {
    if x.abs() >= LOBES {
        return 0.0;
    }
    let square = (x * (PI / LOBES)).powi(2);
    let sinc = SINC.iter().rev().fold(0.0, |sum, coefficient| sum * square + coefficient);
    sinc * sinc * (1.0 - 4.0 / 3.0 * sinc * sinc * square)
}

/// The Taylor series of sin θ / θ by the powers of θ². Up to θ = π, it is exact to 10⁻⁸.
const SINC: [f64; 9] = {
    let mut series = [1.0; 9];
    let mut power = 1;
    while power < series.len() {
        let two = 2.0 * power as f64;
        series[power] = -series[power - 1] / (two * (two + 1.0));
        power += 1;
    }
    series
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_weights_are_those_of_two_sines() {
        for step in -3500..=3500 {
            let x = f64::from(step) / 1000.0;
            let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
            let expected = if x.abs() < 3.0 { sinc(x) * sinc(x / 3.0) } else { 0.0 };
            assert!((weight(x) - expected).abs() < 1e-7, "{} instead of {expected} at {x}", weight(x));
        }
    }
}
