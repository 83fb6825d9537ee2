//! Our own decoder for an eighth and a quarter of a file that is in perfect order.
//!
//! At these scales most of a file is of no use: of each block of 8 × 8 coefficients, `N × M` pixels need the mean (DC)
//! and the few lowest of the others (AC). A general decoder has to tell all of them apart, one by one; here the others
//! are passed over some at a time. And no component is enlarged after its inverse DCT if that can do it.
//!
//! 1. `tables`: the segments before the data.
//! 2. `sequential`: all coefficients in one scan; `progressive`: the scans with the means, where that is all it takes.
//! 3. `huffman`: codes one by one; `lowest`: the coefficients that are looked at; `groups`: those that are not.
//! 4. `inverse`: the pixels of a block.
//! 5. `canvas`: from the components' rows to pixels.
//!
//! Where every component becomes one pixel a block, the pixels are those of libjpeg-turbo. Where one becomes more, they
//! are nearer to the whole picture's than libjpeg-turbo's (ADR 10).
//!
//! What is odd or damaged is left to libjpeg-turbo: then there are no pixels, not even some.

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

/// The samples of the picture at `scale`, row by row; `None` if the file is not one for this decoder.
pub(super) fn decode(opened: &Opened<'_>, scale: Scale) -> Option<Vec<u8>> {
    let Opened { jpeg, colour, .. } = opened;
    let frame = &jpeg.frame;
    // More blocks than a unit may have (T.81, B.2.3).
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

/// Whether the pixels of a file that [`decode`] takes are those of libjpeg-turbo.
#[cfg(any(test, fuzzing))]
pub(super) fn is_exact(frame: &Frame, scale: Scale) -> bool {
    let one = |&component| Shape::new(component, frame, scale).is_some_and(|it| it.points == Points::ONE);
    frame.coding == Coding::Progressive || frame.components.iter().all(one)
}

/// How a component's blocks become rows of pixels at a scale.
#[derive(Clone, Copy)]
struct Shape {
    /// Blocks of an interleaved scan's unit (MCU), along and down.
    blocks: (usize, usize),
    /// Of a block.
    points: Points,
    /// How often each sample is repeated, along and down.
    repeats: (usize, usize),
}

impl Shape {
    /// `None` if a block does not become a whole number of pixels.
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
