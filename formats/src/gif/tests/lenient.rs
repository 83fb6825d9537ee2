//! Tests of the lenient reading of GIF.

use super::{TRAILER, animation, image, sample, screen};
use crate::gif::{Disposal, read};
use crate::tests::{assert_lenient_agrees, check};
use crate::{LoopCount, Unreadable};

#[test]
fn an_animation_has_what_its_blocks_say() {
    let file = [&animation()[..], TRAILER].concat();
    let gif = read(&file).unwrap();
    assert_eq!(gif.loop_count, LoopCount::Times(5));
    assert_eq!((gif.largest_frame, gif.ended_early), (200, false));
    let [first, second] = gif.frames().collect::<Vec<_>>()[..] else { panic!("it has two frames") };
    assert_eq!((first.delay_ms, first.disposal, first.transparent), (70, Disposal::Background, Some(2)));
    assert_eq!((first.palette, first.interlaced, first.code_size), (&[1, 2, 3, 4, 5, 6][..], false, 2));
    assert_eq!(first.data.collect::<Vec<_>>(), [[0x44, 0x01]]);
    assert_eq!((second.delay_ms, second.disposal, second.transparent), (90, Disposal::Previous, None));
    assert_eq!((second.palette, second.interlaced, second.code_size), (&[0; 12][..], true, 3));
    assert_eq!((second.width, second.height, second.cut), (5, 6, false));
}

#[test]
fn a_file_without_a_trailer_has_all_of_its_frames_and_did_not_end_early() {
    let file = animation();
    let gif = read(&file).unwrap();
    assert_eq!((gif.header().frames, gif.ended_early), (2, false));
    assert!(gif.frames().all(|frame| !frame.cut));
}

#[test]
fn a_file_cut_within_a_frame_has_what_is_there_of_it() {
    let file = animation();
    let cut = &file[..file.len() - 2];
    let gif = read(cut).unwrap();
    assert_eq!((gif.header().frames, gif.ended_early), (2, true));
    let last = gif.frames().last().unwrap();
    assert!(last.cut);
    assert_eq!(last.data.collect::<Vec<_>>(), [[0x44]]);
    // Within the colour table of the last frame.
    let cut = &file[..file.len() - 10];
    let last = read(cut).unwrap().frames().last().unwrap();
    assert_eq!((last.palette.len(), last.code_size, last.cut), (7, 0, true));
    // Within its header: nothing of it is left.
    let gif = read(&file[..file.len() - 20]).unwrap();
    assert_eq!((gif.header().frames, gif.ended_early), (1, true));
}

#[test]
fn without_a_frame_nothing_can_be_read() {
    let (file, _) = sample();
    for length in 0..40 {
        assert_eq!(read(&file[..length]).err(), (length < 37).then_some(Unreadable::EndedEarly), "{length}");
    }
    let empty = [&screen(2, 2, 0)[..], TRAILER].concat();
    assert_eq!(read(&empty).err(), Some(Unreadable::Damaged("it has no frame")));
    let no_canvas = [&screen(0, 0, 0)[..], &image(0, 1, 0, 2), TRAILER].concat();
    assert_eq!(read(&no_canvas).err(), Some(Unreadable::Damaged("its canvas has no pixels")));
}

#[test]
fn what_the_strict_reading_accepts_is_read_with_the_same_size_and_frames() {
    let zero = [&screen(0, 0, 0)[..], &image(7, 6, 0, 2), &image(0, 0, 0, 2), TRAILER].concat();
    let whole = [&animation()[..], b"\x21\x99\0\x21\xF9\0", &image(0, 0, 0, 2), TRAILER].concat();
    for file in [whole, animation(), sample().0, zero] {
        assert_lenient_agrees(&file, |file| {
            let strict = check(file).ok();
            let lenient = read(file);
            if let Some(strict) = strict {
                let lenient = lenient.as_ref().expect("it is read");
                assert!(!lenient.ended_early);
                assert_eq!(lenient.frames().count(), lenient.header().frames as usize);
                assert_eq!(lenient.header(), strict);
            }
            (strict, lenient.ok().map(|gif| gif.header()))
        });
    }
}
