//! A picture, which consists of one AV1 image or of a grid of several.
//!
//! Source: ISO/IEC 23008-12 (HEIF), section 6.6.2.3; the AV1 Image File Format, sections 2 and 4.

use std::collections::BTreeMap;
use std::ops::Range;

use super::coding::{Coding, coding};
use super::fault::{AvifFault, Read};
use super::geometry::Size;
use super::grid::{Grid, covers};
use super::items::{Item, MAX_ITEMS, Meta};
use super::places::MAX_EXTENTS;
use super::sequence::SequenceHeader;
use super::tile::{Tile, opening, sequence_header};
use crate::cursor::Cursor;
use crate::source::Source;

/// A picture, which consists of one AV1 image or of a grid of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The size in pixels, as stored.
    pub size: Size,
    /// The tiles, row by row.
    pub tiles: Vec<Tile>,
    /// The number of tiles in a row.
    pub columns: u32,
    /// The size of each tile. Together they may be larger than the picture.
    pub tile: Size,
    /// The operating point (quality level) of the AV1 data.
    pub operating_point: u8,
    /// The sequence header that the AV1 data of all tiles has in common.
    pub header: SequenceHeader,
}

/// How many times as many bytes as the file has may be used in total. It is more than 1 because blank tiles may share
/// the same bytes.
const MAX_REPETITION: u64 = 16;

/// A reader of pictures, which enforces the limits on pieces and bytes in a file.
pub(super) struct Pictures<'m> {
    meta: &'m Meta,
    /// The tiles that have been read already, since one item may occur in a grid more than once.
    known: BTreeMap<u32, (SequenceHeader, Vec<Range<u64>>)>,
    pieces: u64,
    bytes: u64,
}

impl<'m> Pictures<'m> {
    pub(super) fn new(meta: &'m Meta) -> Self {
        Self { meta, known: BTreeMap::new(), pieces: 0, bytes: 0 }
    }

    /// Reads the picture in `item`. If the item is a grid, it consists of `parts`. If it does not state its size, it
    /// has the size `otherwise`.
    pub(super) fn read<S: Source>(
        &mut self,
        cursor: &mut Cursor<'_, S>,
        item: &Item,
        parts: &[u32],
        otherwise: Option<Size>,
    ) -> Read<Picture, S> {
        let coding = coding(item)?;
        let size = item.properties.size.or(otherwise).ok_or(AvifFault::Damaged("the image has no size"))?;
        if size.pixels() == 0 {
            return Err(AvifFault::Damaged("the image has no pixels"));
        }
        match coding {
            Coding::Av1 => self.picture(cursor, size, 1, size, &[item]),
            Coding::Grid => {
                let pieces = self.pieces(cursor, item)?;
                let grid = Grid::read(&opening(cursor, &pieces, Grid::LENGTH)?);
                let grid = grid.filter(|grid| grid.size == size && grid.tiles() == parts.len() as u64);
                let grid = grid.ok_or(AvifFault::Damaged("the grid of tiles is damaged"))?;
                self.tiles(cursor, size, grid.columns, parts)
            }
        }
    }

    /// Reads a picture of `size` that consists of tiles.
    pub(super) fn tiles<S: Source>(
        &mut self,
        cursor: &mut Cursor<'_, S>,
        size: Size,
        columns: u32,
        tiles: &[u32],
    ) -> Read<Picture, S> {
        if tiles.len() > MAX_ITEMS {
            return Err(AvifFault::Damaged("there are too many tiles"));
        }
        let damaged = || AvifFault::Damaged("the grid of tiles is damaged");
        let items = tiles.iter().map(|tile| self.meta.items.get(tile)).collect::<Option<Vec<_>>>();
        let items = items.ok_or_else(damaged)?;
        let tile = items.first().and_then(|tile| tile.properties.size).ok_or_else(damaged)?;
        let rows = items.len() as u32 / columns;
        if !covers(columns, tile.width, size.width) || !covers(rows, tile.height, size.height) {
            return Err(damaged());
        }
        for item in &items {
            if coding(item)? != Coding::Av1 || item.properties.size != Some(tile) {
                return Err(damaged());
            }
        }
        self.picture(cursor, size, columns, tile, &items)
    }

