//! The blocks of a GIF file, without any pixel: its frames, how large they are, and whether all of them came.
//!
//! Format: GIF89a, <https://www.w3.org/Graphics/GIF/spec-gif89a.txt>; the loop count is Netscape's extension. A
//! file that ends early is read as far as it goes.

use super::super::{
    animation::{Claim, Plays},
    size::Size,
};
use resizinator_formats::Format;

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;
const TRAILER: u8 = 0x3b;

/// Labels of extensions.
const CONTROL: u8 = 0xf9;
const APPLICATION: u8 = 0xff;

/// What happens to a frame before the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Disposal {
    #[default]
    Keep,
    /// Its rectangle becomes transparent: viewers do not paint the background colour.
    Clear,
    /// Its rectangle becomes what it was before.
    Restore,
}

/// What may precede a frame.
#[derive(Clone, Copy, Default)]
struct Control {
    disposal: Disposal,
    delay_ms: u32,
    transparent: Option<u8>,
}

impl Control {
    fn read(data: &[u8]) -> Option<Self> {
        let &[flags, delay_low, delay_high, transparent, ..] = data else { return None };
        let disposal = match flags >> 2 & 0x07 {
            2 => Disposal::Clear,
            // Some writers took the bit for the number.
            3 | 4 => Disposal::Restore,
            _ => Disposal::Keep,
        };
        Some(Self {
            disposal,
            delay_ms: u32::from(u16::from_le_bytes([delay_low, delay_high])) * 10,
            transparent: (flags & 0x01 != 0).then_some(transparent),
        })
    }
}

/// One frame.
#[derive(Clone, Copy)]
pub(super) struct FrameHeader<'a> {
    pub(super) left: u32,
    pub(super) top: u32,
    /// May be empty.
    pub(super) size: Size,
    pub(super) interlaced: bool,
    pub(super) delay_ms: u32,
    pub(super) disposal: Disposal,
    /// The index that leaves what was there.
    pub(super) transparent: Option<u8>,
    /// Three bytes a colour; the file's own if the frame has none.
    pub(super) palette: &'a [u8],
    /// Bits of a colour's index in the compressed data.
    pub(super) code_size: u8,
    pub(super) data: SubBlocks<'a>,
    /// The file ends before the frame does.
    pub(super) cut: bool,
}

/// Data in pieces of at most 255 bytes, as far as it came.
#[derive(Clone, Copy)]
pub(super) struct SubBlocks<'a>(&'a [u8]);

impl<'a> SubBlocks<'a> {
    /// Those at the beginning of `bytes`, what follows their terminator, and whether there is none.
    fn split(bytes: &'a [u8]) -> (Self, &'a [u8], bool) {
        let mut at: usize = 0;
        loop {
            match bytes.get(at) {
                None => return (Self(bytes), &[], true),
                Some(0) => return (Self(&bytes[..at]), &bytes[at + 1..], false),
                Some(&length) => at += 1 + usize::from(length),
            }
        }
    }
}

impl<'a> Iterator for SubBlocks<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (&length, rest) = self.0.split_first()?;
        let (block, rest) = rest.split_at(usize::from(length).min(rest.len()));
        self.0 = rest;
        Some(block)
    }
}

enum Block<'a> {
    Frame(FrameHeader<'a>),
    Plays(Plays),
}

/// Block after block, until the trailer, the end of the bytes or something that is no block.
#[derive(Clone)]
struct Blocks<'a> {
    bytes: &'a [u8],
    palette: &'a [u8],
    control: Control,
}

