//! Tests of the lenient reading of WebP.

use super::{animated, chunk, extended, frame, lossless, lossy, sample, still, webp};
use crate::tests::{assert_lenient_agrees, check};
use crate::webp::{Animation, Blending, Coding, Content, Disposal, Frame, Picture, read};
use crate::{LoopCount, Unreadable};

fn picture(file: &[u8]) -> Picture<'_> {
    match read(file).unwrap().content {
        Content::Still(picture) => picture,
        Content::Animation(_) => panic!("it is an animation"),
    }
}

fn animation(file: &[u8]) -> Animation<'_> {
    match read(file).unwrap().content {
        Content::Still(_) => panic!("it is a still image"),
        Content::Animation(animation) => animation,
    }
}

#[test]
fn a_still_image_has_its_picture_and_what_stands_beside_it() {
    let file = still();
    let webp = read(&file).unwrap();
    assert_eq!((webp.alpha, webp.lossless, webp.ended_early), (true, false, false));
    assert_eq!((webp.icc, webp.exif), (Some(&b"odd"[..]), Some(&b"MM"[..])));
    let picture = picture(&file);
    let chunks = [chunk(b"ALPH", b"\x01a"), chunk(b"JUNK", b""), lossy(3, 2)].concat();
    assert_eq!((picture.data, picture.coding), (&chunks[..], Coding::Lossy));
    assert_eq!((picture.width, picture.height, picture.alpha), (3, 2, true));
}

#[test]
fn the_alpha_of_a_lossless_bitstream_is_its_own() {
    let file = webp(&[extended(0x10, 3, 2), chunk(b"ALPH", b"\x01a"), lossless(3, 2)]);
    let opaque = picture(&file);
    assert_eq!((opaque.data, opaque.alpha), (&lossless(3, 2)[..], false));
    let mut file = webp(&[lossless(3, 2)]);
    file[24] |= 0x10;
    assert!(picture(&file).alpha);
}

#[test]
fn bytes_behind_the_end_that_the_header_states_are_no_part_of_the_file() {
    let mut file = animated(&[frame(0, 20, 10, &lossy(20, 10))]);
    file.extend(frame(0, 20, 10, &lossy(20, 10)));
    assert_eq!(animation(&file).frames, 1);
    let mut file = webp(&[lossy(3, 2)]);
    file.extend(chunk(b"ICCP", b"profile"));
    assert_eq!(read(&file).unwrap().icc, None);
}

#[test]
fn an_animation_has_what_its_chunks_say() {
    let mut second = frame(4, 16, 8, &lossless(16, 8));
    second[8 + 15] = 0x03;
    let frames = [frame(0, 20, 10, &lossy(20, 10)), second];
    let file = webp(&[extended(0x12, 20, 10), chunk(b"ANIM", &[9, 9, 9, 9, 5, 0]), frames.concat()]);
    let found = animation(&file);
    assert_eq!((found.loop_count, found.frames, found.largest_frame), (LoopCount::Times(5), 2, 200));
    let frames: Result<Vec<_>, _> = found.frames().collect();
    let [first, second] = frames.unwrap()[..] else { panic!("it has two frames") };
    let what = |frame: Frame<'_>| (frame.left, frame.top, frame.width, frame.height, frame.delay_ms);
    assert_eq!(what(first), (0, 0, 20, 10, 100));
    assert_eq!(what(second), (4, 0, 16, 8, 100));
    assert_eq!((first.blending, first.disposal), (Blending::Blend, Disposal::Keep));
    assert_eq!((second.blending, second.disposal), (Blending::Replace, Disposal::Background));
    assert_eq!(second.picture.data, lossless(16, 8));
    let webp = read(&file).unwrap();
    assert_eq!((webp.alpha, webp.lossless), (true, false));
    assert_eq!(animation(&sample()).loop_count, LoopCount::Forever);
}

#[test]
fn a_file_that_ends_early_has_what_is_there_of_it() {
    let file = animated(&[frame(0, 20, 10, &lossy(20, 10)), frame(0, 20, 10, &lossy(20, 10))]);
    let cut = &file[..file.len() - 3];
    let webp = read(cut).unwrap();
    assert_eq!((webp.header().frames, webp.ended_early), (2, true));
    let frames: Vec<_> = animation(cut).frames().collect();
    assert!(frames[0].is_ok());
    assert_eq!(frames[1].as_ref().err(), Some(&Unreadable::EndedEarly));
    let file = still();
    let webp = read(&file[..file.len() - 3]).unwrap();
    assert_eq!((webp.header().frames, webp.ended_early), (1, true));
    for length in 0..30 {
        assert_eq!(read(&file[..length]).err(), Some(Unreadable::EndedEarly), "{length} bytes");
    }
}

#[test]
fn a_file_that_is_damaged_says_in_what() {
    let what = |file: &[u8]| match read(file) {
        Err(Unreadable::Damaged(what)) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(what(b"RIFF\x04\0\0\0WAVE"), "it is not a WebP file");
    assert_eq!(what(&webp(&[chunk(b"JUNK", b"")])), "its first chunk is not valid");
    assert_eq!(what(&webp(&[extended(0, 3, 2)])), "it has no picture");
    assert_eq!(what(&animated(&[])), "it has no frame");
    assert_eq!(what(&webp(&[chunk(b"VP8L", &[0; 5])])), "the header of its bitstream is not valid");
    let other_size = webp(&[extended(0, 3, 2), lossy(3, 3)]);
    assert_eq!(what(&other_size), "its picture has another size than its canvas");
    let frames = animated(&[chunk(b"ANMF", &[0; 15]), frame(0, 3, 2, b"")]);
    let frames: Vec<_> = animation(&frames).frames().map(|frame| frame.err()).collect();
    let expected = ["the header of a frame is too short", "a frame has no picture"];
    assert_eq!(frames, expected.map(|what| Some(Unreadable::Damaged(what))));
}

#[test]
fn what_the_strict_reading_accepts_is_read_with_the_same_size_and_frames() {
    let simple = webp(&[lossless(16, 8), chunk(b"EXIF", b"odd")]);
    for file in [simple, still(), sample(), webp(&[lossy(300, 200)])] {
        assert_lenient_agrees(&file, |file| {
            let strict = check(file).ok();
            let lenient = read(file);
            if strict.is_some() {
                let lenient = lenient.as_ref().expect("it is read");
                assert!(!lenient.ended_early);
                if let Content::Animation(animation) = lenient.content {
                    assert_eq!(animation.frames().filter(Result::is_ok).count(), animation.frames as usize);
                }
            }
            (strict, lenient.ok().map(|webp| webp.header()))
        });
    }
}
