//! The strips or tiles of an image: the pieces that are compressed by themselves.

use super::directory::Directory;
use super::entry::Entry;
use super::image::{MAX_LIST, side};
use super::layout::Layout;
use super::tag::Tag;
use crate::cursor::{Cursor, ReadError};
use crate::fault::{Fault, Found};
use crate::source::Source;

/// How many places of pieces are read at a time.
const BATCH: usize = 512;

/// The strips or tiles of an image, one plane after the other, each from the left to the right and from the top to
/// the bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pieces {
    /// Tiles, whose right and lower edges may lie outside of the image; else strips, which end with it.
    pub are_tiles: bool,
    /// Of a piece, in pixels.
    pub width: u32,
    /// Of a piece, in pixels; the last strip of a plane may have fewer. At most that of the image for strips.
    pub height: u32,
    /// How many pieces lie beside each other.
    pub across: u32,
    /// How many pieces of a plane lie below each other.
    pub down: u32,
    /// 1, or the samples of a pixel if they are stored apart.
    pub planes: u16,
    /// The samples of a pixel in each piece.
    pub samples_in_each: u16,
    /// The bits of a pixel in each piece.
    pub(super) bits_of_pixel: u64,
    /// Where the pieces start.
    pub offsets: Entry,
    /// How many bytes they have.
    pub byte_counts: Entry,
}

impl Pieces {
    /// Reads what `directory` says of its pieces; the bits and samples of a pixel are to be filled in.
    pub(super) fn read<S: Source>(
        layout: Layout,
        cursor: &mut Cursor<'_, S>,
        directory: &Directory,
        (image_width, image_height): (u32, u32),
        planes: u16,
    ) -> Found<Self, S> {
        let are_tiles = directory.entry(Tag::TileWidth).is_some();
        let (width, height) = if are_tiles {
            let width = directory.number(layout, cursor, Tag::TileWidth)?;
            let height = directory.number(layout, cursor, Tag::TileLength)?;
            (side(width)?, side(height)?)
        } else {
            let rows = directory.number(layout, cursor, Tag::RowsPerStrip)?;
            let rows = rows.unwrap_or(image_height.into()).min(image_height.into());
            (image_width, side(Some(rows))?)
        };
        // Some writers list tiles under the tags of strips; libtiff takes them too.
        let either = |of_tiles, of_strips| {
            let listed = if are_tiles { directory.entry(of_tiles) } else { None };
            listed.or_else(|| directory.entry(of_strips)).cloned()
        };
        let offsets = either(Tag::TileOffsets, Tag::StripOffsets)
            .ok_or(Fault::Damaged("there are no strips or tiles"))?;
        let byte_counts = either(Tag::TileByteCounts, Tag::StripByteCounts)
            .ok_or(Fault::Unsupported("strips or tiles of unknown length".into()))?;
        let (across, down) = (image_width.div_ceil(width), image_height.div_ceil(height));
        let expected = u64::from(across) * u64::from(down);
        let expected = expected
            .checked_mul(planes.into())
            .ok_or(Fault::Damaged("there are too many strips or tiles"))?;
        for list in [&offsets, &byte_counts] {
            if list.count != expected || list.value.end - list.value.start > MAX_LIST {
                return Err(Fault::Damaged("the number of strips or tiles does not fit the size"));
            }
            if list.value.end > cursor.length() {
                return Err(ReadError::EndedEarly.into());
            }
        }
        Ok(Self {
            are_tiles,
            width,
            height,
            across,
            down,
            planes,
            samples_in_each: 1,
            bits_of_pixel: 1,
            offsets,
            byte_counts,
        })
    }

    /// The number of the piece in column `x` and row `y` of `plane`.
    #[must_use]
    pub fn index(&self, plane: u16, y: u32, x: u32) -> u64 {
        let row = u64::from(plane) * u64::from(self.down) + u64::from(y);
        row * u64::from(self.across) + u64::from(x)
    }

    /// The bits of a row of a piece.
    pub(super) fn row_bits(&self) -> Option<u64> {
        self.bits_of_pixel.checked_mul(self.width.into())
    }

    /// The bytes of a row of a piece.
    #[must_use]
    pub fn row_bytes(&self) -> u64 {
        self.row_bits().map_or(u64::MAX, |bits| bits.div_ceil(8))
    }

    /// The bytes of a piece of an image of `height` rows once it is decompressed.
    fn bytes(&self, index: u64, height: u32) -> u64 {
        let y = index / u64::from(self.across) % u64::from(self.down);
        let rows = if self.are_tiles {
            u64::from(self.height)
        } else {
            u64::from(self.height).min(u64::from(height) - y * u64::from(self.height))
        };
        rows.saturating_mul(self.row_bytes())
    }

    /// The first two bytes of the first piece, if it lies in the file.
    pub(super) fn opening<S: Source>(
        &self,
        layout: Layout,
        cursor: &mut Cursor<'_, S>,
    ) -> Found<Option<[u8; 2]>, S> {
        let mut offset = [0];
        if self.offsets.numbers_from(layout, cursor, 0, &mut offset)? == 0 || cursor.go_to(offset[0]).is_err()
        {
            return Ok(None);
        }
        match cursor.array() {
            Ok(bytes) => Ok(Some(bytes)),
            Err(ReadError::EndedEarly) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives the place of each piece to `each`. Pieces that are not compressed are at least as long as their pixels
    /// need, whatever the file says of their length.
    pub(super) fn places<S: Source>(
        &self,
        layout: Layout,
        cursor: &mut Cursor<'_, S>,
        image_height: u32,
        compressed: bool,
        mut each: impl FnMut(Place) -> Found<(), S>,
    ) -> Found<(), S> {
        let (mut offsets, mut lengths) = ([0; BATCH], [0; BATCH]);
        let mut index = 0;
        while index < self.offsets.count {
            let count = self.offsets.numbers_from(layout, cursor, index, &mut offsets)?;
            self.byte_counts.numbers_from(layout, cursor, index, &mut lengths)?;
            for (&start, &stated) in offsets[..count].iter().zip(&lengths) {
                let needed = if compressed { 0 } else { self.bytes(index, image_height) };
                let length = stated.max(needed);
                let left_out = stated == 0 && (compressed || start == 0);
                each(Place { end: start.saturating_add(length), left_out })?;
                index += 1;
            }
        }
        Ok(())
    }
}

/// Where a piece lies.
pub(super) struct Place {
    /// The offset of the first byte after it.
    pub(super) end: u64,
    /// The file does not have it, which means that its pixels are all 0.
    pub(super) left_out: bool,
}
