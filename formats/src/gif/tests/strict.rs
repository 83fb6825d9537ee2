//! Tests of the strict reading of GIF.

use super::{CONTROL, TRAILER, animation, image, screen};
use crate::tests::{extent, is_invalid};

#[test]
fn the_screen_gives_the_size_and_the_images_are_counted() {
    assert_eq!(extent(&[&animation()[..], TRAILER].concat()), (20, 10, 2));
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
    let bytes = [&screen(2, 2, 0)[..], b"\x21\x99\x02ab\0\0\0", &image(2, 2, 0, 2), b"\0", TRAILER].concat();
    assert_eq!(extent(&bytes), (2, 2, 1));
}

#[test]
fn a_file_without_an_image_or_with_an_unknown_block_is_invalid() {
    let screen = screen(2, 2, 0);
    assert!(is_invalid(&[&screen[..], CONTROL, TRAILER].concat()));
    assert!(is_invalid(&screen));
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

#[test]
fn a_file_without_a_trailer_passes_if_it_ends_between_blocks_with_all_of_its_frames() {
    let one_frame = animation().len() - image(5, 6, 0xC1, 3).len() - 2 - CONTROL.len();
    let frames_after = |length: usize| match animation().len() - length {
        0 => Some(2),
        _ if (one_frame..=one_frame + 2).contains(&length) => Some(1),
        _ if length == one_frame + 2 + CONTROL.len() => Some(1),
        _ => None,
    };
    for length in 0..=animation().len() {
        let file = &animation()[..length];
        match frames_after(length) {
            Some(frames) => assert_eq!(extent(file), (20, 10, frames), "{length} bytes"),
            None => assert!(is_invalid(file), "{length} bytes"),
        }
    }
}

#[test]
fn frames_of_no_pixels_count() {
    let bytes = [&screen(2, 2, 0)[..], &image(2, 2, 0, 2), &image(0, 0, 0, 2), &image(0, 5, 0, 2)].concat();
    assert_eq!(extent(&bytes), (2, 2, 3));
}
