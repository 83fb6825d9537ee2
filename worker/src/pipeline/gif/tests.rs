//! Tests with animations made by another encoder, which check what a viewer sees of the variants.

use crate::pipeline::RenderLimits;
use crate::pipeline::tests::{refused, render_file, rendered, within};
use gif::{DisposalMethod, Encoder, Frame, Repeat};
use image::{AnimationDecoder, RgbaImage, codecs::gif::GifDecoder};
use resizinator_formats::ImageLimits;
use std::{borrow::Cow, io::Cursor};

const PALETTE: &[u8] = &[0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255];
const RED: [u8; 4] = [255, 0, 0, 255];
const GREEN: [u8; 4] = [0, 255, 0, 255];
const BLUE: [u8; 4] = [0, 0, 255, 255];
const NOTHING: [u8; 4] = [0; 4];

/// A frame of one colour of [`PALETTE`], of which 0 is transparent.
fn frame((left, top): (u16, u16), (width, height): (u16, u16), colour: u8) -> Frame<'static> {
    let buffer = Cow::Owned(vec![colour; usize::from(width) * usize::from(height)]);
    Frame { left, top, width, height, buffer, transparent: Some(0), delay: 7, ..Frame::default() }
}

fn disposed(frame: Frame<'static>, dispose: DisposalMethod) -> Frame<'static> {
    Frame { dispose, ..frame }
}

fn file((width, height): (u16, u16), repeat: Option<Repeat>, frames: &[Frame<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, height, PALETTE).expect("a header");
    if let Some(repeat) = repeat {
        encoder.set_repeat(repeat).expect("a repeat");
    }
    for frame in frames {
        encoder.write_frame(frame).expect("a frame");
    }
    drop(encoder);
    bytes
}

/// The frames as another decoder composes them, with their delays in milliseconds.
fn seen(file: &[u8]) -> Vec<(RgbaImage, u32)> {
    let decoder = GifDecoder::new(Cursor::new(file)).expect("it is a GIF");
    let frames = decoder.into_frames().collect_frames().expect("its frames decode");
    frames
        .into_iter()
        .map(|frame| {
            let delay = frame.delay().numer_denom_ms();
            (frame.into_buffer(), delay.0 / delay.1)
        })
        .collect()
}

/// The pixel at `at` of each frame.
fn at(frames: &[(RgbaImage, u32)], at: (u32, u32)) -> Vec<[u8; 4]> {
    frames.iter().map(|(frame, _)| frame.get_pixel(at.0, at.1).0).collect()
}

#[test]
fn an_animation_keeps_its_frames_their_delays_and_how_often_it_is_shown() {
    let frames = [frame((0, 0), (40, 40), 1), frame((10, 10), (20, 20), 2), frame((0, 0), (5, 5), 3)];
    let variants = rendered(&file((40, 40), Some(Repeat::Finite(4)), &frames));
    let frames = seen(&variants.medium.bytes);
    assert_eq!(frames.iter().map(|(_, delay)| *delay).collect::<Vec<_>>(), [70, 70, 70]);
    assert_eq!(at(&frames, (15, 15)), [RED, GREEN, GREEN]);
    assert_eq!(at(&frames, (2, 2)), [RED, RED, BLUE]);
    let repeats = |file: &[u8]| {
        let mut decoder = gif::Decoder::new(Cursor::new(file)).expect("it is a GIF");
        while decoder.next_frame_info().expect("a frame").is_some() {}
        decoder.repeat()
    };
    assert_eq!(repeats(&variants.medium.bytes), Repeat::Finite(4));
    let once = rendered(&file((40, 40), None, &[frame((0, 0), (40, 40), 1), frame((0, 0), (9, 9), 2)]));
    assert_eq!(repeats(&once.small.bytes), Repeat::Finite(0));
    let forever = [frame((0, 0), (40, 40), 1), frame((0, 0), (9, 9), 2)];
    let forever = rendered(&file((40, 40), Some(Repeat::Infinite), &forever));
    assert_eq!(repeats(&forever.small.bytes), Repeat::Infinite);
}

#[test]
fn what_is_disposed_of_vanishes_or_comes_back() {
    let frames = [
        frame((0, 0), (40, 40), 1),
        disposed(frame((10, 10), (20, 20), 2), DisposalMethod::Previous),
        disposed(frame((0, 0), (10, 10), 3), DisposalMethod::Background),
        frame((30, 30), (10, 10), 3),
    ];
    let variants = rendered(&file((40, 40), Some(Repeat::Infinite), &frames));
    let frames = seen(&variants.medium.bytes);
    assert_eq!(at(&frames, (15, 15)), [RED, GREEN, RED, RED]);
    assert_eq!(at(&frames, (5, 5)), [RED, RED, BLUE, NOTHING]);
    assert_eq!(at(&frames, (35, 35)), [RED, RED, RED, BLUE]);
}

#[test]
fn an_animation_is_resized_and_stays_within_its_height() {
    let frames = [frame((0, 0), (600, 600), 1), frame((300, 0), (300, 600), 2)];
    let variants = rendered(&file((600, 600), Some(Repeat::Infinite), &frames));
    for (variant, side) in [(&variants.medium, 300), (&variants.small, 100)] {
        assert_eq!((variant.width, variant.height), (side, side));
        let frames = seen(&variant.bytes);
        assert_eq!(at(&frames, (side / 4, side / 2)), [RED, RED]);
        assert_eq!(at(&frames, (side * 3 / 4, side / 2)), [RED, GREEN]);
    }
}

#[test]
fn equal_frames_stay_as_many() {
    let same = || frame((0, 0), (20, 20), 2);
    let variants = rendered(&file((20, 20), Some(Repeat::Infinite), &[same(), same(), same()]));
    let frames = seen(&variants.medium.bytes);
    assert_eq!(at(&frames, (10, 10)), [GREEN, GREEN, GREEN]);
}

#[test]
fn a_frame_that_leaves_the_canvas_is_cut_at_its_edge() {
    let frames = [frame((0, 0), (20, 20), 1), frame((15, 15), (20, 20), 2)];
    let variants = rendered(&file((20, 20), Some(Repeat::Infinite), &frames));
    assert_eq!((variants.medium.width, variants.medium.height), (20, 20));
    let frames = seen(&variants.medium.bytes);
    assert_eq!(at(&frames, (17, 17)), [RED, GREEN]);
    assert_eq!(at(&frames, (10, 10)), [RED, RED]);
}

#[test]
fn more_colours_than_a_palette_holds_are_shown_by_near_ones() {
    // 64 × 64 colours, each of its own.
    let colours = RgbaImage::from_fn(64, 64, |x, y| image::Rgba([x as u8 * 4, y as u8 * 4, 128, 255]));
    let mut pixels = colours.clone().into_raw();
    let original = file((64, 64), None, &[Frame::from_rgba_speed(64, 64, &mut pixels, 1)]);
    let still = super::encode_still(colours.clone()).expect("it encodes");
    let (seen_still, _) = &seen(&still)[0];
    let off = |one: &RgbaImage| {
        let sum: u64 = one.iter().zip(colours.iter()).map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2)).sum();
        sum as f64 / one.len() as f64
    };
    // The mean square of the error; the boxes of 256 colours are 16 levels wide.
    assert!(off(seen_still) < 40.0, "{}", off(seen_still));
    let frames = seen(&rendered(&original).medium.bytes);
    assert!(off(&frames[0].0) < 80.0, "{}", off(&frames[0].0));
}