    fn picture<S: Source>(
        &mut self,
        cursor: &mut Cursor<'_, S>,
        size: Size,
        columns: u32,
        tile: Size,
        items: &[&Item],
    ) -> Read<Picture, S> {
        let mut tiles = Vec::with_capacity(items.len());
        let mut common: Option<SequenceHeader> = None;
        for item in items {
            let (header, pieces) = self.tile(cursor, item)?;
            let common = common.get_or_insert(header);
            if (header.size, header.layout, header.bits) != (common.size, common.layout, common.bits) {
                return Err(AvifFault::Damaged("the tiles of the image do not fit together"));
            }
            tiles.push(Tile { pieces });
        }
        let header = common.ok_or(AvifFault::Damaged("the image has no parts"))?;
        let point = items.first().and_then(|item| item.properties.operating_point).unwrap_or(0);
        if !fits(&header, tile) {
            return Err(AvifFault::Damaged("the AV1 data is of another size than its file says"));
        }
        let (across, down) = header.layout.shifts();
        let odd = |side: u32, shift: u32| !side.is_multiple_of(1 << shift);
        if items.len() > 1 && (odd(tile.width, across) || odd(tile.height, down)) {
            return Err(AvifFault::Damaged("the tiles of the image do not fit together"));
        }
        if point > 31 {
            return Err(AvifFault::Damaged("there is no such operating point"));
        }
        Ok(Picture { size, tiles, columns, tile, operating_point: point, header })
    }

    /// Returns the header of a tile and the ranges of its bytes.
    fn tile<S: Source>(
        &mut self,
        cursor: &mut Cursor<'_, S>,
        item: &Item,
    ) -> Read<(SequenceHeader, Vec<Range<u64>>), S> {
        if let Some((header, pieces)) = self.known.get(&item.id) {
            let (header, pieces) = (*header, pieces.clone());
            for piece in &pieces {
                self.count(cursor.length(), piece)?;
            }
            return Ok((header, pieces));
        }
        let pieces = self.pieces(cursor, item)?;
        let header = sequence_header(cursor, &pieces)?;
        self.known.insert(item.id, (header, pieces.clone()));
        Ok((header, pieces))
    }

    /// Counts a piece of an item in a file of `whole` bytes, and fails if there are too many pieces or bytes.
    fn count<E>(&mut self, whole: u64, piece: &Range<u64>) -> Result<(), AvifFault<E>> {
        self.pieces += 1;
        self.bytes += piece.end - piece.start;
        // This also catches a file that uses the same bytes a thousand times.
        if self.pieces > MAX_EXTENTS || self.bytes > whole.saturating_mul(MAX_REPETITION) {
            return Err(AvifFault::Damaged("parts of the image overlap"));
        }
        Ok(())
    }

    /// Returns the ranges of the bytes of an item.
    fn pieces<S: Source>(&mut self, cursor: &mut Cursor<'_, S>, item: &Item) -> Read<Vec<Range<u64>>, S> {
        let place = item.place.ok_or(AvifFault::Damaged("a part of the image is nowhere"))?;
        let (mut pieces, mut length) = (Vec::new(), 0);
        let whole = cursor.length();
        let places = &self.meta.places;
        places.pieces(cursor, place, |piece| {
            self.count(whole, &piece)?;
            length += piece.end - piece.start;
            pieces.push(piece);
            if length > whole { Err(AvifFault::Damaged("parts of the image overlap")) } else { Ok(()) }
        })?;
        if length == 0 {
            return Err(AvifFault::Damaged("a part of the image is empty"));
        }
        Ok(pieces)
    }
}

/// Whether AV1 data with this header can be a tile of this size. Layers may be smaller than the largest one.
fn fits(header: &SequenceHeader, tile: Size) -> bool {
    if header.layered {
        header.size.width >= tile.width && header.size.height >= tile.height
    } else {
        header.size == tile
    }
}
