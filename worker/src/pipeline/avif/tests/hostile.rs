//! Files that lie or are cut short.

use super::*;
use crate::pipeline::{Heights, render};
use std::time::{Duration, Instant};

#[test]
fn a_file_cut_off_anywhere_is_refused_with_a_reason() {
    for length in 0..QUARTERS.len() {
        let error = refused(&QUARTERS[..length], &Limits::default());
        let code = if length < 20 { "unsupported_format" } else { "decode_failed" };
        assert!(error.code() == code || length < 32 && error.code() == "decode_failed", "{length}: {error}");
    }
}

#[test]
fn a_damaged_file_never_panics() {
    // A damaged size may be a large one, which takes its time.
    let limits = Limits { pixels: 1_000_000, ..Limits::default() };
    let alpha = File(vec![image(I420), image(GREY).alpha_of(1)]).bytes();
    let grid = File(vec![Item::grid(1, 2, (100, 48), &[2, 3]), image(I420), image(PLAIN_RED)]).bytes();
    for whole in [QUARTERS, &alpha, &grid] {
        for position in 0..whole.len() {
            for value in [0, 1, 0x7f, 0xff] {
                let mut damaged = whole.to_vec();
                damaged[position] = value;
                let _ = render(&damaged, &limits, Heights::default());
            }
        }
    }
}

#[test]
fn a_size_beyond_a_limit_is_refused_before_anything_is_decoded() {
    let start = Instant::now();
    let huge = File(vec![Item::new(b"av01", I420).sized(u32::MAX, u32::MAX)]).bytes();
    assert_eq!(refused(&huge, &Limits::default()).code(), "too_many_pixels");
    let long = File(vec![Item::new(b"av01", I420).sized(200_000, 1)]).bytes();
    assert_eq!(refused(&long, &Limits::default()).code(), "side_too_long");
    let none = File(vec![Item::new(b"av01", I420).sized(0, 48)]).bytes();
    assert_eq!(refused(&none, &Limits::default()).code(), "no_pixels");
    // A tile of which nearly all would be left out.
    let tile = Item::new(b"av01", I420).sized(60_000, 60_000);
    let grid = File(vec![Item::grid(1, 1, (64, 48), &[2]), tile]).bytes();
    assert_eq!(refused(&grid, &Limits::default()).code(), "too_many_pixels");
    let memory = Limits { decoder_memory: 20_000, ..Limits::default() };
    assert_eq!(refused(QUARTERS, &memory).code(), "decoder_memory");
    assert!(start.elapsed() < Duration::from_millis(500));
}

#[test]
fn data_of_another_size_than_the_file_says_is_damaged() {
    for (width, height) in [(63, 48), (64, 47), (32, 24), (1, 1), (65, 48), (640, 480)] {
        let file = File(vec![Item::new(b"av01", I420).sized(width, height)]).bytes();
        assert_eq!(refused(&file, &Limits::default()).code(), "decode_failed", "{width} × {height}");
    }
    let alpha = Item::new(b"av01", GREY).sized(32, 24).alpha_of(1);
    assert_eq!(refused(&File(vec![image(I420), alpha]).bytes(), &Limits::default()).code(), "decode_failed");
}

#[test]
fn data_without_a_picture_is_refused() {
    for data in [&b""[..], b"\0", &[0; 100], &[0xff; 100], &I420[..I420.len() / 2], &I420[..12]] {
        let error = refused(&File(vec![image(data)]).bytes(), &Limits::default());
        assert_eq!(error.code(), "decode_failed", "{error}");
    }
}

#[test]
fn bytes_behind_the_end_do_no_harm() {
    let mut file = QUARTERS.to_vec();
    file.extend([0x5a; 1000]);
    shows(&rendered(&file), (64, 48), ALL);
}

/// Found by the fuzzer: in rav1d a number wraps here, which only its debug builds mind.
#[test]
fn a_header_that_ends_in_its_first_bits_is_damaged() {
    let error = refused(include_bytes!("samples/short_header.avif"), &Limits::default());
    assert_eq!(error.code(), "decode_failed", "{error}");
}