#[test]
fn an_animation_that_ends_early_shows_the_frames_that_came() {
    let frames: Vec<_> = (0..6).map(|n| frame((n * 6, 0), (6, 40), 1 + n as u8 % 3)).collect();
    let whole = file((40, 40), Some(Repeat::Infinite), &frames);
    // Of the last frame, some bytes are missing.
    let cut = rendered(&whole[..whole.len() - 6]);
    assert!(seen(&cut.medium.bytes).len() >= 5);
    assert_eq!(refused(&whole[..60], &RenderLimits::default()).code(), "decode_failed");
}

/// A file of one frame of 8 × 8 pixels, black and white, with these codes of four bits.
fn coded(codes: impl IntoIterator<Item = u8>) -> Vec<u8> {
    let codes: Vec<u8> = codes.into_iter().collect();
    let data: Vec<u8> =
        codes.chunks(2).map(|pair| pair[0] | pair.get(1).copied().unwrap_or(0) << 4).collect();
    let mut bytes = b"GIF89a\x08\0\x08\0\x80\0\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\x08\0\x08\0\0\x03".to_vec();
    for block in data.chunks(255) {
        bytes.push(u8::try_from(block.len()).expect("at most 255"));
        bytes.extend(block);
    }
    bytes.extend(b"\0;");
    bytes
}

