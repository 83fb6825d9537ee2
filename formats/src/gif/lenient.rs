//! The lenient reading of a GIF, which accepts every frame of which at least the header is there.

use std::convert::Infallible;
use std::ops::Range;

use super::blocks::{self, Block, Screen};
use super::extensions::{self, Disposal, GraphicControl};
use crate::cursor::{Cursor, ReadError};
use crate::format::Format;
use crate::header::Header;
use crate::loop_count::LoopCount;
use crate::source::{Source, slice};
use crate::unreadable::Unreadable;

/// A GIF file with at least one frame.
#[derive(Clone, Copy, Debug)]
pub struct Gif<'a> {
    file: &'a [u8],
    width: u32,
    height: u32,
    frames: u32,
    /// How many times the animation is shown. It is once if the file does not say it.
    pub loop_count: LoopCount,
    /// The number of pixels of the largest frame, which may be larger than the canvas.
    pub largest_frame: u64,
    /// Whether the file ends within a block.
    pub ended_early: bool,
}

impl<'a> Gif<'a> {
    /// The size of the canvas and the number of frames, including those that are cut or have no pixels.
    #[must_use]
    pub fn header(&self) -> Header {
        Header { format: Format::Gif, width: self.width, height: self.height, frames: self.frames }
    }

    /// The frames in the order in which they are shown. The blocks are read again, so that no list of them is kept.
    #[must_use]
    pub fn frames(&self) -> Frames<'a> {
        Frames::of(self.file)
    }
}

/// Reads a GIF file.
///
/// # Errors
/// If there is no frame, or the canvas has no pixels.
pub fn read(file: &[u8]) -> Result<Gif<'_>, Unreadable> {
    read_from(&mut { file }, file)
}

/// Reads the blocks of `file` through `source`, which has the same bytes.
pub(crate) fn read_from<'a, S: Source<Error = Infallible>>(
    source: &mut S,
    file: &'a [u8],
) -> Result<Gif<'a>, Unreadable> {
    let cursor = &mut Cursor::new(source);
    let screen = Screen::read(cursor).map_err(|_| Unreadable::EndedEarly)?;
    let mut gif = Gif {
        file,
        width: 0,
        height: 0,
        frames: 0,
        loop_count: LoopCount::Times(1),
        largest_frame: 0,
        ended_early: screen.cut,
    };
    // The error if there is no frame.
    let mut missing = Unreadable::EndedEarly;
    loop {
        let block = match Block::next(cursor) {
            Ok(Some(block)) => block,
            Ok(None) => break,
            Err(ReadError::EndedEarly) => {
                gif.ended_early = true;
                break;
            }
        };
        gif.ended_early |= block.is_cut();
        match block {
            Block::Image(image) => {
                if gif.frames == 0 {
                    (gif.width, gif.height) = screen.canvas(&image);
                }
                gif.frames = gif.frames.saturating_add(1);
                gif.largest_frame = gif.largest_frame.max(image.pixels());
            }
            Block::Extension(extension) if extension.label == extensions::APPLICATION => {
                let data = SubBlocks::of(file, extension.data.range);
                gif.loop_count = extensions::loop_count(data).unwrap_or(gif.loop_count);
            }
            Block::Extension(_) => {}
            Block::Trailer | Block::Unknown => {
                missing = Unreadable::Damaged("it has no frame");
                break;
            }
        }
    }
    match gif.frames {
        0 => Err(missing),
        _ if gif.width == 0 || gif.height == 0 => Err(Unreadable::Damaged("its canvas has no pixels")),
        _ => Ok(gif),
    }
}

/// A frame of a [`Gif`].
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// The distance from the canvas's left edge, in pixels.
    pub left: u32,
    /// The distance from the canvas's top edge, in pixels.
    pub top: u32,
    /// This side of the frame in pixels. It may be 0, and the frame may reach beyond the canvas.
    pub width: u32,
    /// This side of the frame in pixels. It may be 0, and the frame may reach beyond the canvas.
    pub height: u32,
    /// Whether the rows are interlaced, which means that they are stored in four passes.
    pub interlaced: bool,
    /// How long the frame is shown, in milliseconds.
    pub delay_ms: u32,
    /// What happens to the frame before the next one is drawn.
    pub disposal: Disposal,
    /// The index of transparent pixels, which leave the canvas unchanged.
    pub transparent: Option<u8>,
    /// The colour table with three bytes per colour: that of the frame, or that of the file if the frame has none.
    pub palette: &'a [u8],
    /// The number of bits of a colour index in the compressed pixels. The first codes have one bit more than this, and
    /// codes can have 2 to 12 bits. So if it is not from 1 to 11, there are no pixels.
    pub code_size: u8,
    /// The compressed pixels.
    pub data: SubBlocks<'a>,
    /// Whether the file ends within the frame.
    pub cut: bool,
}

/// An iterator over the frames of a [`Gif`].
#[derive(Clone, Debug)]
pub struct Frames<'a> {
    file: &'a [u8],
    position: u64,
    palette: &'a [u8],
}

impl<'a> Frames<'a> {
    fn of(mut file: &'a [u8]) -> Self {
        let whole = file;
        let cursor = &mut Cursor::new(&mut file);
        match Screen::read(cursor) {
            Ok(screen) => {
                Self { file: whole, position: cursor.position(), palette: slice(whole, screen.palette) }
            }
            Err(_) => Self { file: &[], position: 0, palette: &[] },
        }
    }

    fn frame(&self, image: &blocks::Image, control: GraphicControl) -> Frame<'a> {
        let palette = slice(self.file, image.palette.clone());
        Frame {
            left: image.left.into(),
            top: image.top.into(),
            width: image.width.into(),
            height: image.height.into(),
            interlaced: image.interlaced,
            delay_ms: control.delay_ms,
            disposal: control.disposal,
            transparent: control.transparent,
            palette: if palette.is_empty() { self.palette } else { palette },
            code_size: if image.has_valid_code_size() { image.code_size } else { 0 },
            data: SubBlocks::of(self.file, image.data.range.clone()),
            cut: image.data.cut,
        }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = Frame<'a>;

    fn next(&mut self) -> Option<Frame<'a>> {
        let mut source = self.file;
        let cursor = &mut Cursor::new(&mut source);
        cursor.go_to(self.position).ok()?;
        let mut control = GraphicControl::default();
        loop {
            match Block::next(cursor) {
                Ok(Some(Block::Image(image))) => {
                    self.position = cursor.position();
                    return Some(self.frame(&image, control));
                }
                Ok(Some(Block::Extension(extension))) => {
                    if extension.label == extensions::GRAPHIC_CONTROL {
                        control = GraphicControl::read(SubBlocks::of(self.file, extension.data.range));
                    }
                }
                Ok(Some(Block::Trailer | Block::Unknown) | None) | Err(_) => {
                    self.file = &[];
                    self.position = 0;
                    return None;
                }
            }
        }
    }
}

/// An iterator over the contents of sub-blocks, or the part of them that the file has, in pieces of at most 255 bytes.
#[derive(Clone, Copy, Debug)]
pub struct SubBlocks<'a>(&'a [u8]);

impl<'a> SubBlocks<'a> {
    fn of(file: &'a [u8], range: Range<u64>) -> Self {
        Self(slice(file, range))
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
