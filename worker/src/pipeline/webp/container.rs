//! The chunks of a WebP file, without any pixel: what is in it, how large, and whether all of it came.
//!
//! Format: RFC 9649. A file that ends early is read as far as it goes; chunks that nobody knows are skipped.

use super::super::{animation::Plays, size::Size};

/// Bytes of a chunk's name and length.
const CHUNK_HEADER: usize = 8;

/// Bytes of an `ANMF` chunk before its frame's own chunks.
const FRAME_HEADER: usize = 16;

const ANIMATION_FLAG: u8 = 0x02;
const ALPHA_FLAG: u8 = 0x10;

/// One chunk of a RIFF file.
#[derive(Clone, Copy)]
pub(in crate::pipeline) struct Chunk<'a> {
    pub(super) name: [u8; 4],
    pub(super) data: &'a [u8],
    /// Its data is shorter than its header says.
    cut: bool,
}

/// Chunk after chunk, until the bytes end.
#[derive(Clone)]
pub(super) struct Chunks<'a>(&'a [u8]);

impl<'a> Chunks<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl<'a> Iterator for Chunks<'a> {
    type Item = Chunk<'a>;

    fn next(&mut self) -> Option<Chunk<'a>> {
        let (header, rest) = self.0.split_at_checked(CHUNK_HEADER)?;
        let name = [header[0], header[1], header[2], header[3]];
        let length = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
        let cut = length > rest.len();
        let (data, rest) = rest.split_at(length.min(rest.len()));
        // Chunks begin at even offsets.
        self.0 = rest.get(length % 2..).unwrap_or_default();
        Some(Chunk { name, data, cut })
    }
}

/// How a frame's pixels are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// VP8, possibly with its alpha in a chunk of its own.
    Lossy,
    /// VP8L.
    Lossless,
}

/// What a frame's own header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bitstream {
    pub(super) coding: Coding,
    pub(super) size: Size,
    /// Some pixels may be transparent.
    pub(super) alpha: bool,
}

impl Bitstream {
    /// Reads the header of the first picture among `chunks`.
    fn read(chunks: Chunks<'_>) -> Option<Self> {
        let mut alpha = false;
        for chunk in chunks {
            match &chunk.name {
                b"ALPH" => alpha = true,
                b"VP8 " => return Self::lossy(chunk.data, alpha),
                b"VP8L" => return Self::lossless(chunk.data),
                _ => {}
            }
        }
        None
    }

    /// RFC 6386, section 9.1.
    fn lossy(data: &[u8], alpha: bool) -> Option<Self> {
        let header = data.get(..10)?;
        let side = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
        let size = Size { width: side(header[6], header[7]), height: side(header[8], header[9]) };
        (header[3..6] == [0x9d, 0x01, 0x2a]).then_some(Self { coding: Coding::Lossy, size, alpha })
    }

    /// RFC 9649, section 3.4.
    fn lossless(data: &[u8]) -> Option<Self> {
        let header = data.get(..5)?;
        let bits = u32::from_le_bytes([header[1], header[2], header[3], header[4]]);
        let size = Size { width: (bits & 0x3fff) + 1, height: (bits >> 14 & 0x3fff) + 1 };
        let alpha = bits >> 28 & 1 == 1;
        (header[0] == 0x2f).then_some(Self { coding: Coding::Lossless, size, alpha })
    }
}

/// One frame of an animation.
#[derive(Clone, Copy)]
pub(super) struct FrameHeader<'a> {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) size: Size,
    pub(super) delay_ms: u32,
    /// Weighed with the canvas by its alpha; else it replaces what was there, with its alpha.
    pub(super) blend: bool,
    /// Its rectangle becomes transparent before the next frame.
    pub(super) dispose: bool,
    /// The chunks of its picture.
    pub(super) picture: &'a [u8],
    pub(super) bitstream: Option<Bitstream>,
    cut: bool,
}

impl<'a> FrameHeader<'a> {
    fn read(chunk: Chunk<'a>) -> Option<Self> {
        let (header, picture) = chunk.data.split_at_checked(FRAME_HEADER)?;
        let three = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], 0]);
        let bitstream = Bitstream::read(Chunks::new(picture));
        Some(Self {
            left: 2 * three(0),
            top: 2 * three(3),
            size: Size { width: three(6) + 1, height: three(9) + 1 },
            delay_ms: three(12),
            blend: header[15] & 0x02 == 0,
            dispose: header[15] & 0x01 != 0,
            picture,
            bitstream,
            cut: chunk.cut,
        })
    }
}

