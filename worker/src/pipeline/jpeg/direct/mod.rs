//! The project's own decoder, which decodes undamaged files at an eighth or a quarter of their size.
//!
//! At these scales most of a file is not needed: of each block of 8 × 8 coefficients, the reduced pixels only need the
//! mean (DC) and the few lowest of the others (AC). A general decoder has to read all of them one by one; this one
//! skips the others several at a time. And if the inverse DCT can do the upsampling of a component, it does.
//!
//! 1. `tables`: reads the segments before the data.
//! 2. `sequential`: decodes all coefficients in one scan; `progressive`: decodes only the scans with the means.
//! 3. `huffman`: reads codes one by one; `lowest`: reads the needed coefficients; `groups`: skips the others.
//! 4. `inverse`: computes the pixels of a block.
//! 5. `canvas`: converts the components' rows to pixels.
//!
//! If every component becomes one pixel per block, the pixels are the same as those of libjpeg-turbo. If one becomes
//! more, they are closer to the whole picture than those of libjpeg-turbo (ADR 10).
//!
//! Unusual and damaged files are left to libjpeg-turbo: for these, this decoder returns no pixels at all.

mod canvas;
mod groups;
mod huffman;
mod inverse;
mod lowest;
mod progressive;
mod sequential;
mod tables;

use super::{
    opened::{Colour, Opened},
    scale::Scale,
};
use inverse::Points;
use resizinator_formats::jpeg::{Component, Frame, marker::Coding};

/// Decodes the samples of the picture at `scale`, row by row. Returns `None` if this decoder does not support the file.
pub(super) fn decode(opened: &Opened<'_>, scale: Scale) -> Option<Vec<u8>> {
    let Opened { jpeg, colour, .. } = opened;
    let frame = &jpeg.frame;
    // A unit may have only so many blocks (T.81, B.2.3).
    let blocks = |component: &Component| usize::from(component.h) * usize::from(component.v);
    let too_many = frame.components.len() > 1 && frame.components.iter().map(blocks).sum::<usize>() > 10;
    let suits = matches!(scale.eighths(), 1 | 2)
        && matches!(colour, Colour::Grey | Colour::Rgb)
        && !too_many
        && frame.has_distinct_names();
    if !suits {
        return None;
    }
    match (frame.coding, &jpeg.scans) {
        (Coding::Sequential, None) => sequential::decode(jpeg, scale),
        (Coding::Progressive, Some(scans)) => progressive::decode(frame, scans, scale),
        _ => None,
    }
}

/// Whether the pixels of a file that [`decode`] supports are the same as those of libjpeg-turbo.
#[cfg(any(test, fuzzing))]
pub(super) fn is_exact(frame: &Frame, scale: Scale) -> bool {
    let one = |&component| Shape::new(component, frame, scale).is_some_and(|it| it.points == Points::ONE);
    frame.coding == Coding::Progressive || frame.components.iter().all(one)
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
