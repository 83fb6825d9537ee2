//! The headers of a BMP: the file header and the image header that follows it.

use std::ops::Range;

use super::masks;
use crate::cursor::{Cursor, Order, ReadError};
use crate::fault::{Fault, Found};
use crate::source::Source;

/// The length of the file header in bytes, which is also the offset of the image header.
const FILE_HEADER: u64 = 14;
/// The length of `BITMAPCOREHEADER`, which comes from OS/2, in bytes.
const CORE: u32 = 12;
/// The length of `BITMAPV3INFOHEADER`, the first version with a mask for alpha, in bytes.
const WITH_ALPHA_MASK: u32 = 56;
/// The length of `BITMAPV5HEADER`, the first version with a colour profile, in bytes.
const WITH_PROFILE: u32 = 124;
/// The most columns or rows that the decoder supports.
const MAX_SIDE: u32 = 65_535;

/// How the pixels are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Uncompressed: palette indices, or colours in their usual bits.
    Plain,
    /// Run-length coded palette indices of 8 bits.
    Rle8,
    /// Run-length coded palette indices of 4 bits.
    Rle4,
    /// Uncompressed colours in the bits that masks define.
    Masks,
}

/// The content of both headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageHeader {
    /// This side in pixels. It is never 0.
    pub width: u32,
    /// This side in pixels. It is never 0.
    pub height: u32,
    /// The number of bits per pixel.
    pub bits: u16,
    /// How the pixels are stored.
    pub coding: Coding,
    /// The range of the image header in the file. The offset of the profile counts from its start.
    pub place: Range<u64>,
    /// The range of the palette, if pixels are palette indices. It may lie partly outside of the file.
    pub palette: Option<Range<u64>>,
    /// The offset of the pixels.
    pub pixels_at: u64,
    /// The range of the embedded colour profile. It may lie partly outside of the file.
    pub icc: Option<Range<u64>>,
}

impl ImageHeader {
    /// Reads both headers. The file size and the image size that they state are ignored, because many encoders leave
    /// them 0 or write wrong values.
    pub(super) fn read<S: Source>(cursor: &mut Cursor<'_, S>) -> Found<Self, S> {
        if &cursor.array()? != b"BM" {
            return Err(Fault::Damaged("the signature is another one"));
        }
        cursor.skip(8)?;
        let pixels_at = cursor.u32(Order::Little)?.into();
        let size = cursor.u32(Order::Little)?;
        let mut header = match size {
            CORE => Self::core(cursor)?,
            40 | 52 | WITH_ALPHA_MASK | 108 | WITH_PROFILE => Self::info(cursor, size)?,
            16 | 64 => return Err(Fault::Unsupported("a header of OS/2 2.x".into())),
            _ => return Err(Fault::Damaged("the size of the header is unknown")),
        };
        header.pixels_at = pixels_at;
        if cursor.length() < header.place.end {
            return Err(ReadError::EndedEarly.into());
        }
        if header.width > MAX_SIDE || header.height > MAX_SIDE {
            return Err(Fault::Unsupported("more than 65,535 columns or rows".into()));
        }
        Ok(header)
    }

    /// Reads a `BITMAPCOREHEADER`. Its palette has as many colours as the bits allow, with three bytes each.
    fn core<S: Source>(cursor: &mut Cursor<'_, S>) -> Found<Self, S> {
        let width = u32::from(cursor.u16(Order::Little)?);
        let height = u32::from(cursor.u16(Order::Little)?);
        let planes = cursor.u16(Order::Little)?;
        let bits = cursor.u16(Order::Little)?;
        if width == 0 || height == 0 || planes != 1 || !matches!(bits, 1 | 4 | 8 | 24) {
            return Err(Fault::Damaged("size, planes or bits are out of range"));
        }
        let end = FILE_HEADER + u64::from(CORE);
        let palette = (bits <= 8).then(|| end..end + (3 << bits));
        Ok(Self {
            width,
            height,
            bits,
            coding: Coding::Plain,
            place: FILE_HEADER..end,
            palette,
            pixels_at: 0,
            icc: None,
        })
    }

