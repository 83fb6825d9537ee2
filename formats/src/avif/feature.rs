//! What AVIF can do and is not decoded here. This is the whole list, for the upload and for the worker.

use std::fmt;

/// A feature of AVIF that is not decoded; `Display` names format and feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// Frames of a film, and no item that stands for them.
    SequenceWithoutStill,
    /// An overlay, a tone-mapped image, or another image that is computed from several.
    DerivedImage,
    /// Pixels in HEVC: the file is HEIC.
    Hevc,
    /// Pixels in JPEG, AVC or VVC.
    OtherCoding,
    /// A property that a reader has to know, and that is not known here.
    UnknownProperty,
    /// `lsel`: one layer of several is chosen. Without it, the best layer is shown.
    ChosenLayer,
    /// Bytes that are made of other items' bytes (construction method 2 of `iloc`).
    BytesOfOtherItems,
    /// A grid of tiles of which some have an alpha channel of their own and others have none.
    AlphaOfSomeTiles,
    /// ICtCp, or another matrix that is not a linear one with known coefficients.
    Matrix,
    /// Tiles that are larger than the limit on pixels or sides of an image, which itself is not.
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
