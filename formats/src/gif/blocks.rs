//! The grammar of GIF: the logical screen and the blocks that follow it.
//!
//! Source: GIF89a specification, <https://www.w3.org/Graphics/GIF/spec-gif89a.txt>, §§ 15 to 27.

use std::ops::Range;

use crate::cursor::{Cursor, Order, ReadError};
use crate::source::Source;

const SIGNATURE: u64 = 6;
const TERMINATOR: u8 = 0;
const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2C;
const TRAILER: u8 = 0x3B;

type Read<T, S> = Result<T, ReadError<<S as Source>::Error>>;

/// The logical screen (§ 18): the canvas of every frame.
#[derive(Clone, Debug)]
pub(crate) struct Screen {
    width: u16,
    height: u16,
    /// The global colour table, or the part of it that the file has. It is empty if there is none.
    pub(crate) palette: Range<u64>,
    /// Whether the file ends within the colour table.
    pub(crate) cut: bool,
}

impl Screen {
    /// Reads the start of a file: the signature, the logical screen and the global colour table.
    pub(crate) fn read<S: Source>(cursor: &mut Cursor<'_, S>) -> Read<Self, S> {
        cursor.skip(SIGNATURE)?;
        let width = cursor.u16(Order::Little)?;
        let height = cursor.u16(Order::Little)?;
        let [flags, _background, _aspect] = cursor.array()?;
        let (palette, cut) = colour_table(cursor, flags)?;
        Ok(Self { width, height, palette, cut })
    }

    /// The width and height of the canvas. If the screen has no size, as in some old files, it is that of the first
    /// frame, as in browsers.
    pub(crate) fn canvas(&self, first: &Image) -> (u32, u32) {
        if self.width == 0 || self.height == 0 {
            (first.width.into(), first.height.into())
        } else {
            (self.width.into(), self.height.into())
        }
    }
}

/// A block that follows the screen.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    Extension(Extension),
    /// A frame. A frame without pixels counts too, because its delay is shown.
    Image(Image),
    Trailer,
    /// A byte that no block starts with.
    Unknown,
}

/// An extension block (§§ 23 to 26).
#[derive(Clone, Debug)]
pub(crate) struct Extension {
    pub(crate) label: u8,
    pub(crate) data: SubBlocks,
}

/// An image descriptor, its local colour table and its compressed pixels (§§ 20 to 22).
#[derive(Clone, Debug)]
pub(crate) struct Image {
    pub(crate) left: u16,
    pub(crate) top: u16,
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) interlaced: bool,
    /// The local colour table, or the part of it that the file has. It is empty if there is none.
    pub(crate) palette: Range<u64>,
    /// The `LZW Minimum Code Size`, or 0 if the file ends before it.
    pub(crate) code_size: u8,
    pub(crate) data: SubBlocks,
}

/// Data sub-blocks (§ 15), or the part of them that the file has.
#[derive(Clone, Debug)]
pub(crate) struct SubBlocks {
    /// The range of the sub-blocks, with the length byte before each and without the terminator.
    pub(crate) range: Range<u64>,
    /// Whether the file ends before the terminator.
    pub(crate) cut: bool,
}

impl Block {
    /// The next block, or `None` at the end of the file. Extra terminators, which some encoders write between blocks,
    /// are skipped.
    ///
    /// # Errors
    /// [`ReadError::EndedEarly`] if the file ends within the header of the block. If it ends later, the block has the
    /// part that is there and is [cut](Self::is_cut).
    pub(crate) fn next<S: Source>(cursor: &mut Cursor<'_, S>) -> Read<Option<Self>, S> {
        while cursor.remaining() > 0 {
            return Ok(Some(match cursor.byte()? {
                TERMINATOR => continue,
                EXTENSION => {
                    Self::Extension(Extension { label: cursor.byte()?, data: SubBlocks::pass(cursor)? })
                }
                IMAGE => Self::Image(Image::read(cursor)?),
                TRAILER => Self::Trailer,
                _ => Self::Unknown,
            }));
        }
        Ok(None)
    }

    /// Whether the file ends within the block.
    pub(crate) fn is_cut(&self) -> bool {
        match self {
            Self::Extension(extension) => extension.data.cut,
            Self::Image(image) => image.data.cut,
            Self::Trailer | Self::Unknown => false,
        }
    }
}

impl Image {
    fn read<S: Source>(cursor: &mut Cursor<'_, S>) -> Read<Self, S> {
        let header: [u8; 9] = cursor.array()?;
        let number = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        let flags = header[8];
        let (palette, _) = colour_table(cursor, flags)?;
        // If the byte is missing, nothing is left, and the data after it are cut.
        let code_size = if cursor.remaining() > 0 { cursor.byte()? } else { 0 };
        Ok(Self {
            left: number(0),
            top: number(2),
            width: number(4),
            height: number(6),
            interlaced: flags & 0x40 != 0,
            palette,
            code_size,
            data: SubBlocks::pass(cursor)?,
        })
    }

    /// Whether the minimum code size is valid. The first codes have one bit more than this, and codes have at most 12
    /// bits (appendix F).
    pub(crate) fn has_valid_code_size(&self) -> bool {
        (1..=11).contains(&self.code_size)
    }

    pub(crate) fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

impl SubBlocks {
    /// Skips the sub-blocks and their terminator.
    fn pass<S: Source>(cursor: &mut Cursor<'_, S>) -> Read<Self, S> {
        let start = cursor.position();
        while cursor.remaining() > 0 {
            let end = cursor.position();
            match cursor.byte()? {
                TERMINATOR => return Ok(Self { range: start..end, cut: false }),
                length => {
                    cursor.skip(cursor.remaining().min(length.into()))?;
                }
            }
        }
        Ok(Self { range: start..cursor.position(), cut: true })
    }
}

/// Skips the colour table that these flags announce (§§ 19 and 21). Returns its range, and whether the file ends within
/// it.
fn colour_table<S: Source>(cursor: &mut Cursor<'_, S>, flags: u8) -> Read<(Range<u64>, bool), S> {
    let size = if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 0x07) + 1) };
    let cut = size > cursor.remaining();
    Ok((cursor.skip(size.min(cursor.remaining()))?, cut))
}
