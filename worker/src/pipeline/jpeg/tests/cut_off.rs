//! Tests of files that end too early, and of damaged ones.

use super::{
    writer::{Picture, Scan, usual_script},
    *,
};

const FACTORS: [(usize, usize); 3] = [(2, 2), (1, 1), (1, 1)];

fn code(file: &[u8], wanted: u32) -> Option<&'static str> {
    decoded(file, wanted).err().map(|error| match error {
        RenderError::CutShort { .. } => "cut short",
        other => other.code().name(),
    })
}

#[test]
fn half_of_the_rows_are_enough() {
    let file = Picture::noise((320, 320), &FACTORS).sequential();
    let data = start_of_data(&file);
    let part = |percent: usize| &file[..data + (file.len() - data) * percent / 100];
    for wanted in [1, 60, 320] {
        assert_eq!(code(part(99), wanted), None);
        assert_eq!(code(part(60), wanted), None);
        assert_eq!(code(part(40), wanted), Some("cut short"));
        assert_eq!(code(part(0), wanted), Some("cut short"));
    }
    // What came is right, and the rest is grey.
    let (whole, part) = (decoded(&file, 320).expect("whole"), decoded(part(60), 320).expect("a part"));
    let (whole, part) = (samples(&whole), samples(&part));
    assert_eq!(whole[..whole.len() / 2], part[..whole.len() / 2]);
    assert!(part[part.len() * 7 / 10..].iter().all(|&sample| sample == 128));
}

#[test]
fn the_marker_at_the_end_is_not_missed_even_by_a_grey_image() {
    let grey = Picture::flat((320, 320), &FACTORS, |_, _, _| 128);
    for file in [grey.sequential(), grey.usual_progressive()] {
        assert_eq!(code(&file[..file.len() - 2], 320), None);
        assert_eq!(code(&file[..file.len() - 1], 40), None);
    }
}

#[test]
fn a_progressive_file_is_whole_with_its_first_scan() {
    let picture = Picture::noise((320, 320), &FACTORS);
    let file = picture.usual_progressive();
    let first = picture.progressive(&usual_script()[..1]);
    let (first_data, first_end) = (start_of_data(&file), first.len() - 2);
    for wanted in [1, 60, 320] {
        // Anywhere after it, in the middle of tables and scan headers too.
        for end in (first_end + 2..file.len()).step_by(37).chain(first_end + 2..first_end + 30) {
            assert_eq!(code(&file[..end], wanted), None, "{end} of {} bytes", file.len());
        }
        let part = |percent: usize| &file[..first_data + (first_end - first_data) * percent / 100];
        assert_eq!(code(part(70), wanted), None);
        assert_eq!(code(part(30), wanted), Some("cut short"));
    }
}

#[test]
fn a_cut_at_any_byte_of_the_header_says_so() {
    let file = Picture::noise((32, 32), &FACTORS).sequential();
    for end in 2..start_of_data(&file) {
        assert_eq!(code(&file[..end], 32), Some("cut short"), "{end} bytes");
    }
}

#[test]
fn damage_inside_the_data_is_shown_as_it_decodes() {
    let file = Picture::noise((320, 320), &FACTORS).sequential();
    let data = start_of_data(&file);
    let mut damaged = file.clone();
    for at in (data..file.len() - 2).step_by(211).filter(|&at| file[at] != 0xFF) {
        damaged[at] ^= 0x10;
    }
    assert_eq!(code(&damaged, 320), None);
    // A hole whose two ends are there.
    let hole = [&file[..data + 100], &file[file.len() - 100..]].concat();
    assert_eq!(code(&hole, 320), None);
}

#[test]
fn no_bit_flip_and_no_cut_panics_or_hangs() {
    let script: [Scan<'_>; 3] = [(&[0], 0..=63, 0, 0), (&[1], 0..=63, 0, 0), (&[2], 0..=63, 0, 0)];
    let picture = Picture::noise((40, 24), &FACTORS);
    for file in [picture.sequential(), picture.usual_progressive(), picture.file(0xC0, &script, &[])] {
        for bit in 0..file.len() * 8 {
            let mut flipped = file.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            // A size that a flip makes enormous is for the limits before decoding.
            if let Ok(opened) = open(&flipped)
                && opened.jpeg.frame.width * opened.jpeg.frame.height < 1 << 20
            {
                let _ = decode(&flipped, &opened, 1, PLENTY);
            }
        }
        for end in 0..file.len() {
            let _ = decoded(&file[..end], 24);
        }
    }
}
