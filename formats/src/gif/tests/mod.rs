//! Tests of both readings of GIF, with files that are built block by block.

mod lenient;
mod steps;
mod strict;

pub(super) const CONTROL: &[u8] = b"\x21\xF9\x04\0\0\0\0\0";
pub(super) const TRAILER: &[u8] = b"\x3B";

pub(super) fn screen(width: u16, height: u16, flags: u8) -> Vec<u8> {
    let mut bytes = b"GIF89a".to_vec();
    bytes.extend(width.to_le_bytes());
    bytes.extend(height.to_le_bytes());
    bytes.extend([flags, 0, 0]);
    bytes
}

pub(super) fn image(width: u16, height: u16, flags: u8, code_size: u8) -> Vec<u8> {
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

/// A file of one frame, and how many of its bytes are enough: the trailer may be missing.
pub(crate) fn sample() -> (Vec<u8>, usize) {
    let bytes = [&screen(20, 10, 0x80)[..], &[0; 6], CONTROL, &image(20, 10, 0x81, 2), TRAILER].concat();
    let enough = bytes.len() - TRAILER.len();
    (bytes, enough)
}

/// Colour tables, extensions of several kinds and two frames, without the trailer.
pub(super) fn animation() -> Vec<u8> {
    [
        &screen(20, 10, 0x80)[..],
        &[1, 2, 3, 4, 5, 6],
        b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\x04\0\0",
        b"\x21\xFE\x03abc\0",
        b"\x21\xF9\x04\x09\x07\0\x02\0",
        &image(20, 10, 0, 2),
        b"\0\0",
        b"\x21\xF9\x04\x0C\x09\0\0\0",
        &image(5, 6, 0xC1, 3),
    ]
    .concat()
}
