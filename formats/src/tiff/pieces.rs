//! The pieces of an image: the strips or tiles, each of which is compressed separately.

use super::directory::Directory;
use super::entry::Entry;
use super::image::{MAX_LIST, side};
use super::layout::Layout;
use super::tag::Tag;
use crate::cursor::{Cursor, ReadError};
use crate::fault::{Fault, Found};
use crate::source::Source;

/// The number of positions of pieces that are read at a time.
const BATCH: usize = 512;

/// The strips or tiles of an image. They are stored one plane after the other, and in each plane from left to right and
/// from top to bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pieces {
    /// Whether the pieces are tiles, whose right and lower edges may lie outside of the image. Otherwise they are
    /// strips, which end with the image.
    pub are_tiles: bool,
    /// The width of a piece in pixels.
    pub width: u32,
    /// The height of a piece in pixels. The last strip of a plane may be lower. A strip is at most as high as the
    /// image.
    pub height: u32,
    /// The number of pieces in a row.
    pub across: u32,
    /// The number of rows of pieces in a plane.
    pub down: u32,
    /// The number of planes: 1, or the number of samples per pixel if they are stored separately.
    pub planes: u16,
    /// The number of samples of a pixel in each piece.
    pub samples_in_each: u16,
    /// The number of bits of a pixel in each piece.
    pub(super) bits_of_pixel: u64,
    /// The offsets of the pieces.
    pub offsets: Entry,
    /// The lengths of the pieces in bytes.
    pub byte_counts: Entry,
}

impl Pieces {
    /// Reads the pieces from `directory`. The bits and samples of a pixel have to be filled in later.
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
        // Some programs list tiles under the tags of strips, which libtiff accepts too.
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

    /// The index of the piece in column `x` and row `y` of `plane`.
    #[must_use]
    pub fn index(&self, plane: u16, y: u32, x: u32) -> u64 {
        let row = u64::from(plane) * u64::from(self.down) + u64::from(y);
        row * u64::from(self.across) + u64::from(x)
    }

    /// The number of bits in a row of a piece.
    pub(super) fn row_bits(&self) -> Option<u64> {
        self.bits_of_pixel.checked_mul(self.width.into())
    }

    /// The number of bytes in a row of a piece.
    #[must_use]
    pub fn row_bytes(&self) -> u64 {
        self.row_bits().map_or(u64::MAX, |bits| bits.div_ceil(8))
    }

    /// The number of bytes of a decompressed piece of an image of `height` rows.
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

    /// Passes the position of each piece to `each`. Uncompressed pieces are at least as long as their pixels need,
    /// whatever length the file states.
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

/// The position of a piece.
pub(super) struct Place {
    /// The offset of the first byte after the piece.
    pub(super) end: u64,
    /// Whether the piece is left out of the file, which means that all its pixels are 0.
    pub(super) left_out: bool,
}
