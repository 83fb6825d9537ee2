//! A picture in one AV1 image, or in several that lie side by side.
//!
//! Source: ISO/IEC 23008-12 (HEIF), section 6.6.2.3; the AV1 Image File Format, sections 2 and 4.

use std::borrow::Cow;
use std::ops::Range;

use super::fault::{Fault, Read};
use super::feature::Feature;
use super::geometry::Size;
use super::items::{Item, MAX_ITEMS, Meta};
use super::places::MAX_EXTENTS;
use super::sequence::SequenceHeader;
use crate::cursor::{Cursor, Order};
use crate::source::Source;

/// A picture in one AV1 image, or in several that lie side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// In pixels, as stored.
    pub size: Size,
    /// Row by row.
    pub tiles: Vec<Tile>,
    /// How many tiles lie in a row.
    pub columns: u32,
    /// The size of each tile; together they may be larger than the picture.
    pub tile: Size,
    /// Which of the qualities in the AV1 data.
    pub operating_point: u8,
    /// What the AV1 data of all tiles has in common.
    pub header: SequenceHeader,
}

/// The AV1 data of one tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    pieces: Vec<Range<u64>>,
}

impl Tile {
    /// Gives the data out of the file that was read: without a copy, where it lies in one piece.
    #[must_use]
    pub fn bytes<'a>(&self, file: &'a [u8]) -> Cow<'a, [u8]> {
        let piece = |range: &Range<u64>| {
            let side = |offset: u64| usize::try_from(offset).ok();
            side(range.start).zip(side(range.end)).and_then(|(start, end)| file.get(start..end))
        };
        match &self.pieces[..] {
            [range] => Cow::Borrowed(piece(range).unwrap_or_default()),
            ranges => ranges.iter().filter_map(piece).flatten().copied().collect::<Vec<_>>().into(),
        }
    }
}

/// What is read of an item's data at most, to find its header.
const OPENING: usize = 1024;
/// In a file of blank tiles, all may be the same bytes; more often than this they are not repeated.
const MAX_REPETITION: u64 = 16;

/// Reads pictures, as many pieces and bytes of them as a file may have.
pub(super) struct Pictures<'m> {
    meta: &'m Meta,
    pieces: u64,
    bytes: u64,
}

impl<'m> Pictures<'m> {
    pub(super) fn new(meta: &'m Meta) -> Self {
        Self { meta, pieces: 0, bytes: 0 }
    }

    /// Reads the picture in `item`, which is made of `parts` if it is a grid, and is of the size `otherwise` if it
    /// does not say its own.
    pub(super) fn read<S: Source>(
        &mut self,
        cursor: &mut Cursor<'_, S>,
        item: &Item,
        parts: &[u32],
        otherwise: Option<Size>,
    ) -> Read<Picture, S> {
        let coding = coding(item)?;
        let size = item.properties.size.or(otherwise).ok_or(Fault::Damaged("the image has no size"))?;
        if size.pixels() == 0 {
            return Err(Fault::Damaged("the image has no pixels"));
        }
        match coding {
            Coding::Av1 => self.picture(cursor, size, 1, size, &[item]),
            Coding::Grid => {
                let pieces = self.pieces(cursor, item)?;
                let grid = Grid::read(&opening(cursor, &pieces, Grid::LENGTH)?);
                let grid = grid.filter(|grid| grid.size == size && grid.tiles() == parts.len() as u64);
                let grid = grid.ok_or(Fault::Damaged("the grid of tiles is damaged"))?;
                self.tiles(cursor, size, grid.columns, parts)
            }
        }
    }

    /// Reads a picture of `size` out of tiles.
    pub(super) fn tiles<S: Source>(
        &mut self,
        cursor: &mut Cursor<'_, S>,
        size: Size,
        columns: u32,
        tiles: &[u32],
    ) -> Read<Picture, S> {
        if tiles.len() > MAX_ITEMS {
            return Err(Fault::Damaged("there are too many tiles"));
        }
        let damaged = || Fault::Damaged("the grid of tiles is damaged");
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
            let pieces = self.pieces(cursor, item)?;
            let header = sequence_header(cursor, &pieces)?;
            let common = common.get_or_insert(header);
            if (header.size, header.layout, header.bits) != (common.size, common.layout, common.bits) {
                return Err(Fault::Damaged("the tiles of the image do not fit together"));
            }
            tiles.push(Tile { pieces });
        }
        let header = common.ok_or(Fault::Damaged("the image has no parts"))?;
        let point = items.first().and_then(|item| item.properties.operating_point).unwrap_or(0);
        if !fits(&header, tile) {
            return Err(Fault::Damaged("the AV1 data is of another size than its file says"));
        }
        let (across, down) = header.layout.shifts();
        let odd = |side: u32, shift: u32| !side.is_multiple_of(1 << shift);
        if items.len() > 1 && (odd(tile.width, across) || odd(tile.height, down)) {
            return Err(Fault::Damaged("the tiles of the image do not fit together"));
        }
        if point > 31 {
            return Err(Fault::Damaged("there is no such operating point"));
        }
        Ok(Picture { size, tiles, columns, tile, operating_point: point, header })
    }

    /// Gives where the bytes of an item are.
    fn pieces<S: Source>(&mut self, cursor: &mut Cursor<'_, S>, item: &Item) -> Read<Vec<Range<u64>>, S> {
        let place = item.place.ok_or(Fault::Damaged("a part of the image is nowhere"))?;
        let (mut pieces, mut length) = (Vec::new(), 0);
        let whole = cursor.length();
        self.meta.places.pieces(cursor, place, |piece| {
            self.pieces += 1;
            length += piece.end - piece.start;
            pieces.push(piece);
            // The same bytes a thousand times over are more than the file has.
            if length > whole || self.pieces > MAX_EXTENTS {
                return Err(Fault::Damaged("parts of the image overlap"));
            }
            Ok(())
        })?;
        self.bytes += length;
        if length == 0 {
            return Err(Fault::Damaged("a part of the image is empty"));
        }
        if self.bytes > whole.saturating_mul(MAX_REPETITION) {
            return Err(Fault::Damaged("parts of the image overlap"));
        }
        Ok(pieces)
    }
}

