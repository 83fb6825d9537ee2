//! The features of TIFF that are supported. A file with any other feature is refused at upload, with the name given
//! here.
//!
//! | feature | supported |
//! | --- | --- |
//! | compression | none, PackBits, LZW, Deflate, JPEG, CCITT Group 4 |
//! | photometric interpretation | grey either way round, RGB, palette, CMYK, YCbCr |
//! | bits of a sample | 1 to 16, 24, 32, 64; 16, 32, 64 of floating point; 8 with JPEG; 1 with CCITT Group 4 |
//! | sample format | unsigned, undefined (read as unsigned), floating point |
//! | planar configuration | chunky and planar |
//! | fill order | both |
//! | predictor, where LZW or Deflate is used | none; horizontal of 8, 16, 32 and 64 bits; floating point |
//! | YCbCr subsampling | with JPEG only, and chunky |
//! | palette | of up to 256 colours |

use std::borrow::Cow;

use super::image::Image;

/// The most rows or columns of a strip or tile in CCITT Group 4 that the decoder supports.
const MAX_FAX_SIDE: u32 = 65_535;

/// How a strip or tile is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// No compression.
    None,
    /// CCITT Group 4, "T.6".
    Fax4,
    /// LZW, with the most significant bit first.
    Lzw,
    /// JPEG as defined in technical note 2.
    Jpeg,
    /// Deflate, which has two numbers.
    Deflate,
    /// PackBits.
    PackBits,
}

impl Compression {
    /// The compression with this number. The error is the name of one that is not supported.
    pub(crate) fn of(number: u64) -> Result<Self, Cow<'static, str>> {
        let name = match number {
            1 => return Ok(Self::None),
            4 => return Ok(Self::Fax4),
            5 => return Ok(Self::Lzw),
            7 => return Ok(Self::Jpeg),
            8 | 32_946 => return Ok(Self::Deflate),
            32_773 => return Ok(Self::PackBits),
            2 => "CCITT run-length compression",
            3 => "CCITT Group 3 compression",
            6 => "old-style JPEG compression",
            9 | 34_661 => "JBIG compression",
            10 => "JBIG compression of colours",
            32_766 => "NeXT compression",
            32_771 => "word-aligned CCITT run-length compression",
            32_809 => "ThunderScan compression",
            32_908 => "PixarFilm compression",
            32_909 => "PixarLog compression",
            33_003 | 33_005 | 34_712 => "JPEG 2000 compression",
            34_676 | 34_677 => "SGI LogLuv compression",
            34_887 => "LERC compression",
            34_892 => "lossy JPEG compression of raw samples",
            34_925 => "LZMA compression",
            50_000 => "Zstandard compression",
            50_001 => "WebP compression",
            50_002 | 52_546 => "JPEG XL compression",
            unknown => return Err(format!("the unknown compression {unknown}").into()),
        };
        Err(name.into())
    }

    /// The number of the compression in the specification.
    #[must_use]
    pub fn number(self) -> u16 {
        match self {
            Self::None => 1,
            Self::Fax4 => 4,
            Self::Lzw => 5,
            Self::Jpeg => 7,
            Self::Deflate => 8,
            Self::PackBits => 32_773,
        }
    }
}

/// The photometric interpretation: the meaning of the samples of a pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Photometric {
    /// Grey, where 0 is white.
    WhiteIsZero,
    /// Grey, where 0 is black.
    BlackIsZero,
    /// Red, green and blue.
    Rgb,
    /// An index into the palette.
    Palette,
    /// Cyan, magenta, yellow and black.
    Cmyk,
    /// Luma and chroma.
    YCbCr,
}

impl Photometric {
    /// The interpretation with this number. The error is the name of one that is not supported.
    pub(crate) fn of(number: Option<u64>) -> Result<Self, Cow<'static, str>> {
        let name = match number {
            Some(0) => return Ok(Self::WhiteIsZero),
            Some(1) => return Ok(Self::BlackIsZero),
            Some(2) => return Ok(Self::Rgb),
            Some(3) => return Ok(Self::Palette),
            Some(5) => return Ok(Self::Cmyk),
            Some(6) => return Ok(Self::YCbCr),
            Some(4) => "a transparency mask as its image",
            Some(8) => "CIE L*a*b* colours",
            Some(9) => "ICC L*a*b* colours",
            Some(10) => "ITU L*a*b* colours",
            Some(32_803) => "a colour filter array",
            Some(32_844) => "SGI LogL luminances",
            Some(32_845) => "SGI LogLuv colours",
            Some(34_892) => "linear raw samples",
            Some(51_177) => "a depth map as its image",
            Some(unknown) => return Err(format!("the unknown colour space {unknown}").into()),
            None => "colours of an unknown kind",
        };
        Err(name.into())
    }

    /// The number of samples of a pixel that make its colour.
    #[must_use]
    pub fn samples(self) -> u16 {
        match self {
            Self::WhiteIsZero | Self::BlackIsZero | Self::Palette => 1,
            Self::Rgb | Self::YCbCr => 3,
            Self::Cmyk => 4,
        }
    }
}

