//! What the numbers of the colours mean.
//!
//! Source: ITU-T H.273, section 8.

use super::feature::Feature;

/// Code points of ITU-T H.273.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nclx {
    /// `ColourPrimaries`; 2 if they are not told.
    pub primaries: u8,
    /// `TransferCharacteristics`; 2 if they are not told.
    pub transfer: u8,
    /// `MatrixCoefficients`; 2 if they are not told.
    pub matrix: u8,
    /// Whether samples use the whole range of their bits.
    pub full_range: bool,
}

/// How samples become red, green and blue.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Matrix {
    /// They are green, blue and red already.
    Identity,
    /// By the shares of red and of blue in what is bright.
    Shares {
        /// Of red, as a part of 1.
        red: f32,
        /// Of blue, as a part of 1.
        blue: f32,
    },
    /// Green and orange against the rest.
    YCgCo,
    /// The same in whole numbers, without a loss: YCgCo-Re and YCgCo-Ro.
    YCgCoR {
        /// How many bits the samples have more than red, green and blue.
        added_bits: u8,
    },
}

impl Matrix {
    /// Gives the matrix that code points name.
    pub(super) fn of(colours: Nclx) -> Result<Self, Feature> {
        let shares = |red, blue| Ok(Self::Shares { red, blue });
        match colours.matrix {
            0 => Ok(Self::Identity),
            1 => shares(0.2126, 0.0722),
            4 => shares(0.30, 0.11),
            // Of an unknown one, what libavif and with it the browsers take.
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
            // Whole numbers have no limited range.
            16 if colours.full_range => Ok(Self::YCgCoR { added_bits: 2 }),
            17 if colours.full_range => Ok(Self::YCgCoR { added_bits: 1 }),
            _ => Err(Feature::Matrix),
        }
    }
}
