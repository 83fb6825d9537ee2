//! The project's own decoder, which decodes undamaged files at an eighth or a quarter of their size.
//!
//! At these scales most of a file is not needed: of each block of 8 × 8 coefficients, the reduced pixels only need the
//! mean (DC) and the few lowest of the others (AC). A general decoder has to read all of them one by one; this one
//! skips the others several at a time. And if the inverse DCT can do the upsampling of a component, it does.
//!
//! 1. `tables`: reads the segments before the data.
//! 2. `huffman`: reads codes one by one.
//! 3. `sequential`: decodes a file with all coefficients in one scan. `lowest` reads the needed coefficients, and
//!    `groups` skips the others.
//! 4. `progressive`: decodes a file that spreads the coefficients over many scans. `means` and `bands` read the scans,
//!    and `kept` holds the needed coefficients until the last scan.
//! 5. `inverse`: computes the pixels of a block.
//! 6. `canvas`: converts the components' rows to pixels.
//!
//! If every component becomes one pixel per block, the pixels are the same as those of libjpeg-turbo. If one becomes
//! more, they are closer to the whole picture than those of libjpeg-turbo (ADR 10).
//!
//! Unusual and damaged files are left to libjpeg-turbo: for these, this decoder returns no pixels at all.

mod bands;
mod canvas;
mod groups;
mod huffman;
mod inverse;
mod kept;
mod lowest;
mod means;
mod progressive;
mod sequential;
mod tables;

use super::{
    opened::{Colour, Opened},
    scale::Scale,
};
use inverse::Points;
use resizinator_formats::jpeg::{Component, Frame, Scans, marker::Coding};

/// Decodes the samples of the picture at `scale`, row by row. Returns `None` if this decoder does not support the file.
pub(super) fn decode(opened: &Opened<'_>, scale: Scale) -> Option<Vec<u8>> {
    let jpeg = &opened.jpeg;
    match coding(opened, scale)? {
        Coded::InOneScan => sequential::decode(jpeg, scale),
        Coded::Progressive(scans) => progressive::decode(&jpeg.frame, scans, scale),
    }
}

/// An upper bound of the bytes that [`decode`] takes for coefficients. Returns `None` if this decoder certainly does
/// not support the file.
pub(super) fn coefficients(opened: &Opened<'_>, scale: Scale) -> Option<u64> {
    match coding(opened, scale)? {
        Coded::InOneScan => Some(0),
        Coded::Progressive(scans) => progressive::memory(&opened.jpeg.frame, scans, scale),
    }
}

/// The two kinds of files that this decoder supports.
enum Coded<'a> {
    InOneScan,
    Progressive(&'a Scans<'a>),
}

fn coding<'a>(opened: &'a Opened<'_>, scale: Scale) -> Option<Coded<'a>> {
    let Opened { jpeg, colour, .. } = opened;
    let frame = &jpeg.frame;
    // A unit may have only so many blocks (T.81, B.2.3).
    let blocks = |component: &Component| usize::from(component.h) * usize::from(component.v);
    let too_many = frame.components.len() > 1 && frame.components.iter().map(blocks).sum::<usize>() > 10;
    let suits = matches!(scale.eighths(), 1 | 2)
        && matches!(colour, Colour::Grey | Colour::Rgb)
        && !too_many
        && frame.has_distinct_names();
    match (frame.coding, &jpeg.scans) {
        _ if !suits => None,
        (Coding::Sequential, None) => Some(Coded::InOneScan),
        (Coding::Progressive, Some(scans)) => Some(Coded::Progressive(scans)),
        _ => None,
    }
}

/// Whether the pixels of a file that [`decode`] supports are the same as those of libjpeg-turbo.
#[cfg(any(test, fuzzing))]
pub(super) fn is_exact(frame: &Frame, scale: Scale) -> bool {
    let one = |&component| Shape::new(component, frame, scale).is_some_and(|it| it.points == Points::ONE);
    frame.components.iter().all(one)
        || frame.coding == Coding::Progressive && progressive::means_are_all(frame, scale)
}

/// How the blocks of a component become rows of pixels at a scale.
#[derive(Clone, Copy)]
struct Shape {
    /// The blocks in a unit (MCU) of an interleaved scan, along and down.
    blocks: (usize, usize),
    /// The pixels that a block becomes.
    points: Points,
    /// How many times each sample is repeated, along and down.
    repeats: (usize, usize),
}

impl Shape {
    /// The shape of `component` at `scale`, or `None` if a block does not become a whole number of pixels.
    fn new(component: Component, frame: &Frame, scale: Scale) -> Option<Self> {
        let (most_h, most_v) = frame.most_sampled();
        let pixels = |factor: u8, most: u8| {
            let pixels = most * scale.eighths();
            pixels.is_multiple_of(factor).then_some(usize::from(pixels / factor))
        };
        let (along, down) = (pixels(component.h, most_h)?, pixels(component.v, most_v)?);
        let points = Points::up_to(along, down);
        let alone = frame.components.len() == 1;
        let blocks = if alone { (1, 1) } else { (component.h.into(), component.v.into()) };
        Some(Self { blocks, points, repeats: (along / points.along, down / points.down) })
    }
}