/// What a WebP file consists of.
#[derive(Clone)]
pub(in crate::pipeline) struct Container<'a> {
    /// The whole file.
    pub(super) bytes: &'a [u8],
    chunks: Chunks<'a>,
    /// Of the image or of the animation's canvas.
    pub(in crate::pipeline) size: Size,
    /// Some pixels may be transparent.
    pub(in crate::pipeline) alpha: bool,
    /// Every picture in it is lossless.
    pub(in crate::pipeline) lossless: bool,
    /// Frames of an animation, those included that did not come whole; 1 for a still image.
    pub(in crate::pipeline) frames: u32,
    /// `None` for a still image.
    pub(in crate::pipeline) plays: Option<Plays>,
    /// The largest rectangle of a frame, in pixels.
    pub(super) largest_frame: u64,
    /// An ICC profile, not looked into.
    pub(in crate::pipeline) icc: Option<&'a [u8]>,
    /// A TIFF structure, not looked into.
    pub(in crate::pipeline) exif: Option<&'a [u8]>,
}

impl<'a> Container<'a> {
    /// Walks through `bytes` once. `None` if there is no picture whose size could be told.
    pub(in crate::pipeline) fn read(bytes: &'a [u8]) -> Option<Self> {
        let body = bytes.strip_prefix(b"RIFF")?.split_at_checked(4)?.1.strip_prefix(b"WEBP")?;
        let chunks = Chunks::new(body);
        let mut container = Self {
            bytes,
            chunks: chunks.clone(),
            size: Size { width: 0, height: 0 },
            alpha: false,
            lossless: true,
            frames: 0,
            plays: None,
            largest_frame: 0,
            icc: None,
            exif: None,
        };
        let mut extended = false;
        let mut animated = false;
        for chunk in chunks.clone() {
            match &chunk.name {
                b"VP8X" if !extended => {
                    let header = chunk.data.get(..10)?;
                    let three =
                        |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], 0]);
                    extended = true;
                    animated = header[0] & ANIMATION_FLAG != 0;
                    container.alpha = header[0] & ALPHA_FLAG != 0;
                    container.size = Size { width: three(4) + 1, height: three(7) + 1 };
                }
                b"ANIM" if animated => {
                    let times = chunk.data.get(4..6).map(|count| u16::from_le_bytes([count[0], count[1]]));
                    container.plays = Some(match times {
                        Some(times @ 1..) => Plays::Times(u32::from(times)),
                        _ => Plays::Forever,
                    });
                }
                b"ANMF" if animated => {
                    let frame = FrameHeader::read(chunk);
                    container.frames = container.frames.saturating_add(1);
                    if let Some(frame) = frame {
                        container.largest_frame = container.largest_frame.max(frame.size.pixels());
                        // A picture nobody can read is no reason to write larger variants.
                        let coding = frame.bitstream.map(|bitstream| bitstream.coding);
                        container.lossless &= coding != Some(Coding::Lossy);
                    }
                }
                b"ICCP" => container.icc = Some(chunk.data),
                b"EXIF" => container.exif = Some(exif_block(chunk.data)),
                _ => {}
            }
        }
        if animated {
            container.plays.get_or_insert(Plays::Forever);
            return (container.frames > 0).then_some(container);
        }
        let still = Bitstream::read(chunks)?;
        if !extended {
            container.size = still.size;
        }
        Some(Self { alpha: still.alpha, lossless: still.coding == Coding::Lossless, frames: 1, ..container })
    }

    /// The frames of an animation, as far as they came whole, each with `None` for what cannot be read.
    pub(super) fn frame_headers(&self) -> impl Iterator<Item = Option<FrameHeader<'a>>> + use<'a> {
        let frames = self.chunks.clone().filter(|chunk| &chunk.name == b"ANMF");
        frames.map(|chunk| FrameHeader::read(chunk).filter(|frame| !frame.cut))
    }
}

/// Some writers put JPEG's marker in front.
fn exif_block(data: &[u8]) -> &[u8] {
    data.strip_prefix(b"Exif\0\0").unwrap_or(data)
}
