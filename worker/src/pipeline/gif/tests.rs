//! Animations made with another encoder, and what a viewer sees of the variants.

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