const CLEAR: u8 = 8;
const END: u8 = 9;

fn checkerboard() -> impl Iterator<Item = u8> + Clone {
    (0..64).map(|pixel| (pixel + pixel / 8 + 1) % 2)
}

#[track_caller]
fn is_checkerboard(file: &[u8]) {
    let frames = seen(&rendered(file).medium.bytes);
    for ((_, _, pixel), white) in frames[0].0.enumerate_pixels().zip(checkerboard()) {
        assert_eq!(pixel.0, [255 * white, 255 * white, 255 * white, 255]);
    }
}

#[test]
fn clear_codes_may_follow_each_other() {
    let clears = |count| std::iter::repeat_n(CLEAR, count);
    for count in [1, 2, 3, 40] {
        // Before each pixel, and before the end.
        let codes = checkerboard().flat_map(|pixel| clears(count).chain([pixel]));
        is_checkerboard(&coded(clears(2).chain(codes.clone()).chain([END])));
        is_checkerboard(&coded(codes.clone().chain(clears(count)).chain([END])));
        is_checkerboard(&coded(codes));
    }
    // More of them than a sub-block holds, between the pixels and before them.
    let mut codes: Vec<u8> = checkerboard().flat_map(|pixel| [CLEAR, pixel]).collect();
    codes.splice(64..64, clears(2000));
    codes.splice(0..0, clears(2001));
    is_checkerboard(&coded(codes));
}

#[test]
fn clear_codes_without_end_are_not_taken() {
    let endless = std::iter::repeat_n(CLEAR, 100_000);
    assert_eq!(
        refused(&coded(endless.chain(checkerboard())), &RenderLimits::default()).code(),
        "decode_failed"
    );
}

#[test]
fn an_animation_without_a_trailer_shows_all_of_its_frames() {
    let frames = [frame((0, 0), (40, 40), 1), frame((10, 10), (20, 20), 2), frame((0, 0), (5, 5), 3)];
    let mut file = file((40, 40), Some(Repeat::Infinite), &frames);
    assert_eq!(file.pop(), Some(b';'));
    let frames = seen(&rendered(&file).medium.bytes);
    assert_eq!(at(&frames, (15, 15)), [RED, GREEN, GREEN]);
    assert_eq!(at(&frames, (2, 2)), [RED, RED, BLUE]);
}

#[test]
fn a_frame_of_no_pixels_is_shown_for_its_delay() {
    let mut file = file((40, 40), None, &[frame((0, 0), (40, 40), 1)]);
    file.pop();
    file.extend(b"\x21\xf9\x04\0\x09\0\0\0\x2c\0\0\0\0\0\0\x05\0\0\x02\x01\x2c\0;");
    let frames = seen(&rendered(&file).medium.bytes);
    assert_eq!(frames.iter().map(|(_, delay)| *delay).collect::<Vec<_>>(), [70, 90]);
    assert_eq!(at(&frames, (20, 20)), [RED, RED]);
}

#[test]
fn frames_and_their_pixels_are_counted_before_any_is_decoded() {
    let few = |n: u16| file((20, 20), None, &vec![frame((0, 0), (1, 1), 1); usize::from(n)]);
    let limits = within(ImageLimits { frames: 3, ..ImageLimits::default() });
    assert!(render_file(&few(3), &limits).is_ok());
    assert_eq!(refused(&few(4), &limits).code(), "too_many_frames");
    let limits = within(ImageLimits { animation_pixels: 1200, ..ImageLimits::default() });
    assert!(render_file(&few(3), &limits).is_ok());
    assert_eq!(refused(&few(4), &limits).code(), "animation_too_large");
}