/// The type of number that a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleFormat {
    /// An unsigned integer.
    Unsigned,
    /// IEEE floating point.
    Float,
}

impl SampleFormat {
    /// The format with this number. The error is the name of one that is not supported.
    pub(crate) fn of(number: u64) -> Result<Self, Cow<'static, str>> {
        match number {
            // Some programs write 4 ("undefined") for plain numbers.
            1 | 4 => Ok(Self::Unsigned),
            2 => Err("signed samples".into()),
            3 => Ok(Self::Float),
            5 | 6 => Err("complex samples".into()),
            unknown => Err(format!("the unknown sample format {unknown}").into()),
        }
    }
}

/// The predictor: what the compressed samples are differences of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Predictor {
    /// No predictor: the samples are stored themselves.
    None,
    /// Differences from the samples to their left.
    Horizontal,
    /// Differences of the bytes of floating-point samples, which are sorted by significance.
    Float,
}

impl Predictor {
    /// The predictor with this number. The error is the name of one that is not supported. Only LZW and Deflate have
    /// one. With other compressions the number is ignored, as in libtiff.
    pub(crate) fn of(number: u64, compression: Compression) -> Result<Self, Cow<'static, str>> {
        match (compression, number) {
            (Compression::Lzw | Compression::Deflate, 2) => Ok(Self::Horizontal),
            (Compression::Lzw | Compression::Deflate, 3) => Ok(Self::Float),
            (Compression::Lzw | Compression::Deflate, unknown) if unknown != 1 => {
                Err(format!("the unknown predictor {unknown}").into())
            }
            _ => Ok(Self::None),
        }
    }
}

/// How the samples of a row are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Whole bytes (1, 2, 4 or 8 of them) in the file's byte order.
    Bytes,
    /// Three bytes in the file's byte order.
    ThreeBytes,
    /// Bits, with the most significant one first, whatever the byte order is.
    Bits,
}

impl Image {
    /// How the samples of a row are packed.
    #[must_use]
    pub fn depth(&self) -> Depth {
        match self.bits {
            8 | 16 | 32 | 64 => Depth::Bytes,
            24 => Depth::ThreeBytes,
            _ => Depth::Bits,
        }
    }

    /// The first feature of the image that is not supported, as a noun phrase that fits after "TIFF with".
    pub(crate) fn unsupported(&self) -> Option<Cow<'static, str>> {
        self.unsupported_samples()
            .or_else(|| self.unsupported_coding())
            .or_else(|| self.unsupported_colours())
    }

    fn unsupported_samples(&self) -> Option<Cow<'static, str>> {
        match (self.sample_format, self.bits) {
            (SampleFormat::Unsigned, 1..=16 | 24 | 32 | 64) | (SampleFormat::Float, 16 | 32 | 64) => None,
            (SampleFormat::Unsigned, bits) => Some(format!("samples of {bits} bits").into()),
            (SampleFormat::Float, bits) => Some(format!("floating-point samples of {bits} bits").into()),
        }
    }

    fn unsupported_coding(&self) -> Option<Cow<'static, str>> {
        let pieces = &self.pieces;
        let fax_is_too_large = pieces.width > MAX_FAX_SIDE || pieces.height > MAX_FAX_SIDE;
        match (self.compression, self.bits) {
            (Compression::Jpeg, 8) if self.sample_format == SampleFormat::Unsigned => {}
            (Compression::Jpeg, bits) => return Some(format!("JPEG compression of {bits} bits").into()),
            (Compression::Fax4, 1) if pieces.samples_in_each == 1 && !fax_is_too_large => {}
            (Compression::Fax4, 1) if pieces.samples_in_each == 1 => {
                return Some("CCITT Group 4 strips of more than 65,535 rows or columns".into());
            }
            (Compression::Fax4, _) => return Some("CCITT Group 4 compression of more than 1 bit".into()),
            (Compression::Lzw, _) if self.least_significant_bit_first => {
                return Some("the LZW compression of before 1988".into());
            }
            _ => {}
        }
        match (self.predictor, self.sample_format) {
            (Predictor::Horizontal, _) if self.depth() != Depth::Bytes => {
                return Some(format!("a predictor for samples of {} bits", self.bits).into());
            }
            (Predictor::Float, SampleFormat::Unsigned) => {
                return Some("a floating-point predictor for integers".into());
            }
            _ => {}
        }
        if pieces.across > 1 && !pieces.row_bits().is_some_and(|bits| bits.is_multiple_of(8)) {
            return Some("tiles whose rows end within a byte".into());
        }
        None
    }

    fn unsupported_colours(&self) -> Option<Cow<'static, str>> {
        let jpeg = self.compression == Compression::Jpeg && !self.planar;
        match self.photometric {
            Photometric::Palette if self.sample_format == SampleFormat::Float || self.bits > 8 => {
                Some(format!("a palette for samples of {} bits", self.bits).into())
            }
            Photometric::YCbCr if self.subsampled && !jpeg => {
                Some("subsampled YCbCr that is not JPEG".into())
            }
            _ => None,
        }
    }
}
