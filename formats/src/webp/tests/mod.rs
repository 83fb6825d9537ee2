//! Tests of both readings of WebP, with files that are built chunk by chunk.

mod lenient;
mod steps;
mod strict;

pub(super) fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut bytes = kind.to_vec();
    bytes.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    bytes.extend(data);
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes
}

pub(super) fn webp(chunks: &[Vec<u8>]) -> Vec<u8> {
    let content = [&b"WEBP"[..], &chunks.concat()].concat();
    chunk(b"RIFF", &content)
}

pub(super) fn lossy(width: u16, height: u16) -> Vec<u8> {
    let mut data = vec![0x10, 0, 0, 0x9D, 0x01, 0x2A];
    data.extend(width.to_le_bytes());
    data.extend(height.to_le_bytes());
    data.extend([0; 3]);
    chunk(b"VP8 ", &data)
}

pub(super) fn lossless(width: u32, height: u32) -> Vec<u8> {
    let bits = (width - 1) | ((height - 1) << 14);
    let mut data = vec![0x2F];
    data.extend(bits.to_le_bytes());
    chunk(b"VP8L", &data)
}

pub(super) fn u24(number: u32) -> [u8; 3] {
    number.to_le_bytes()[..3].try_into().unwrap()
}

pub(super) fn extended(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let mut data = vec![flags, 0, 0, 0];
    data.extend(u24(width - 1));
    data.extend(u24(height - 1));
    chunk(b"VP8X", &data)
}

pub(super) fn frame(x: u32, width: u32, height: u32, image: &[u8]) -> Vec<u8> {
    let mut data = u24(x / 2).to_vec();
    data.extend(u24(0));
    data.extend(u24(width - 1));
    data.extend(u24(height - 1));
    data.extend([100, 0, 0, 0]);
    data.extend(image);
    chunk(b"ANMF", &data)
}

pub(super) fn animated(frames: &[Vec<u8>]) -> Vec<u8> {
    webp(&[extended(0x02, 20, 10), chunk(b"ANIM", &[0; 6]), frames.concat()])
}

pub(crate) fn sample() -> Vec<u8> {
    let alpha = [chunk(b"ALPH", &[1, 2, 3]), lossy(20, 10)].concat();
    animated(&[frame(0, 20, 10, &alpha), frame(4, 16, 8, &lossless(16, 8))])
}

/// An extended file of one picture, with all optional chunks.
pub(super) fn still() -> Vec<u8> {
    webp(&[
        extended(0x10, 3, 2),
        chunk(b"ICCP", b"odd"),
        chunk(b"JUNK", b"junk"),
        chunk(b"ALPH", b"\x01a"),
        chunk(b"JUNK", b""),
        lossy(3, 2),
        chunk(b"EXIF", b"Exif\0\0MM"),
    ])
}
