//! The accepted image formats.

use std::fmt;
use std::str::FromStr;

/// An image format that is accepted for uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Baseline and progressive JPEG.
    Jpeg,
    /// PNG. Of an animated one (APNG), the default image is used.
    Png,
    /// GIF87a and GIF89a.
    Gif,
    /// Lossy and lossless WebP.
    WebP,
    /// Windows bitmap.
    Bmp,
    /// TIFF, of which the first page is used.
    Tiff,
    /// AVIF, of which the still image is used.
    Avif,
}

impl Format {
    /// Every accepted format.
    pub const ALL: [Self; 7] =
        [Self::Jpeg, Self::Png, Self::Gif, Self::WebP, Self::Bmp, Self::Tiff, Self::Avif];

    /// The name of the format in the database and in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Bmp => "bmp",
            Self::Tiff => "tiff",
            Self::Avif => "avif",
        }
    }

    /// The usual name of the format, for users.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::Gif => "GIF",
            Self::WebP => "WebP",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::Avif => "AVIF",
        }
    }

    /// The media type of the format in the IANA registry.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Bmp => "image/bmp",
            Self::Tiff => "image/tiff",
            Self::Avif => "image/avif",
        }
    }

    /// The file name extensions that a client's file of this format may have. The service itself uses the first one.
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif", "jif", "mpo", "pjp", "pjpeg"],
            Self::Png => &["png", "apng"],
            Self::Gif => &["gif"],
            Self::WebP => &["webp"],
            Self::Bmp => &["bmp", "dib"],
            Self::Tiff => &["tif", "tiff"],
            Self::Avif => &["avif", "avifs"],
        }
    }

    /// The format of the variants: formats of the web are kept, and the others become PNG.
    pub const fn of_variants(self) -> Self {
        match self {
            Self::Bmp | Self::Tiff | Self::Avif => Self::Png,
            kept => kept,
        }
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| UnknownFormat(name.into()))
    }
}

/// The error for a name that is not the name of an accepted format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat(String);

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not the name of an accepted image format", self.0)
    }
}

impl std::error::Error for UnknownFormat {}