/// How the pixels of an item are coded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Av1,
    /// In other items, as tiles.
    Grid,
}

/// Gives the coding of an item, if the item is one that can be decoded.
fn coding<E>(item: &Item) -> Result<Coding, Fault<E>> {
    let coding = match &item.kind {
        b"av01" => Coding::Av1,
        b"grid" => Coding::Grid,
        b"iovl" | b"iden" | b"tmap" | b"sato" => return Err(Feature::DerivedImage.into()),
        b"hvc1" | b"hev1" => return Err(Feature::Hevc.into()),
        b"jpeg" | b"avc1" | b"vvc1" => return Err(Feature::OtherCoding.into()),
        _ => return Err(Fault::Damaged("there is no primary image")),
    };
    let properties = &item.properties;
    if properties.broken {
        return Err(Fault::Damaged("a property of the image is too short"));
    }
    if properties.unknown {
        return Err(Feature::UnknownProperty.into());
    }
    // All layers, of which the last is the best, are what is decoded anyway.
    if properties.layer.is_some_and(|layer| layer != 0xFFFF) {
        return Err(Feature::ChosenLayer.into());
    }
    Ok(coding)
}

/// What a grid says about itself.
struct Grid {
    rows: u32,
    columns: u32,
    size: Size,
}

impl Grid {
    /// Of the longest description, in bytes.
    const LENGTH: usize = 12;

    fn read(mut bytes: &[u8]) -> Option<Self> {
        let fields = &mut Cursor::new(&mut bytes);
        let wide = fields.u16(Order::Big).ok()? & 1 == 1;
        let (rows, columns) = (u32::from(fields.byte().ok()?) + 1, u32::from(fields.byte().ok()?) + 1);
        let mut side = || if wide { fields.u32(Order::Big) } else { fields.u16(Order::Big).map(u32::from) };
        let size = Size { width: side().ok()?, height: side().ok()? };
        Some(Self { rows, columns, size })
    }

    fn tiles(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.columns)
    }
}

/// Whether so many tiles cover a side of the picture, and all of them are needed.
fn covers(tiles: u32, tile: u32, whole: u32) -> bool {
    let all = u64::from(tiles) * u64::from(tile);
    all >= whole.into() && all - u64::from(tile) < whole.into()
}

/// Whether AV1 data of this header can be a tile of this size. Layers may be smaller than the largest of them.
fn fits(header: &SequenceHeader, tile: Size) -> bool {
    if header.layered {
        header.size.width >= tile.width && header.size.height >= tile.height
    } else {
        header.size == tile
    }
}

/// Reads the header of AV1 data, which is short as a rule.
fn sequence_header<S: Source>(cursor: &mut Cursor<'_, S>, pieces: &[Range<u64>]) -> Read<SequenceHeader, S> {
    for length in [64, OPENING] {
        if let Some(header) = SequenceHeader::find(&opening(cursor, pieces, length)?) {
            return Ok(header);
        }
    }
    Err(Fault::Damaged("the AV1 data has no header"))
}

/// Reads the first bytes in `pieces`, at most `length`.
fn opening<S: Source>(cursor: &mut Cursor<'_, S>, pieces: &[Range<u64>], length: usize) -> Read<Vec<u8>, S> {
    let mut bytes = Vec::with_capacity(length);
    for piece in pieces {
        let mut part = cursor.within(piece.clone());
        let count = part.remaining().min((length - bytes.len()) as u64);
        part.read_through(count, |piece| bytes.extend_from_slice(piece))?;
        if bytes.len() == length {
            break;
        }
    }
    Ok(bytes)
}
