//! The file as the decoder sees it: with a simplified directory instead of the first one of the file.
//!
//! The decoder only has to unpack strips and tiles. Its directory describes every image as one of grey channels, leaves
//! out what the decoder does not need, and lists tiles under the tags of tiles. The offsets of the strips or tiles are
//! those of the original file. The directory is read as if it followed the last byte of the file.

use resizinator_formats::{
    Order,
    tiff::{Depth, Entry, Image, Layout, Predictor, SampleFormat, Tiff},
};
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};

const SHORT: u16 = 3;
const LONG: u16 = 4;
/// The photometric interpretation: with one channel it means grey, and with more the decoder returns them unchanged.
const BLACK_IS_ZERO: u32 = 1;

/// A reader of the bytes of the file, followed by those of the simplified directory.
pub(super) struct Plain<'a> {
    file: &'a [u8],
    /// The position in the file of the offset of the first directory.
    pointer_at: usize,
    pointer: Vec<u8>,
    directory: Vec<u8>,
    position: usize,
    /// The decoder has read the directory. From then on the file ends with its last byte, so that a piece that is cut
    /// off is not taken to go on in the directory.
    pub(super) directory_is_read: bool,
    /// Whether the bits of each byte of the file are reversed.
    pub(super) reversed: bool,
}

impl<'a> Plain<'a> {
    /// `None` if the file is no BigTIFF and is so long that a directory after its end cannot be addressed (4 GiB).
    pub(super) fn new(tiff: &Tiff<'a>) -> Option<Self> {
        let layout = tiff.layout;
        let directory = Directory { layout, tiff, entries: Vec::new() }.of_image();
        let end = tiff.file.len() as u64;
        if !layout.big && end > u32::MAX.into() {
            return None;
        }
        Some(Self {
            file: tiff.file,
            pointer_at: usize::try_from(layout.first_directory_at()).ok()?,
            pointer: number(layout.order, end, if layout.big { 8 } else { 4 }),
            directory,
            position: 0,
            directory_is_read: false,
            reversed: false,
        })
    }
}

impl Read for Plain<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let Some(rest) = self.file.get(self.position..).filter(|rest| !rest.is_empty()) else {
            if self.directory_is_read {
                return Ok(0);
            }
            let start = self.position.saturating_sub(self.file.len()).min(self.directory.len());
            let count = (&self.directory[start..]).read(buffer)?;
            self.position += count;
            return Ok(count);
        };
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        if self.reversed {
            buffer[..count].iter_mut().for_each(|byte| *byte = byte.reverse_bits());
        } else if self.position < self.pointer_at + self.pointer.len() {
            for (at, &byte) in (self.pointer_at..).zip(&self.pointer) {
                let index = at.checked_sub(self.position);
                if let Some(read) = index.and_then(|index| buffer[..count].get_mut(index)) {
                    *read = byte;
                }
            }
        }
        self.position += count;
        Ok(count)
    }
}

impl Seek for Plain<'_> {
    fn seek(&mut self, position: SeekFrom) -> Result<u64> {
        let position = match position {
            SeekFrom::Start(position) => usize::try_from(position).ok(),
            SeekFrom::Current(by) => {
                isize::try_from(by).ok().and_then(|by| self.position.checked_add_signed(by))
            }
            SeekFrom::End(_) => None,
        };
        self.position = position.ok_or(Error::from(ErrorKind::InvalidInput))?;
        Ok(self.position as u64)
    }
}

/// The simplified directory while it is written.
struct Directory<'t, 'a> {
    layout: Layout,
    tiff: &'t Tiff<'a>,
    /// The entries, sorted by their tags.
    entries: Vec<Vec<u8>>,
}

impl Directory<'_, '_> {
    fn of_image(mut self) -> Vec<u8> {
        let Tiff { image, .. } = self.tiff;
        let pieces = &image.pieces;
        // Samples of more than 8 bits that do not have 2, 4 or 8 bytes are returned as the raw bytes that hold them.
        let bytes = as_bytes(image);
        let (width, piece_width, bits, samples) = if bytes {
            let row = u32::try_from(pieces.row_bytes()).unwrap_or(u32::MAX);
            (row.saturating_mul(pieces.across), row, 8, pieces.planes)
        } else {
            (image.width, pieces.width, image.bits, image.samples)
        };
        self.long(256, width);
        self.long(257, image.height);
        self.short(258, bits);
        self.short(259, image.compression.number());
        self.long(262, BLACK_IS_ZERO);
        if !pieces.are_tiles {
            self.list(273, &pieces.offsets);
        }
        self.short(277, samples);
        if !pieces.are_tiles {
            self.long(278, pieces.height);
            self.list(279, &pieces.byte_counts);
        }
        self.short(284, if image.planar { 2 } else { 1 });
        match image.predictor {
            Predictor::None => {}
            Predictor::Horizontal => self.short(317, 2),
            Predictor::Float => self.short(317, 3),
        }
        if pieces.are_tiles {
            self.long(322, piece_width);
            self.long(323, pieces.height);
            self.list(324, &pieces.offsets);
            self.list(325, &pieces.byte_counts);
        }
        if image.sample_format == SampleFormat::Float {
            self.short(339, 3);
        }
        if let Some(tables) = &image.jpeg_tables {
            self.list(347, tables);
        }

        let count = number(self.layout.order, self.entries.len() as u64, if self.layout.big { 8 } else { 2 });
        let no_further_directory = number(self.layout.order, 0, self.offset_size());
        [count, self.entries.concat(), no_further_directory].concat()
    }

    fn short(&mut self, tag: u16, value: u16) {
        let value = number(self.layout.order, value.into(), 2);
        self.push(tag, SHORT, 1, value);
    }

    fn long(&mut self, tag: u16, value: u32) {
        let value = number(self.layout.order, value.into(), 4);
        self.push(tag, LONG, 1, value);
    }

    /// Adds an entry with its values as they are in the file.
    fn list(&mut self, tag: u16, entry: &Entry) {
        let length = entry.value.end - entry.value.start;
        let value = if length <= self.layout.offset_size() {
            self.tiff.values(entry).to_vec()
        } else {
            number(self.layout.order, entry.value.start, self.offset_size())
        };
        self.push(tag, entry.kind.0, entry.count, value);
    }

    fn push(&mut self, tag: u16, kind: u16, count: u64, mut value: Vec<u8>) {
        let order = self.layout.order;
        value.resize(self.offset_size(), 0);
        let count = number(order, count, self.offset_size());
        self.entries
            .push([number(order, tag.into(), 2), number(order, kind.into(), 2), count, value].concat());
    }

    fn offset_size(&self) -> usize {
        if self.layout.big { 8 } else { 4 }
    }
}

/// Whether the decoder returns raw bytes, each of which may hold parts of several samples.
pub(super) fn as_bytes(image: &Image) -> bool {
    image.depth() != Depth::Bytes && image.bits > 8
}

/// A number as `size` bytes in the order of the file.
fn number(order: Order, number: u64, size: usize) -> Vec<u8> {
    match order {
        Order::Little => number.to_le_bytes()[..size].to_vec(),
        Order::Big => number.to_be_bytes()[8 - size..].to_vec(),
    }
}
