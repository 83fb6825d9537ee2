use crate::tests::{extent, is_invalid};

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut bytes = kind.to_vec();
    bytes.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
    bytes.extend(data);
    bytes.resize(bytes.len().next_multiple_of(2), 0);
    bytes
}

fn webp(chunks: &[Vec<u8>]) -> Vec<u8> {
    let content = [&b"WEBP"[..], &chunks.concat()].concat();
    chunk(b"RIFF", &content)
}

fn lossy(width: u16, height: u16) -> Vec<u8> {
    let mut data = vec![0x10, 0, 0, 0x9D, 0x01, 0x2A];
    data.extend(width.to_le_bytes());
    data.extend(height.to_le_bytes());
    data.extend([0; 3]);
    chunk(b"VP8 ", &data)
}

fn lossless(width: u32, height: u32) -> Vec<u8> {
    let bits = (width - 1) | ((height - 1) << 14);
    let mut data = vec![0x2F];
    data.extend(bits.to_le_bytes());
    chunk(b"VP8L", &data)
}

fn u24(number: u32) -> [u8; 3] {
    number.to_le_bytes()[..3].try_into().unwrap()
}

fn extended(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let mut data = vec![flags, 0, 0, 0];
    data.extend(u24(width - 1));
    data.extend(u24(height - 1));
    chunk(b"VP8X", &data)
}

fn frame(x: u32, width: u32, height: u32, image: &[u8]) -> Vec<u8> {
    let mut data = u24(x / 2).to_vec();
    data.extend(u24(0));
    data.extend(u24(width - 1));
    data.extend(u24(height - 1));
    data.extend([100, 0, 0, 0]);
    data.extend(image);
    chunk(b"ANMF", &data)
}

fn animated(frames: &[Vec<u8>]) -> Vec<u8> {
    webp(&[extended(0x02, 20, 10), chunk(b"ANIM", &[0; 6]), frames.concat()])
}

pub(crate) fn sample() -> Vec<u8> {
    let alpha = [chunk(b"ALPH", &[0, 1, 2]), lossy(20, 10)].concat();
    animated(&[frame(0, 20, 10, &alpha), frame(4, 16, 8, &lossless(16, 8))])
}

#[test]
fn lossy_lossless_and_extended_files_give_their_size() {
    assert_eq!(extent(&webp(&[lossy(300, 200)])), (300, 200, 1));
    // The two upper bits are a scale for display.
    assert_eq!(extent(&webp(&[lossy(0x4000 | 300, 200)])), (300, 200, 1));
    assert_eq!(extent(&webp(&[lossless(16384, 1)])), (16384, 1, 1));
    let alpha = webp(&[
        extended(0x10, 3, 2),
        chunk(b"ICCP", b"odd"),
        chunk(b"ALPH", b"a"),
        lossy(3, 2),
        chunk(b"EXIF", b"odd"),
    ]);
    assert_eq!(extent(&alpha), (3, 2, 1));
    assert_eq!(extent(&sample()), (20, 10, 2));
}

#[test]
fn the_last_chunk_may_lack_its_padding() {
    let mut bytes = webp(&[lossless(3, 2)]);
    bytes.pop();
    bytes[4] -= 1;
    assert_eq!(extent(&bytes), (3, 2, 1));
}

#[test]
fn a_chunk_larger_than_its_container_is_invalid() {
    let mut bytes = webp(&[lossy(3, 2)]);
    bytes[16] += 2;
    assert!(is_invalid(&bytes));
    let mut frame_too_small = sample();
    let place = frame_too_small.len() - 6 - 8 + 4;
    frame_too_small[place] = 0xFF;
    assert!(is_invalid(&frame_too_small));
}

#[test]
fn broken_bitstream_headers_are_invalid() {
    for (place, value) in [(20, 0x11), (23, 0), (26, 0)] {
        let mut bytes = webp(&[lossy(3, 2)]);
        bytes[place] = value;
        assert!(is_invalid(&bytes), "byte {place}");
    }
    for (place, value) in [(20, 0), (24, 0xE0)] {
        let mut bytes = webp(&[lossless(3, 2)]);
        bytes[place] = value;
        assert!(is_invalid(&bytes), "byte {place}");
    }
    assert!(is_invalid(&webp(&[chunk(b"VP8 ", &[0; 9])])));
    assert!(is_invalid(&webp(&[chunk(b"VP8L", b"\x2F")])));
    assert!(is_invalid(&webp(&[chunk(b"JUNK", &[0; 20])])));
    assert!(is_invalid(&webp(&[])));
}

#[test]
fn an_extended_file_needs_an_image_of_the_size_of_its_canvas() {
    assert!(is_invalid(&webp(&[extended(0, 3, 2)])));
    assert!(is_invalid(&webp(&[extended(0, 3, 2), lossy(4, 2)])));
    assert!(is_invalid(&webp(&[chunk(b"VP8X", &[0; 9]), lossy(1, 1)])));
}

#[test]
fn an_animation_needs_frames_that_lie_on_its_canvas_and_hold_their_image() {
    assert!(is_invalid(&animated(&[])));
    assert!(is_invalid(&animated(&[frame(2, 20, 10, &lossy(20, 10))])));
    assert!(is_invalid(&animated(&[frame(0, 20, 10, &lossy(19, 10))])));
    assert!(is_invalid(&animated(&[frame(0, 20, 10, b"")])));
    assert!(is_invalid(&animated(&[chunk(b"ANMF", &[0; 15])])));
}

#[test]
fn counting_stops_one_above_the_limit() {
    let one = frame(0, 20, 10, &lossy(20, 10));
    assert_eq!(extent(&animated(&vec![one.clone(); 10])).2, 10);
    assert_eq!(extent(&animated(&vec![one; 30])).2, 11);
}
