//! Decodes a progressive file, of which only the coefficients are kept that the reduced pixels need.
//!
//! A scan adds coefficients or bits of them to all blocks, so that the pixels are only known after the last scan. A
//! general decoder holds all 64 coefficients of each block until then. This one holds 1 to 10 of them, and one bit for
//! each of the 64: a refinement scan has a bit for every coefficient that is not 0, so it cannot be read without
//! knowing which ones these are.
//!
//! Scans that have nothing to do with the kept coefficients are skipped, as in `trim`.

use super::{
    super::{scale::Scale, trim},
    Shape, bands,
    canvas::{Canvas, Plane},
    inverse::Points,
    kept::Kept,
    means,
    tables::Tables,
};
use resizinator_formats::jpeg::{Component, Frame, Scan, Scans};

/// What is done with the scans of a file.
struct Plan {
    shapes: Vec<Shape>,
    /// For each component, whether a refinement scan of its AC coefficients is read.
    refined: Vec<bool>,
    /// For each scan, whether it is read.
    read: Vec<bool>,
}

impl Plan {
    /// Returns `None` if this decoder does not support the file.
    fn new(frame: &Frame, scans: &Scans<'_>, scale: Scale) -> Option<Self> {
        if !scans.complete || !trim::refines_to_the_end(&scans.list, frame.components.len()) {
            return None;
        }
        let means_are_all = means_are_all(frame, scale);
        let shape = |&component: &Component| {
            let Shape { blocks, points, repeats } = Shape::new(component, frame, scale)?;
            let of_mean = (repeats.0 * points.along, repeats.1 * points.down);
            let (points, repeats) = if means_are_all { (Points::ONE, of_mean) } else { (points, repeats) };
            Some(Shape { blocks, points, repeats })
        };
        let shapes = frame.components.iter().map(shape).collect::<Option<Vec<_>>>()?;

        // A refinement scan that is read needs the earlier scans of all its coefficients, so that the last scan has to
        // be looked at first.
        let mut needed: Vec<_> = shapes.iter().map(|shape| bands::bits((1, shape.points.last()))).collect();
        let mut refined = vec![false; shapes.len()];
        let mut is_read = |scan: &Scan<'_>| {
            let header = &scan.header;
            let (band, component) = (bands::bits(header.band), header.components[0].index);
            let is_read = header.band.0 == 0 || needed[component] & band != 0;
            if is_read && header.band.0 > 0 && header.approximation.0 > 0 {
                needed[component] |= band;
                refined[component] = true;
            }
            is_read
        };
        let mut read: Vec<_> = scans.list.iter().rev().map(&mut is_read).collect();
        read.reverse();
        Some(Self { shapes, refined, read })
    }
}

/// Whether the means are all that is used of a file. If each component becomes one pixel per block in libjpeg-turbo,
/// those are enough, even if a component could become more.
pub(super) fn means_are_all(frame: &Frame, scale: Scale) -> bool {
    trim::superfluous(frame, scale).iter().all(|&superfluous| superfluous)
}

/// An upper bound of the bytes that the kept coefficients take. Returns `None` if this decoder does not support the
/// file.
pub(super) fn memory(frame: &Frame, scans: &Scans<'_>, scale: Scale) -> Option<u64> {
    let plan = Plan::new(frame, scans, scale)?;
    let units = frame.units();
    let bytes = |(&shape, &refined): (&Shape, &bool)| {
        let blocks = u64::from(units.0) * u64::from(units.1) * (shape.blocks.0 * shape.blocks.1) as u64;
        blocks * Kept::bytes_of_a_block(shape, refined)
    };
    Some(plan.shapes.iter().zip(&plan.refined).map(bytes).sum())
}

pub(super) fn decode(frame: &Frame, scans: &Scans<'_>, scale: Scale) -> Option<Vec<u8>> {
    let plan = Plan::new(frame, scans, scale)?;
    let (along, down) = frame.units();
    let kept = |(&shape, &refined): (&Shape, &bool)| {
        let blocks = (along as usize * shape.blocks.0, down as usize * shape.blocks.1);
        Kept::new(shape, blocks, refined)
    };
    let mut components: Vec<_> = plan.shapes.iter().zip(&plan.refined).map(kept).collect();

    let mut tables = Tables::default();
    for (scan, is_read) in scans.list.iter().zip(&plan.read) {
        tables.read(scan.tables)?;
        if scan.header.band.0 == 0 {
            means::read(frame, scan, &tables, &mut components)?;
        } else if *is_read {
            bands::read(frame, scan, &tables, &mut components)?;
        }
    }

    let colours = tables.colours(&frame.components)?;
    let mut canvas = Canvas::new(scale.of(frame.width), scale.of(frame.height), colours);
    let mut planes: Vec<_> = plan.shapes.iter().map(|&shape| Plane::new(shape, along)).collect();
    for row in 0..down as usize {
        for (plane, kept) in planes.iter_mut().zip(&components) {
            kept.write(row, plane)?;
        }
        canvas.push(&planes.iter().collect::<Vec<_>>());
    }
    Some(canvas.finish())
}