    /// Reads a `BITMAPINFOHEADER`, which is also the start of the longer headers of later versions.
    fn info<S: Source>(cursor: &mut Cursor<'_, S>, size: u32) -> Found<Self, S> {
        let width = cursor.u32(Order::Little)?.cast_signed();
        let height = cursor.u32(Order::Little)?.cast_signed();
        let planes = cursor.u16(Order::Little)?;
        let bits = cursor.u16(Order::Little)?;
        let compression = cursor.u32(Order::Little)?;
        // A negative height means that the rows go from top to bottom.
        if width <= 0 || height == 0 || height == i32::MIN || planes != 1 {
            return Err(Fault::Damaged("size or planes are out of range"));
        }
        let (coding, fits) = match compression {
            0 => (Coding::Plain, matches!(bits, 1 | 2 | 4 | 8 | 16 | 24 | 32)),
            1 => (Coding::Rle8, bits == 8 && height > 0),
            2 => (Coding::Rle4, bits == 4 && height > 0),
            3 => (Coding::Masks, matches!(bits, 16 | 32)),
            4 => return Err(Fault::Unsupported("JPEG compression".into())),
            5 => return Err(Fault::Unsupported("PNG compression".into())),
            6 => return Err(Fault::Unsupported("alpha bit fields".into())),
            11..=13 => return Err(Fault::Unsupported("CMYK colours".into())),
            _ => return Err(Fault::Damaged("the compression is unknown")),
        };
        if !fits {
            return Err(Fault::Damaged("the bits do not fit the compression"));
        }
        // These bytes are the image size and the horizontal and vertical resolution.
        cursor.skip(12)?;
        let colours = cursor.u32(Order::Little)?;
        // These bytes are the number of important colours.
        cursor.skip(4)?;
        let end = FILE_HEADER + u64::from(size);
        if coding == Coding::Masks {
            let mut stated = [0; 4];
            let count = if size >= WITH_ALPHA_MASK { 4 } else { 3 };
            for mask in &mut stated[..count] {
                *mask = cursor.u32(Order::Little)?;
            }
            if let Some(feature) = masks::unsupported(stated, bits) {
                return Err(Fault::Unsupported(feature));
            }
        }
        let palette = if bits <= 8 {
            let most = 1 << bits;
            if colours > most {
                return Err(Fault::Unsupported("a palette of more colours than its pixels can name".into()));
            }
            let colours = if colours == 0 { most } else { colours };
            Some(end..end + 4 * u64::from(colours))
        } else {
            None
        };
        let icc = if size == WITH_PROFILE { profile(cursor)? } else { None };
        Ok(Self {
            width: width.unsigned_abs(),
            height: height.unsigned_abs(),
            bits,
            coding,
            place: FILE_HEADER..end,
            palette,
            pixels_at: 0,
            icc,
        })
    }

    /// The least number of bytes that the pixels take. Rows are padded to 4 bytes, and runs may be short.
    pub(super) fn least_size(&self) -> u64 {
        match self.coding {
            Coding::Rle8 | Coding::Rle4 => 1,
            Coding::Plain | Coding::Masks => {
                let row = (u64::from(self.width) * u64::from(self.bits)).div_ceil(32) * 4;
                row.saturating_mul(self.height.into())
            }
        }
    }
}

/// Reads the range of the profile that a header of version 5 embeds. The chromaticities of version 4 are ignored,
/// because they are rare and unreliable. Browsers other than Chromium ignore them too.
fn profile<S: Source>(cursor: &mut Cursor<'_, S>) -> Found<Option<Range<u64>>, S> {
    const PROFILE_EMBEDDED: u32 = u32::from_be_bytes(*b"MBED");

    cursor.go_to(FILE_HEADER + 56)?;
    if cursor.u32(Order::Little)? != PROFILE_EMBEDDED {
        return Ok(None);
    }
    cursor.go_to(FILE_HEADER + 112)?;
    // The offset counts from the image header.
    let start = FILE_HEADER + u64::from(cursor.u32(Order::Little)?);
    Ok(Some(start..start + u64::from(cursor.u32(Order::Little)?)))
}