impl<'a> Blocks<'a> {
    fn frame(&mut self, bytes: &'a [u8]) -> Option<Block<'a>> {
        let (header, rest) = bytes.split_at_checked(9)?;
        let number = |at: usize| u32::from(u16::from_le_bytes([header[at], header[at + 1]]));
        let flags = header[8];
        let (palette, rest) = palette(flags, rest);
        let code_size = rest.first().copied().unwrap_or(0);
        let (data, rest, cut) = SubBlocks::split(rest.get(1..).unwrap_or_default());
        self.bytes = rest;
        let Control { disposal, delay_ms, transparent } = std::mem::take(&mut self.control);
        Some(Block::Frame(FrameHeader {
            left: number(0),
            top: number(2),
            size: Size { width: number(4), height: number(6) },
            interlaced: flags & 0x40 != 0,
            delay_ms,
            disposal,
            transparent,
            palette: if palette.is_empty() { self.palette } else { palette },
            code_size,
            data,
            cut,
        }))
    }
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        loop {
            let (&kind, rest) = self.bytes.split_first()?;
            match kind {
                // A terminator too many.
                0 => self.bytes = rest,
                EXTENSION => {
                    let (&label, rest) = rest.split_first()?;
                    let (mut data, rest, _) = SubBlocks::split(rest);
                    self.bytes = rest;
                    match label {
                        CONTROL => {
                            self.control = data.next().and_then(Control::read).unwrap_or_default();
                        }
                        APPLICATION => {
                            if let Some(plays) = plays(data) {
                                return Some(Block::Plays(plays));
                            }
                        }
                        _ => {}
                    }
                }
                IMAGE => {
                    self.bytes = &[];
                    return self.frame(rest);
                }
                _ => {
                    self.bytes = &[];
                    return None;
                }
            }
        }
    }
}

/// The colours at the beginning of `bytes` if the flags of a header announce some, and what follows.
fn palette(flags: u8, bytes: &[u8]) -> (&[u8], &[u8]) {
    let colours = if flags & 0x80 == 0 { 0 } else { 2 << (flags & 0x07) };
    bytes.split_at((3 * colours).min(bytes.len()))
}

/// Of the extension that says how often an animation is repeated.
fn plays(mut data: SubBlocks<'_>) -> Option<Plays> {
    if !matches!(data.next()?, b"NETSCAPE2.0" | b"ANIMEXTS1.0") {
        return None;
    }
    data.find_map(|block| match block {
        &[1, low, high, ..] => Some(match u16::from_le_bytes([low, high]) {
            0 => Plays::Forever,
            repeats => Plays::Times(u32::from(repeats) + 1),
        }),
        _ => None,
    })
}

/// What a GIF file consists of.
#[derive(Clone)]
pub(in crate::pipeline) struct Container<'a> {
    blocks: Blocks<'a>,
    /// Of the canvas.
    pub(super) size: Size,
    /// At least one; those included that did not come whole.
    pub(super) frames: u32,
    pub(in crate::pipeline) plays: Plays,
    /// The largest rectangle of a frame, in pixels.
    largest_frame: u64,
}

impl<'a> Container<'a> {
    /// Walks through `bytes` once. `None` if there is no frame.
    pub(in crate::pipeline) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (header, rest) = bytes.split_at_checked(13)?;
        let side = |at: usize| u32::from(u16::from_le_bytes([header[at], header[at + 1]]));
        let (palette, rest) = palette(header[10], rest);
        let blocks = Blocks { bytes: rest, palette, control: Control::default() };
        let mut container = Self {
            blocks: blocks.clone(),
            size: Size { width: side(6), height: side(8) },
            frames: 0,
            plays: Plays::Times(1),
            largest_frame: 0,
        };
        for block in blocks {
            match block {
                Block::Plays(plays) => container.plays = plays,
                Block::Frame(frame) => {
                    if container.frames == 0 {
                        // As browsers have it: some writers name no canvas.
                        let Size { width, height } = &mut container.size;
                        if *width == 0 || *height == 0 {
                            *width = frame.size.width;
                            *height = frame.size.height;
                        }
                    }
                    container.frames = container.frames.saturating_add(1);
                    container.largest_frame = container.largest_frame.max(frame.size.pixels());
                }
            }
        }
        (container.frames > 0).then_some(container)
    }

    /// What decoding it would take.
    pub(in crate::pipeline) fn claim(&self) -> Claim {
        Claim {
            format: Format::Gif,
            canvas: self.size,
            frames: self.frames,
            // A byte a pixel for the frame's indices, and four to restore what it covers.
            frame_memory: self.largest_frame.saturating_mul(5),
        }
    }

    /// The frames, as far as they came.
    pub(super) fn frame_headers(&self) -> impl Iterator<Item = FrameHeader<'a>> + use<'a> {
        self.blocks.clone().filter_map(|block| match block {
            Block::Frame(frame) => Some(frame),
            Block::Plays(_) => None,
        })
    }
}

/// Whether a file without any frame ends before it says that it is complete.
pub(super) fn is_cut(bytes: &[u8]) -> bool {
    bytes.last() != Some(&TRAILER)
}
