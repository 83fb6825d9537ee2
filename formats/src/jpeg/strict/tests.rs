use crate::tests::{extent, is_invalid, refused_as};

fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 2).unwrap();
    let mut bytes = vec![0xFF, marker];
    bytes.extend(length.to_be_bytes());
    bytes.extend(payload);
    bytes
}

fn frame(marker: u8, precision: u8, width: u16, height: u16, components: u8) -> Vec<u8> {
    let mut payload = vec![precision];
    payload.extend(height.to_be_bytes());
    payload.extend(width.to_be_bytes());
    payload.push(components);
    for id in 1..=components {
        payload.extend([id, 0x11, 0]);
    }
    segment(marker, &payload)
}

fn scan(components: u8) -> Vec<u8> {
    let mut payload = vec![components];
    for id in 1..=components {
        payload.extend([id, 0]);
    }
    payload.extend([0, 63, 0]);
    segment(0xDA, &payload)
}

/// SOI, then `parts`.
fn jpeg(parts: &[&[u8]]) -> Vec<u8> {
    [&b"\xFF\xD8"[..], &parts.concat()].concat()
}

fn with_frame(frame: &[u8]) -> Vec<u8> {
    jpeg(&[frame, &scan(1), b"\x12\xFF\xD9"])
}

/// A file, and how many bytes reach into its first scan.
pub(crate) fn sample() -> (Vec<u8>, usize) {
    let mut bytes = jpeg(&[
        &segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        &segment(0xE1, b"Exif\0\0"),
        &segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0"),
        &segment(0xDB, &[0; 65]),
        &frame(0xC0, 8, 640, 480, 3),
        &segment(0xC4, &[0; 17]),
        &segment(0xDD, &[0, 4]),
        &scan(3),
    ]);
    let enough = bytes.len() + 1;
    bytes.extend(b"\x12\x34\xFF\x00\xFF\xD9");
    (bytes, enough)
}

#[test]
fn baseline_extended_and_progressive_frames_give_their_size() {
    for marker in 0xC0..=0xC2 {
        let bytes = with_frame(&frame(marker, 8, 300, 200, 1));
        assert_eq!(extent(&bytes), (300, 200, 1));
    }
    assert_eq!(extent(&sample().0), (640, 480, 1));
}

#[test]
fn one_three_and_four_components_pass_and_others_do_not() {
    for components in 0..=6 {
        let bytes = with_frame(&frame(0xC0, 8, 1, 1, components));
        assert_eq!(is_invalid(&bytes), ![1, 3, 4].contains(&components));
    }
}

#[test]
fn other_coding_processes_are_refused_by_name() {
    for (markers, name) in [
        (&[0xC3][..], "lossless JPEG"),
        (&[0xC5, 0xC6, 0xC7, 0xDE], "hierarchical JPEG"),
        (&[0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF], "arithmetic-coded JPEG"),
        (&[0xF7], "JPEG-LS"),
    ] {
        for marker in markers {
            let bytes = with_frame(&frame(*marker, 8, 1, 1, 1));
            assert_eq!(refused_as(&bytes), name);
        }
    }
    let bytes = with_frame(&frame(0xC1, 12, 1, 1, 1));
    assert_eq!(refused_as(&bytes), "12-bit JPEG");
}

#[test]
fn a_size_of_zero_a_strange_precision_and_strange_sampling_are_invalid() {
    assert!(is_invalid(&with_frame(&frame(0xC0, 8, 0, 1, 1))));
    assert!(is_invalid(&with_frame(&frame(0xC0, 8, 1, 0, 1))));
    assert!(is_invalid(&with_frame(&frame(0xC0, 7, 1, 1, 1))));
    let mut sampling = frame(0xC0, 8, 1, 1, 1);
    sampling[11] = 0x51;
    assert!(is_invalid(&with_frame(&sampling)));
}

#[test]
fn junk_fill_bytes_and_lone_markers_between_segments_are_passed_over() {
    let bytes = jpeg(&[
        b"\xFF\xFF\xFF\x01\xFF\xD0junk\xFF\x00",
        &frame(0xC0, 8, 3, 2, 1),
        b"\xFF",
        &scan(1),
        b"\x12",
    ]);
    assert_eq!(extent(&bytes), (3, 2, 1));
}

#[test]
fn a_scan_needs_a_frame_and_data() {
    let frame = frame(0xC0, 8, 1, 1, 1);
    assert!(is_invalid(&jpeg(&[&scan(1), b"\x12"])));
    assert!(is_invalid(&jpeg(&[&frame, &scan(1), b"\xFF\xD9"])));
    assert!(is_invalid(&jpeg(&[&frame, &scan(1), b"\xFF\xFF\xD9"])));
    assert!(is_invalid(&jpeg(&[&frame, &scan(2), b"\x12"])));
    assert!(is_invalid(&jpeg(&[&frame, b"\xFF\xD9"])));
    assert_eq!(extent(&jpeg(&[&frame, &scan(1), b"\xFF\xFF\x00"])), (1, 1, 1));
}

#[test]
fn two_frames_two_starts_and_wrong_lengths_are_invalid() {
    let one = frame(0xC0, 8, 1, 1, 1);
    let end = [scan(1), b"\x12".to_vec()].concat();
    assert!(is_invalid(&jpeg(&[&one, &one, &end])));
    assert!(is_invalid(&jpeg(&[b"\xFF\xD8", &one, &end])));
    assert!(is_invalid(&jpeg(&[b"\xFF\xE0\0\x01", &one, &end])));
    let mut long = one;
    long[3] += 1;
    assert!(is_invalid(&jpeg(&[&long, &end])));
}
