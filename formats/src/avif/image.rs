//! The description of an AVIF file without its pixels: the primary image, its alpha channel, and how both are shown.
//!
//! Source: the AV1 Image File Format; ISO/IEC 23000-22 (MIAF), section 7; ISO/IEC 23008-12 (HEIF), section 6.

use std::ops::Range;

use super::boxes::Tolerance;
use super::colours::{Matrix, Nclx};
use super::fault::{AvifFault, Read};
use super::feature::Feature;
use super::geometry::{Crop, Layout};
use super::items::{Item, Meta};
use super::picture::{Picture, Pictures};
use crate::cursor::Cursor;
use crate::source::Source;

/// The description of a file. Positions are byte ranges that count from the start of the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Avif {
    /// The primary image, as stored.
    pub colour: Picture,
    /// The alpha channel of the primary image, which has the same size.
    pub alpha: Option<Picture>,
    /// Whether the colours are multiplied by alpha.
    pub premultiplied: bool,
    /// The part of the picture that is shown.
    pub crop: Crop,
    /// The number of quarter turns to the left that make the cropped picture upright, from 0 to 3.
    pub quarter_turns: u8,
    /// How the picture is mirrored after it is turned.
    pub mirror: Option<Mirror>,
    /// The range of the ICC profile, whose bytes are not checked.
    pub icc: Option<Range<u64>>,
    /// The meaning of the colours. The properties of the file take precedence over the AV1 data.
    pub colours: Nclx,
    /// The conversion of samples to red, green and blue. It has no meaning for a grey picture.
    pub matrix: Matrix,
    /// Whether the file ends before the data of items that are not needed.
    pub ended_early: bool,
}

/// The sides that are swapped when a picture is mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mirror {
    /// Top and bottom are swapped.
    TopBottom,
    /// Left and right are swapped.
    LeftRight,
}

impl Avif {
    /// Reads everything in a file except for its pixels.
    pub(super) fn read<S: Source>(cursor: &mut Cursor<'_, S>, tolerance: Tolerance) -> Read<Self, S> {
        let mut meta = Meta::read(cursor, tolerance)?;
        let parts = meta.relate(cursor)?;
        let whole = meta.items.get(&meta.primary).ok_or(AvifFault::Damaged("there is no primary image"))?;
        let mut pictures = Pictures::new(&meta);
        let colour = pictures.read(cursor, whole, &parts, None)?;

        let tiles = if &whole.kind == b"grid" { &parts[..] } else { &[] };
        let alpha = match alpha(&meta, whole, tiles)? {
            Alpha::None => None,
            Alpha::Item(id, item) => {
                let parts = meta.parts_of(cursor, id)?;
                Some(pictures.read(cursor, item, &parts, Some(colour.size))?)
            }
            Alpha::Tiles(items) => Some(pictures.tiles(cursor, colour.size, colour.columns, &items)?),
        };
        if alpha.as_ref().is_some_and(|alpha| alpha.size != colour.size) {
            return Err(AvifFault::Damaged("the alpha channel is of another size than the image"));
        }

        let first_tile = tiles.first().and_then(|tile| meta.items.get(tile));
        let premultiplied = [Some(whole), first_tile].into_iter().flatten().any(is_multiplied);
        // Some programs only describe the colours of a grid at its tiles.
        let described = || [Some(whole), first_tile].into_iter().flatten().map(|item| &item.properties);
        let icc = described().find_map(|properties| properties.icc.clone());
        let colours = described().find_map(|properties| properties.nclx).unwrap_or(colour.header.colours);
        let matrix = matrix(colour.header.layout, colours)?;

        let properties = &whole.properties;
        let crop = properties.crop.and_then(|numbers| Crop::of(numbers, colour.size));
        let mirror = |axis| if axis == 0 { Mirror::TopBottom } else { Mirror::LeftRight };
        Ok(Self {
            premultiplied: premultiplied && alpha.is_some(),
            crop: crop.unwrap_or(Crop::whole(colour.size)),
            quarter_turns: properties.rotation.unwrap_or(0),
            mirror: properties.mirror.map(mirror),
            icc,
            colours,
            matrix,
            ended_early: ends_early(&meta, cursor)?,
            colour,
            alpha,
        })
    }
}

/// The items that hold the alpha channel of an image.
enum Alpha<'m> {
    None,
    Item(u32, &'m Item),
    /// Each tile of the image has an alpha channel of its own.
    Tiles(Vec<u32>),
}

fn alpha<'m, E>(meta: &'m Meta, whole: &'m Item, tiles: &[u32]) -> Result<Alpha<'m>, AvifFault<E>> {
    if let Some(id) = whole.alpha {
        let item = meta.items.get(&id).ok_or(AvifFault::Damaged("there is no alpha channel"))?;
        return Ok(Alpha::Item(id, item));
    }
    let of_tiles = tiles.iter().map(|tile| meta.items.get(tile).and_then(|tile| tile.alpha));
    if of_tiles.clone().all(|alpha| alpha.is_none()) {
        return Ok(Alpha::None);
    }
    Ok(Alpha::Tiles(of_tiles.collect::<Option<_>>().ok_or(Feature::AlphaOfSomeTiles)?))
}

/// Whether the colours of an item are multiplied by its alpha channel.
fn is_multiplied(item: &Item) -> bool {
    item.alpha.is_some() && item.multiplied_with == item.alpha
}

fn matrix<E>(layout: Layout, colours: Nclx) -> Result<Matrix, AvifFault<E>> {
    if layout == Layout::I400 {
        return Ok(Matrix::Identity);
    }
    let matrix = Matrix::of(colours)?;
    if matrix == Matrix::Identity && layout.shifts() != (0, 0) {
        return Err(AvifFault::Damaged("some pixels have no red and no blue"));
    }
    Ok(matrix)
}

/// Whether the data of any item, needed or not, lies beyond the end of the file.
fn ends_early<S: Source>(meta: &Meta, cursor: &mut Cursor<'_, S>) -> Read<bool, S> {
    for place in meta.items.values().filter_map(|item| item.place) {
        match meta.places.pieces(cursor, place, |_| Ok(())) {
            // For data that consists of the data of other items, this is not known.
            Ok(()) | Err(AvifFault::Unsupported(_)) => {}
            Err(AvifFault::EndedEarly) => return Ok(true),
            Err(fault) => return Err(fault),
        }
    }
    Ok(false)
}
