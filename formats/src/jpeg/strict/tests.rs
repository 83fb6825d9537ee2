use crate::tests::{extent, is_invalid, refused_as};

pub(in crate::jpeg) fn segment(marker: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 2).unwrap();
    let mut bytes = vec![0xFF, marker];
    bytes.extend(length.to_be_bytes());
    bytes.extend(payload);
    bytes
}

pub(in crate::jpeg) fn frame(marker: u8, precision: u8, width: u16, height: u16, components: u8) -> Vec<u8> {
    let mut payload = vec![precision];
    payload.extend(height.to_be_bytes());
    payload.extend(width.to_be_bytes());
    payload.push(components);
    for id in 1..=components {
        payload.extend([id, 0x11, 0]);
    }
    segment(marker, &payload)
}

pub(in crate::jpeg) fn scan(components: u8) -> Vec<u8> {
    let mut payload = vec![components];
    for id in 1..=components {
        payload.extend([id, 0]);
    }
    payload.extend([0, 63, 0]);
    segment(0xDA, &payload)
}

/// SOI, then `parts`.
pub(in crate::jpeg) fn jpeg(parts: &[&[u8]]) -> Vec<u8> {
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
        let band = if marker == 0xC2 { [0, 0, 0x01] } else { [0, 63, 0] };
        let scan = segment(0xDA, &[&[1, 1, 0][..], &band].concat());
        let bytes = jpeg(&[&frame(marker, 8, 300, 200, 1), &scan, b"\x12\xFF\xD9"]);
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
        (&[0xC5, 0xC6, 0xC7, 0xDE, 0xDF], "hierarchical JPEG"),
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
    let mut long = one;
    long[3] += 1;
    assert!(is_invalid(&jpeg(&[&long, &end])));
}

#[test]
fn a_segment_that_announces_less_than_its_own_length_is_empty() {
    let end = [scan(1), b"\x12\xFF\xD9".to_vec()].concat();
    let frame = frame(0xC0, 8, 36, 28, 1);
    for passed_over in [0xFE, 0xE0, 0xE1, 0xEE, 0xEF, 0xDC] {
        for length in 0..2 {
            let lies = [0xFF, passed_over, 0, length];
            let bytes = jpeg(&[&lies, &frame, &lies, b"text without a segment", &end]);
            assert_eq!(extent(&bytes), (36, 28, 1), "{passed_over:#X} of {length}");
        }
    }
    for needed in [0xC4, 0xDB, 0xDD, 0xC0, 0xDA] {
        assert!(is_invalid(&jpeg(&[&[0xFF, needed, 0, 1], &frame, &end])), "{needed:#X}");
    }
}

#[test]
fn a_marker_that_the_standard_reserves_is_invalid() {
    let end = [scan(1), b"\x12\xFF\xD9".to_vec()].concat();
    for reserved in [0x02, 0xBF, 0xC8, 0xF0, 0xFD] {
        assert!(is_invalid(&jpeg(&[&segment(reserved, b""), &frame(0xC0, 8, 1, 1, 1), &end])));
    }
}

#[test]
fn a_first_scan_that_no_decoder_takes_is_invalid() {
    let with = |frame: &[u8], scan: &[u8]| is_invalid(&jpeg(&[frame, &segment(0xDA, scan), b"\x12"]));
    let three = frame(0xC0, 8, 1, 1, 3);
    assert!(!with(&three, &[3, 1, 0, 2, 0, 3, 0, 0, 63, 0]));
    assert!(with(&three, &[3, 1, 0, 2, 0, 9, 0, 0, 63, 0]), "a component that the frame does not have");
    assert!(with(&three, &[3, 1, 0, 2, 0, 2, 0, 0, 63, 0]), "one component twice");
    assert!(with(&three, &[0, 0, 63, 0]), "no component");
    let progressive = frame(0xC2, 8, 1, 1, 3);
    assert!(!with(&progressive, &[3, 1, 0, 2, 0, 3, 0, 0, 0, 1]));
    assert!(with(&progressive, &[3, 1, 0, 2, 0, 3, 0, 0, 63, 0]), "means and others in one scan");

    let mut sampled = three;
    for place in [11, 14, 17] {
        sampled[place] = 0x22;
    }
    assert!(with(&sampled, &[3, 1, 0, 2, 0, 3, 0, 0, 63, 0]), "twelve blocks in a unit");
    assert!(!with(&sampled, &[1, 2, 0, 0, 63, 0]), "of one component, a unit is a block");
}

#[test]
fn components_of_the_same_name_are_taken_in_their_order() {
    let mut frame = frame(0xC0, 8, 1, 1, 3);
    (frame[10], frame[13], frame[16]) = (7, 7, 7);
    let scan = segment(0xDA, &[3, 7, 0, 7, 0, 7, 0, 0, 63, 0]);
    assert_eq!(extent(&jpeg(&[&frame, &scan, b"\x12"])), (1, 1, 1));
}
