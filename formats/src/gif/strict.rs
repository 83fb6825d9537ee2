//! GIF: the blocks up to the trailer.
//!
//! Source: GIF89a specification, §§ 15 to 27.

use crate::cursor::{Cursor, Order};
use crate::inspect::{Extent, Inspected, ensure};
use crate::limits::ImageLimits;
use crate::refusal::Refusal;
use crate::source::Source;

const SIGNATURE: u64 = 6;
const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2C;
const TRAILER: u8 = 0x3B;

/// Checks the blocks and gives the size of the logical screen and the number of images.
///
/// Stops at one image more than the limit. The screen of some old files has no size: theirs is that
/// of the first image.
pub(crate) fn inspect<S: Source>(cursor: &mut Cursor<'_, S>, limits: &ImageLimits) -> Inspected<Extent, S> {
    cursor.skip(SIGNATURE)?;
    let mut width = cursor.u16(Order::Little)?;
    let mut height = cursor.u16(Order::Little)?;
    let [flags, _background, _aspect] = cursor.array()?;
    cursor.skip(colour_table(flags))?;

    let mut frames: u32 = 0;
    loop {
        match cursor.byte()? {
            TRAILER => break,
            0 => {} // a stray terminator, which some encoders write between blocks
            EXTENSION => {
                cursor.skip(1)?;
                sub_blocks(cursor)?;
            }
            IMAGE => {
                cursor.skip(4)?;
                let image = (cursor.u16(Order::Little)?, cursor.u16(Order::Little)?);
                if frames == 0 && (width == 0 || height == 0) {
                    (width, height) = image;
                }
                let flags = cursor.byte()?;
                cursor.skip(colour_table(flags))?;
                ensure(matches!(cursor.byte()?, 1..=11))?;
                sub_blocks(cursor)?;
                frames = frames.saturating_add(1);
                if frames > limits.frames {
                    break;
                }
            }
            _ => return Err(Refusal::Invalid.into()),
        }
    }
    ensure(frames > 0)?;
    Ok((width.into(), height.into(), frames))
}

/// The size in bytes of the colour table that these flags announce.
fn colour_table(flags: u8) -> u64 {
    match flags & 0x80 {
        0 => 0,
        _ => 3 << ((flags & 0x07) + 1),
    }
}

fn sub_blocks<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<(), S> {
    loop {
        match cursor.byte()? {
            0 => return Ok(()),
            length => drop(cursor.skip(length.into())?),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use crate::tests::{extent, is_invalid};

    fn screen(width: u16, height: u16, flags: u8) -> Vec<u8> {
        let mut bytes = b"GIF89a".to_vec();
        bytes.extend(width.to_le_bytes());
        bytes.extend(height.to_le_bytes());
        bytes.extend([flags, 0, 0]);
        bytes
    }

    fn image(width: u16, height: u16, flags: u8, code_size: u8) -> Vec<u8> {
        let mut bytes = vec![0x2C, 0, 0, 0, 0];
        bytes.extend(width.to_le_bytes());
        bytes.extend(height.to_le_bytes());
        bytes.push(flags);
        if flags & 0x80 != 0 {
            bytes.extend(vec![0; 3 << ((flags & 7) + 1)]);
        }
        bytes.extend([code_size, 2, 0x44, 0x01, 0]);
        bytes
    }

    const CONTROL: &[u8] = b"\x21\xF9\x04\0\0\0\0\0";
    const TRAILER: &[u8] = b"\x3B";

    pub(crate) fn sample() -> Vec<u8> {
        [
            &screen(20, 10, 0x80),
            &[0; 6][..],
            b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\0\0\0",
            CONTROL,
            &image(20, 10, 0, 2),
            CONTROL,
            &image(5, 5, 0x81, 2),
            TRAILER,
        ]
        .concat()
    }

    #[test]
    fn the_screen_gives_the_size_and_the_images_are_counted() {
        assert_eq!(extent(&sample()), (20, 10, 2));
    }

    #[test]
    fn a_screen_without_a_size_takes_that_of_the_first_image() {
        let bytes = [&screen(0, 0, 0)[..], &image(7, 6, 0, 2), &image(3, 2, 0, 2), TRAILER].concat();
        assert_eq!(extent(&bytes), (7, 6, 2));
        let nothing = [&screen(0, 0, 0)[..], &image(0, 0, 0, 2), TRAILER].concat();
        assert!(is_invalid(&nothing));
    }

    #[test]
    fn colour_tables_of_every_size_are_passed_over() {
        for bits in 0..8 {
            let flags = 0x80 | bits;
            let table = vec![0x2C; 3 << (bits + 1)];
            let bytes = [&screen(2, 2, flags)[..], &table, &image(2, 2, flags, 8), TRAILER].concat();
            assert_eq!(extent(&bytes), (2, 2, 1));
        }
    }

    #[test]
    fn unknown_extensions_and_stray_terminators_pass() {
        let bytes =
            [&screen(2, 2, 0)[..], b"\x21\x99\x02ab\0\0\0", &image(2, 2, 0, 2), b"\0", TRAILER].concat();
        assert_eq!(extent(&bytes), (2, 2, 1));
    }

    #[test]
    fn a_file_without_an_image_or_with_an_unknown_block_is_invalid() {
        let screen = screen(2, 2, 0);
        assert!(is_invalid(&[&screen[..], CONTROL, TRAILER].concat()));
        let unknown = [&screen[..], &image(2, 2, 0, 2), b"\x77", TRAILER].concat();
        assert!(is_invalid(&unknown));
    }

    #[test]
    fn code_sizes_from_one_to_eleven_pass() {
        for code_size in 0..=20 {
            let bytes = [&screen(2, 2, 0)[..], &image(2, 2, 0, code_size), TRAILER].concat();
            assert_eq!(is_invalid(&bytes), !(1..=11).contains(&code_size));
        }
    }

    #[test]
    fn counting_stops_one_above_the_limit() {
        let ten = [&screen(2, 2, 0)[..], &image(2, 2, 0, 2).repeat(10), TRAILER].concat();
        assert_eq!(extent(&ten).2, 10);
        let many = [&screen(2, 2, 0)[..], &image(2, 2, 0, 2).repeat(11), b"\x77"].concat();
        assert_eq!(extent(&many).2, 11);
    }
}
