use crate::tests::{extent, is_invalid, refused_as};

pub(in crate::png) fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(data.len()).unwrap().to_be_bytes().to_vec();
    let checked = [&kind[..], data].concat();
    bytes.extend(&checked);
    bytes.extend(crc32fast::hash(&checked).to_be_bytes());
    bytes
}

pub(in crate::png) fn header(width: u32, height: u32, depth: u8, colour: u8) -> Vec<u8> {
    let mut data = width.to_be_bytes().to_vec();
    data.extend(height.to_be_bytes());
    data.extend([depth, colour, 0, 0, 0]);
    chunk(b"IHDR", &data)
}

/// The signature, then `chunks`.
pub(in crate::png) fn png(chunks: &[Vec<u8>]) -> Vec<u8> {
    [&b"\x89PNG\r\n\x1A\n"[..], &chunks.concat()].concat()
}

pub(in crate::png) fn data() -> Vec<u8> {
    chunk(b"IDAT", b"not inflated here")
}

pub(in crate::png) fn end() -> Vec<u8> {
    chunk(b"IEND", b"")
}

pub(crate) fn sample() -> Vec<u8> {
    png(&[header(20, 10, 8, 2), data(), data(), end()])
}

#[test]
fn the_header_gives_the_size() {
    assert_eq!(extent(&sample()), (20, 10, 1));
}

#[test]
fn only_the_depths_of_each_colour_type_pass() {
    for colour in 0..=7 {
        for depth in 0..=17 {
            let allowed = match colour {
                0 => [1, 2, 4, 8, 16].contains(&depth),
                2 | 4 | 6 => [8, 16].contains(&depth),
                3 => [1, 2, 4, 8].contains(&depth),
                _ => false,
            };
            let palette = chunk(b"PLTE", &[0; 6]);
            let bytes = png(&[header(1, 1, depth, colour), palette, data(), end()]);
            assert_eq!(is_invalid(&bytes), !allowed, "{colour} {depth}");
        }
    }
}

#[test]
fn sizes_have_thirty_one_bits_and_are_not_zero() {
    for (width, height) in [(0, 1), (1, 0), (1 << 31, 1), (1, 1 << 31)] {
        let bytes = png(&[header(width, height, 8, 2), data(), end()]);
        assert!(is_invalid(&bytes));
    }
}

#[test]
fn a_wrong_checksum_is_invalid_in_every_chunk() {
    let bytes = png(&[header(1, 1, 8, 2), chunk(b"tEXt", b"a\0b"), data(), end()]);
    assert_eq!(extent(&bytes), (1, 1, 1));
    let mut offset = 8;
    while offset < bytes.len() {
        let length = u32::from_be_bytes(bytes[offset..offset + 4].try_into().unwrap());
        offset += 12 + length as usize;
        let mut broken = bytes.clone();
        broken[offset - 1] ^= 1;
        assert!(is_invalid(&broken));
    }
}

#[test]
fn header_data_and_end_must_be_there_and_the_header_first() {
    let header = header(1, 1, 8, 2);
    assert!(is_invalid(&png(&[data(), header.clone(), end()])));
    assert!(is_invalid(&png(&[header.clone(), end()])));
    assert!(is_invalid(&png(&[header.clone(), data()])));
    assert!(is_invalid(&png(&[header.clone(), header, data(), end()])));
}

#[test]
fn a_palette_image_needs_a_palette_before_its_data() {
    let header = header(1, 1, 8, 3);
    let with = |palette: Vec<u8>| png(&[header.clone(), palette, data(), end()]);
    assert_eq!(extent(&with(chunk(b"PLTE", &[0; 768]))), (1, 1, 1));
    assert!(is_invalid(&with(chunk(b"PLTE", &[0; 771]))));
    assert!(is_invalid(&with(chunk(b"PLTE", &[0; 4]))));
    assert!(is_invalid(&with(chunk(b"PLTE", b""))));
    assert!(is_invalid(&with(Vec::new())));
    let late = png(&[header.clone(), data(), chunk(b"PLTE", &[0; 3]), end()]);
    assert!(is_invalid(&late));
}

/// An `acTL` chunk that announces so many frames.
pub(in crate::png) fn animation(frames: u32) -> Vec<u8> {
    chunk(b"acTL", &[frames.to_be_bytes(), [0; 4]].concat())
}

#[test]
fn an_animation_is_a_still_whatever_number_of_frames_it_announces() {
    let with = |control| png(&[header(128, 64, 8, 6), control, data(), end()]);
    for frames in [0, 1, 7, 0x8000_0001, u32::MAX] {
        assert_eq!(extent(&with(animation(frames))), (128, 64, 1), "{frames} frames");
    }
    assert_eq!(extent(&with(chunk(b"acTL", &[0; 4]))), (128, 64, 1), "a chunk that is too short");
    let late = png(&[header(128, 64, 8, 6), data(), animation(7), animation(8), end()]);
    assert_eq!(extent(&late), (128, 64, 1), "two, behind the pixels");
}

#[test]
fn a_critical_chunk_that_nobody_knows_is_refused_by_name() {
    let with = |kind| png(&[header(1, 1, 8, 2), chunk(kind, b"?"), data(), end()]);
    assert_eq!(refused_as(&with(b"NEWc")), "PNG with a critical chunk of an unknown type");
    assert_eq!(extent(&with(b"neWc")), (1, 1, 1));
}

#[test]
fn a_palette_is_a_proposal_where_pixels_are_no_indices() {
    let proposed = png(&[header(1, 1, 8, 2), chunk(b"PLTE", &[0; 4]), data(), end()]);
    assert_eq!(extent(&proposed), (1, 1, 1));
}

#[test]
fn a_chunk_longer_than_the_file_or_of_no_kind_is_invalid() {
    for length in [u32::MAX, i32::MAX as u32, 1000] {
        let huge = [&length.to_be_bytes()[..], b"IDAT"].concat();
        assert!(is_invalid(&png(&[header(1, 1, 8, 2), huge])));
    }
    let unnamed = chunk(b"ID\0T", b"");
    assert!(is_invalid(&png(&[header(1, 1, 8, 2), unnamed, data(), end()])));
}
