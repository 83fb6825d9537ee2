//! A picture of a WebP: a lossy or lossless bitstream, and the alpha channel of a lossy one.

use std::ops::Range;

use super::chunks::{Chunk, Read};
use crate::cursor::{Cursor, Order};
use crate::source::Source;

/// How the pixels of a picture are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// VP8, with alpha in a separate chunk.
    Lossy,
    /// VP8L.
    Lossless,
}

/// The chunks of a picture and the content of their headers.
#[derive(Clone, Debug)]
pub(crate) struct PictureChunks {
    /// The range of the chunks: the bitstream, and before it the alpha channel if the picture has one.
    pub(crate) range: Range<u64>,
    pub(crate) cut: bool,
    /// The header of the bitstream, or `None` if it is not valid.
    pub(crate) bitstream: Option<Bitstream>,
    pub(crate) alpha: Option<AlphaHeader>,
}

impl PictureChunks {
    /// Whether some pixels may be transparent.
    pub(crate) fn has_alpha(&self) -> bool {
        self.alpha.is_some() || self.bitstream.is_some_and(|bitstream| bitstream.alpha)
    }

    /// Finds the first picture among the next chunks. Other chunks are skipped.
    pub(crate) fn find<S: Source>(cursor: &mut Cursor<'_, S>) -> Read<Option<Self>, S> {
        let mut alpha = None;
        while let Some(chunk) = Chunk::next(cursor)? {
            match &chunk.kind {
                b"ALPH" => alpha = Some(chunk),
                b"VP8 " | b"VP8L" => return Self::of(cursor, alpha, &chunk).map(Some),
                _ => {}
            }
        }
        Ok(None)
    }

    /// The picture whose bitstream is in `chunk`. As in libwebp, the last alpha chunk before a lossy bitstream is
    /// used, and those before a lossless bitstream are ignored.
    pub(crate) fn of<S: Source>(
        cursor: &mut Cursor<'_, S>,
        alpha: Option<Chunk>,
        chunk: &Chunk,
    ) -> Read<Self, S> {
        let bitstream = Bitstream::read(cursor, chunk)?;
        let (mut range, mut header) = (chunk.range.clone(), None);
        if let Some(alpha) = alpha.filter(|_| &chunk.kind == b"VP8 ") {
            header = Some(AlphaHeader::read(cursor, &alpha)?);
            range.start = alpha.range.start;
        }
        Ok(Self { range, cut: chunk.is_cut(), bitstream, alpha: header })
    }
}

/// The header of a bitstream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bitstream {
    pub(crate) coding: Coding,
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Whether the bitstream itself has an alpha channel.
    pub(crate) alpha: bool,
}

impl Bitstream {
    /// Reads the header. Returns `None` if it is too short, or if libwebp refuses it.
    fn read<S: Source>(cursor: &mut Cursor<'_, S>, chunk: &Chunk) -> Read<Option<Self>, S> {
        let data = &mut cursor.within(chunk.data.clone());
        match &chunk.kind {
            b"VP8 " if data.remaining() >= 10 => Self::lossy(data, chunk.size),
            b"VP8L" if data.remaining() >= 5 => Self::lossless(data),
            _ => Ok(None),
        }
    }

    /// Reads the header of a lossy bitstream (RFC 6386, § 9.1).
    fn lossy<S: Source>(data: &mut Cursor<'_, S>, size: u32) -> Read<Option<Self>, S> {
        let [low, middle, high, start_code @ ..]: [u8; 6] = data.array()?;
        let tag = u32::from_le_bytes([low, middle, high, 0]);
        // The two upper bits are a scale for display, which is ignored.
        let width = u32::from(data.u16(Order::Little)? & 0x3FFF);
        let height = u32::from(data.u16(Order::Little)? & 0x3FFF);
        let key_frame = tag & 1 == 0;
        let version = tag >> 1 & 7;
        let shown = tag >> 4 & 1 == 1;
        let first_partition = tag >> 5;
        let holds = key_frame
            && version <= 3
            && shown
            && first_partition < size
            && start_code == [0x9D, 0x01, 0x2A]
            && width > 0
            && height > 0;
        Ok(holds.then_some(Self { coding: Coding::Lossy, width, height, alpha: false }))
    }

    /// Reads the header of a lossless bitstream (RFC 9649, § 3.4).
    fn lossless<S: Source>(data: &mut Cursor<'_, S>) -> Read<Option<Self>, S> {
        let signature = data.byte()?;
        let bits = data.u32(Order::Little)?;
        let version = bits >> 29;
        let (width, height) = ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
        let alpha = bits >> 28 & 1 == 1;
        let holds = signature == 0x2F && version == 0;
        Ok(holds.then_some(Self { coding: Coding::Lossless, width, height, alpha }))
    }
}

/// The header of the alpha channel of a lossy bitstream (RFC 9649, § 2.7.1.2).
#[derive(Clone, Copy, Debug)]
pub(crate) struct AlphaHeader {
    /// 0 means uncompressed and 1 lossless. Other values are not defined.
    compression: u8,
    /// The pre-processing, which is 0 or 1. Other values are not defined.
    pre_processing: u8,
    /// Reserved bits, which readers should ignore. But libwebp refuses 2 and 3.
    reserved: u8,
    /// The number of bytes after the header byte, or `None` if the chunk is empty.
    size: Option<u64>,
}

impl AlphaHeader {
    fn read<S: Source>(cursor: &mut Cursor<'_, S>, chunk: &Chunk) -> Read<Self, S> {
        let data = &mut cursor.within(chunk.data.clone());
        let (flags, size) =
            if data.remaining() == 0 { (0, None) } else { (data.byte()?, Some(data.remaining())) };
        Ok(Self { compression: flags & 3, pre_processing: flags >> 4 & 3, reserved: flags >> 6, size })
    }

    /// Whether libwebp accepts the header for this bitstream. If it does not, it does not decode the picture at all.
    pub(crate) fn is_decodable(&self, bitstream: &Bitstream) -> bool {
        let pixels = u64::from(bitstream.width) * u64::from(bitstream.height);
        let least = if self.compression == 0 { pixels } else { 1 };
        self.compression <= 1
            && self.pre_processing <= 1
            && self.reserved <= 1
            && self.size.is_some_and(|size| size >= least)
    }
}
