//! The features of AVIF that are not supported. This is the complete list, for the upload and for the worker.

use std::fmt;

/// A feature of AVIF that is not supported. `Display` gives the format and the feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// An image sequence without a still image that represents it.
    SequenceWithoutStill,
    /// An overlay, a tone-mapped image, or another image that is derived from several.
    DerivedImage,
    /// Pixels coded with HEVC, which means that the file is HEIC.
    Hevc,
    /// Pixels coded with JPEG, AVC or VVC.
    OtherCoding,
    /// An essential property, which a reader has to know, that is not known here.
    UnknownProperty,
    /// A chosen layer (`lsel`). Without it, the best layer is shown.
    ChosenLayer,
    /// Data that consists of the data of other items (construction method 2 of `iloc`).
    BytesOfOtherItems,
    /// A grid in which some tiles have an alpha channel of their own and others have none.
    AlphaOfSomeTiles,
    /// ICtCp, or another matrix that is not a linear one with known coefficients.
    Matrix,
    /// Tiles that exceed the limit on the pixels or the sides of an image, although the image itself does not.
    LargeTiles,
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SequenceWithoutStill => "AVIF sequence without a still image",
            Self::DerivedImage => "AVIF made of several images",
            Self::Hevc => "HEIC",
            Self::OtherCoding => "AVIF with another coding than AV1",
            Self::UnknownProperty => "AVIF with an essential property that is not known",
            Self::ChosenLayer => "AVIF with one layer chosen out of several",
            Self::BytesOfOtherItems => "AVIF with an item made of other items' bytes",
            Self::AlphaOfSomeTiles => "AVIF with an alpha channel for some tiles only",
            Self::Matrix => "AVIF with these matrix coefficients",
            Self::LargeTiles => "AVIF with tiles beyond the limit max_pixels or max_side",
        })
    }
}
