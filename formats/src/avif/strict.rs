//! The strict reading of an AVIF, which checks that all boxes fit, that all items lie in the file, and that the primary
//! image can be decoded.

use super::boxes::Tolerance;
use super::fault::AvifFault;
use super::feature::Feature;
use super::geometry::Size;
use super::image::Avif;
use crate::cursor::Cursor;
use crate::inspect::{Inspected, ensure};
use crate::limits::ImageLimits;
use crate::refusal::{InspectError, Refusal};
use crate::source::Source;

/// Checks the boxes and the headers in them, and returns the size of the primary image before cropping and turning.
pub(crate) fn inspect<S: Source>(
    cursor: &mut Cursor<'_, S>,
    limits: &ImageLimits,
) -> Inspected<(u32, u32), S> {
    let image = Avif::read(cursor, Tolerance::Strict)?;
    ensure(!image.ended_early)?;
    let Size { width, height } = image.colour.size;
    let tiles = [Some(image.colour.tile), image.alpha.map(|alpha| alpha.tile)];
    let is_large = |tile: &Size| tile.pixels() > limits.pixels || tile.width.max(tile.height) > limits.side;
    // The size of the image itself is checked against the limits later, as for the other formats.
    if !is_large(&image.colour.size) && tiles.iter().flatten().any(is_large) {
        return Err(Refusal::Feature(Feature::LargeTiles.to_string().into()).into());
    }
    Ok((width, height))
}

impl<E> From<AvifFault<E>> for InspectError<E> {
    fn from(fault: AvifFault<E>) -> Self {
        Self::Refused(match fault {
            AvifFault::EndedEarly | AvifFault::Damaged(_) => Refusal::Invalid,
            AvifFault::Unsupported(Feature::Hevc) => Refusal::Format("HEIC"),
            AvifFault::Unsupported(feature) => Refusal::Feature(feature.to_string().into()),
            AvifFault::Source(error) => return Self::Source(error),
        })
    }
}
