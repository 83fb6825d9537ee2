//! The meaning of the samples of an AVIF as colours.
//!
//! Source: ITU-T H.273, section 8.

use super::feature::Feature;

/// The colour description of a file as code points of ITU-T H.273.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nclx {
    /// The code point `ColourPrimaries`. It is 2 if it is unspecified.
    pub primaries: u8,
    /// The code point `TransferCharacteristics`. It is 2 if it is unspecified.
    pub transfer: u8,
    /// The code point `MatrixCoefficients`. It is 2 if it is unspecified.
    pub matrix: u8,
    /// Whether samples use the full range of their bits.
    pub full_range: bool,
}

/// The conversion of samples to red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Matrix {
    /// No conversion: the samples are green, blue and red already.
    Identity,
    /// YCbCr, with the coefficients of red and blue in luma.
    Shares {
        /// The coefficient of red, from 0 to 1.
        red: f32,
        /// The coefficient of blue, from 0 to 1.
        blue: f32,
    },
    /// YCgCo: luma and the differences of green and of orange.
    YCgCo,
    /// The lossless form of YCgCo with whole numbers: YCgCo-Re and YCgCo-Ro.
    YCgCoR {
        /// The number of bits that the samples have more than red, green and blue.
        added_bits: u8,
    },
}

impl Matrix {
    /// The matrix that code points declare.
    pub(super) fn of(colours: Nclx) -> Result<Self, Feature> {
        let shares = |red, blue| Ok(Self::Shares { red, blue });
        match colours.matrix {
            0 => Ok(Self::Identity),
            1 => shares(0.2126, 0.0722),
            4 => shares(0.30, 0.11),
            // An unspecified matrix is treated like in libavif, which browsers use.
            2 | 3 | 5 | 6 => shares(0.299, 0.114),
            7 => shares(0.212, 0.087),
            8 => Ok(Self::YCgCo),
            9 => shares(0.2627, 0.0593),
            12 => match colours.primaries {
                9 => shares(0.2627, 0.0593),
                12 => shares(0.228_97, 0.079_29),
                5 | 6 => shares(0.299, 0.114),
                7 => shares(0.212, 0.087),
                1 | 2 => shares(0.2126, 0.0722),
                _ => Err(Feature::Matrix),
            },
            // The lossless forms have no limited range.
            16 if colours.full_range => Ok(Self::YCgCoR { added_bits: 2 }),
            17 if colours.full_range => Ok(Self::YCgCoR { added_bits: 1 }),
            _ => Err(Feature::Matrix),
        }
    }
}
