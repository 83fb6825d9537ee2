//! BMP: the two headers, and room for the pixels they promise.
//!
//! Source: Microsoft, "Bitmap Header Types"; Jason Summers' BMP Suite for what exists besides.

use crate::cursor::{Cursor, Order};
use crate::inspect::{Inspected, ensure};
use crate::refusal::Refusal;
use crate::source::Source;

const FILE_HEADER: u64 = 14;
const UNCOMPRESSED: u32 = 0;
const RLE8: u32 = 1;
const RLE4: u32 = 2;
const BIT_FIELDS: u32 = 3;

/// Checks the headers and gives width and height. The file size and the image size that the headers
/// state are not looked at: many encoders leave them 0 or get them wrong.
pub(crate) fn inspect<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<(u32, u32), S> {
    cursor.skip(10)?;
    let pixels_at = u64::from(cursor.u32(Order::Little)?);
    let header_size = cursor.u32(Order::Little)?;
    let image = match header_size {
        12 => Image::core(cursor)?,
        40 | 52 | 56 | 108 | 124 => Image::info(cursor)?,
        16 | 64 => return Err(Refusal::Feature("OS/2 2.x BMP".into()).into()),
        _ => return Err(Refusal::Invalid.into()),
    };
    ensure(cursor.length() >= FILE_HEADER + u64::from(header_size))?;
    ensure(pixels_at >= FILE_HEADER + u64::from(header_size))?;
    let room = cursor.length().saturating_sub(pixels_at);
    ensure(room > 0 && image.least_size().is_some_and(|size| size <= room))?;
    Ok((image.width, image.height))
}

struct Image {
    width: u32,
    height: u32,
    bits: u16,
    compression: u32,
}

impl Image {
    /// `BITMAPCOREHEADER`
    fn core<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<Self, S> {
        let width = u32::from(cursor.u16(Order::Little)?);
        let height = u32::from(cursor.u16(Order::Little)?);
        let planes = cursor.u16(Order::Little)?;
        let bits = cursor.u16(Order::Little)?;
        ensure(width > 0 && height > 0 && planes == 1)?;
        ensure(matches!(bits, 1 | 4 | 8 | 24))?;
        Ok(Self { width, height, bits, compression: UNCOMPRESSED })
    }

    /// `BITMAPINFOHEADER` and what later versions share with it
    fn info<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<Self, S> {
        let width = cursor.u32(Order::Little)?.cast_signed();
        let height = cursor.u32(Order::Little)?.cast_signed();
        let planes = cursor.u16(Order::Little)?;
        let bits = cursor.u16(Order::Little)?;
        let compression = cursor.u32(Order::Little)?;
        // A negative height means that the rows go from top to bottom.
        ensure(width > 0 && height != 0 && height != i32::MIN && planes == 1)?;
        ensure(match compression {
            UNCOMPRESSED => matches!(bits, 1 | 2 | 4 | 8 | 16 | 24 | 32),
            RLE8 => bits == 8 && height > 0,
            RLE4 => bits == 4 && height > 0,
            BIT_FIELDS => matches!(bits, 16 | 32),
            4 => return Err(Refusal::Feature("JPEG-compressed BMP".into()).into()),
            5 => return Err(Refusal::Feature("PNG-compressed BMP".into()).into()),
            6 => return Err(Refusal::Feature("BMP with alpha bit fields".into()).into()),
            11..=13 => return Err(Refusal::Feature("CMYK BMP".into()).into()),
            _ => false,
        })?;
        Ok(Self { width: width.unsigned_abs(), height: height.unsigned_abs(), bits, compression })
    }

