//! What an AVIF file consists of, without any pixel: the primary image, its alpha channel, and how both are meant to
//! be seen.
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

/// What is in a file: sizes, meanings and byte ranges. Parts of the file are ranges from its start.
#[derive(Clone, Debug, PartialEq)]
pub struct Avif {
    /// The primary image, as stored.
    pub colour: Picture,
    /// Its alpha channel, of the same size.
    pub alpha: Option<Picture>,
    /// Whether the colours were multiplied with the alpha.
    pub premultiplied: bool,
    /// The part of the picture that is to be seen.
    pub crop: Crop,
    /// Quarter turns to the left that make the cropped picture upright: 0 to 3.
    pub quarter_turns: u8,
    /// How the picture is mirrored after it was turned.
    pub mirror: Option<Mirror>,
    /// Where an ICC profile is, which is not looked into.
    pub icc: Option<Range<u64>>,
    /// What the colours mean; what the file says about it overrules the AV1 data.
    pub colours: Nclx,
    /// How samples become red, green and blue. Of a grey picture, it means nothing.
    pub matrix: Matrix,
    /// Whether bytes of items that are not needed lie behind the end of the file.
    pub ended_early: bool,
}

/// What is swapped when a picture is mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mirror {
    /// Top and bottom.
    TopBottom,
    /// Left and right.
    LeftRight,
}

impl Avif {
    /// Reads all that a file says in front of its pixels.
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
        // Some writers say what a grid's colours are at its tiles only.
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

/// Where the alpha channel of an image is.
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

/// Whether the colours of an item were multiplied with its alpha channel.
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

/// Whether some item, needed or not, lies behind the end of the file.
fn ends_early<S: Source>(meta: &Meta, cursor: &mut Cursor<'_, S>) -> Read<bool, S> {
    for place in meta.items.values().filter_map(|item| item.place) {
        match meta.places.pieces(cursor, place, |_| Ok(())) {
            // Of bytes that are made of other items' nothing is known here.
            Ok(()) | Err(AvifFault::Unsupported(_)) => {}
            Err(AvifFault::EndedEarly) => return Ok(true),
            Err(fault) => return Err(fault),
        }
    }
    Ok(false)
}