    /// How many bytes the pixels take at least: rows are padded to 4 bytes, and runs may be short.
    fn least_size(&self) -> Option<u64> {
        match self.compression {
            RLE8 | RLE4 => Some(1),
            _ => {
                let row_bits = u64::from(self.width).checked_mul(self.bits.into())?;
                let row = row_bits.div_ceil(32).checked_mul(4)?;
                row.checked_mul(self.height.into())
            }
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use crate::tests::{extent, is_invalid, refused_as};

    /// A file with an info header of `header_size` and `room` bytes of pixels.
    fn bmp(
        header_size: u32,
        (width, height): (i32, i32),
        bits: u16,
        compression: u32,
        room: usize,
    ) -> Vec<u8> {
        let mut header = header_size.to_le_bytes().to_vec();
        header.extend(width.to_le_bytes());
        header.extend(height.to_le_bytes());
        header.extend(1_u16.to_le_bytes());
        header.extend(bits.to_le_bytes());
        header.extend(compression.to_le_bytes());
        header.resize(header_size as usize, 0);
        file(&header, room)
    }

    fn core(width: u16, height: u16, bits: u16, room: usize) -> Vec<u8> {
        let mut header = 12_u32.to_le_bytes().to_vec();
        for number in [width, height, 1, bits] {
            header.extend(number.to_le_bytes());
        }
        file(&header, room)
    }

    fn file(header: &[u8], room: usize) -> Vec<u8> {
        let mut bytes = b"BM\0\0\0\0\0\0\0\0".to_vec();
        bytes.extend((14 + header.len() as u32).to_le_bytes());
        bytes.extend(header);
        bytes.resize(bytes.len() + room, 0);
        bytes
    }

    pub(crate) fn sample() -> Vec<u8> {
        bmp(40, (3, 2), 24, 0, 24)
    }

    #[test]
    fn every_header_version_gives_the_size() {
        for header_size in [40, 52, 56, 108, 124] {
            let bytes = bmp(header_size, (3, 2), 24, 0, 24);
            assert_eq!(extent(&bytes), (3, 2, 1));
        }
        assert_eq!(extent(&core(3, 2, 24, 24)), (3, 2, 1));
    }

    #[test]
    fn a_negative_height_counts_from_the_top() {
        assert_eq!(extent(&bmp(40, (3, -2), 24, 0, 24)), (3, 2, 1));
        assert!(is_invalid(&bmp(40, (3, i32::MIN), 24, 0, 24)));
    }

    #[test]
    fn a_size_of_zero_a_negative_width_and_other_planes_are_invalid() {
        assert!(is_invalid(&bmp(40, (0, 2), 24, 0, 24)));
        assert!(is_invalid(&bmp(40, (3, 0), 24, 0, 24)));
        assert!(is_invalid(&bmp(40, (-3, 2), 24, 0, 24)));
        assert!(is_invalid(&core(0, 2, 24, 24)));
        let mut planes = sample();
        planes[26] = 2;
        assert!(is_invalid(&planes));
    }

    #[test]
    fn each_compression_has_its_depths() {
        for (compression, depths) in
            [(0, &[1, 2, 4, 8, 16, 24, 32][..]), (1, &[8]), (2, &[4]), (3, &[16, 32]), (7, &[])]
        {
            for bits in 0..=33 {
                let bytes = bmp(40, (1, 1), bits, compression, 4);
                let allowed = depths.contains(&bits);
                assert_eq!(is_invalid(&bytes), !allowed, "{compression} {bits}");
            }
        }
        for bits in 0..=33 {
            let allowed = [1, 4, 8, 24].contains(&bits);
            assert_eq!(is_invalid(&core(1, 1, bits, 4)), !allowed, "core {bits}");
        }
    }

    #[test]
    fn runs_go_from_bottom_to_top_and_may_be_short() {
        assert_eq!(extent(&bmp(40, (99, 99), 8, 1, 2)), (99, 99, 1));
        assert!(is_invalid(&bmp(40, (99, -99), 8, 1, 2)));
        assert!(is_invalid(&bmp(40, (99, 99), 8, 1, 0)));
    }

    #[test]
    fn pixels_that_do_not_fit_into_the_file_are_invalid() {
        for (bits, row) in [(1, 8), (4, 20), (8, 36), (16, 68), (24, 100), (32, 132)] {
            assert_eq!(extent(&bmp(40, (33, 2), bits, 0, 2 * row)), (33, 2, 1));
            assert!(is_invalid(&bmp(40, (33, 2), bits, 0, 2 * row - 1)));
        }
        assert!(is_invalid(&bmp(40, (i32::MAX, i32::MAX), 32, 0, 100)));
    }

    #[test]
    fn pixels_lie_behind_the_headers_and_inside_the_file() {
        for offset in [0, 53, 10_000, u32::MAX] {
            let mut bytes = sample();
            bytes[10..14].copy_from_slice(&offset.to_le_bytes());
            assert!(is_invalid(&bytes), "{offset}");
        }
    }

    #[test]
    fn what_no_decoder_here_knows_is_refused_by_name() {
        for header_size in [16, 64] {
            let bytes = file(&[&[header_size, 0, 0, 0][..], &[0; 60]].concat(), 24);
            assert_eq!(refused_as(&bytes), "OS/2 2.x BMP");
        }
        for (compression, name) in [
            (4, "JPEG-compressed BMP"),
            (5, "PNG-compressed BMP"),
            (6, "BMP with alpha bit fields"),
            (11, "CMYK BMP"),
        ] {
            assert_eq!(refused_as(&bmp(40, (1, 1), 24, compression, 4)), name);
        }
        assert!(is_invalid(&bmp(41, (1, 1), 24, 0, 4)));
    }
}
