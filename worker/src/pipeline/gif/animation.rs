//! A GIF's frames, composed.

use super::super::{
    RenderError,
    animation::{Frame, Frames, Rectangle},
    size::Size,
};
use super::container::{self, Container, Disposal, FrameHeader};
use image::{ImageError, ImageFormat, RgbaImage, error::DecodingError};
use resizinator_formats::Format;
use weezl::{BitOrder, decode::Decoder};

/// Reads the frames within the limits.
pub(in crate::pipeline) struct Animation<'a> {
    frames: Box<dyn Iterator<Item = FrameHeader<'a>> + 'a>,
    count: u32,
    canvas: RgbaImage,
    /// What happens before the next frame.
    dispose: Dispose,
    /// Of the frame, in the order in which they are stored.
    indices: Vec<u8>,
    first: bool,
}

enum Dispose {
    Keep,
    Clear(Rectangle),
    /// To these rows.
    Restore(Rectangle, Vec<u8>),
}

impl<'a> Animation<'a> {
    /// The claim of `container` must have been checked.
    pub(in crate::pipeline) fn new(container: &Container<'a>) -> Self {
        Self {
            frames: Box::new(container.frame_headers()),
            count: container.frames,
            canvas: RgbaImage::new(container.size.width, container.size.height),
            dispose: Dispose::Keep,
            indices: Vec::new(),
            first: true,
        }
    }

    fn dispose(&mut self) {
        match std::mem::replace(&mut self.dispose, Dispose::Keep) {
            Dispose::Keep => {}
            Dispose::Clear(rectangle) => rectangle.clear(&mut self.canvas),
            Dispose::Restore(rectangle, before) => {
                let rows = before.chunks_exact(rectangle.size.width as usize * 4);
                rectangle.rows_mut(&mut self.canvas).zip(rows).for_each(|(row, before)| {
                    row.copy_from_slice(before);
                });
            }
        }
    }

    fn draw(&mut self, frame: &FrameHeader<'_>) -> Result<(), RenderError> {
        self.dispose();
        let pixels = frame.size.pixels() as usize;
        let came = decompress(frame, pixels, &mut self.indices);
        // Half a picture is better than none, but after a picture the next one comes whole or not at all.
        let enough = if frame.cut && !self.first { pixels } else { pixels.div_ceil(2) };
        if came < enough {
            return Err(damaged(frame.cut));
        }
        self.first = false;
        let Some(rectangle) = Rectangle::clipped(frame.left, frame.top, frame.size, self.size()) else {
            return Ok(());
        };
        self.dispose = match frame.disposal {
            Disposal::Keep => Dispose::Keep,
            Disposal::Clear => Dispose::Clear(rectangle),
            Disposal::Restore => {
                let mut rows = Vec::with_capacity(rectangle.size.pixels() as usize * 4);
                rectangle.rows(&self.canvas).for_each(|row| rows.extend_from_slice(row));
                Dispose::Restore(rectangle, rows)
            }
        };
        paint(frame, &self.indices[..came], rectangle, &mut self.canvas);
        Ok(())
    }
}

impl Frames for Animation<'_> {
    fn size(&self) -> Size {
        Size { width: self.canvas.width(), height: self.canvas.height() }
    }

    fn count(&self) -> u32 {
        self.count
    }

    fn next(&mut self) -> Option<Result<Frame<'_>, RenderError>> {
        let frame = self.frames.next()?;
        Some(match self.draw(&frame) {
            Ok(()) => Ok(Frame { canvas: &self.canvas, delay_ms: frame.delay_ms }),
            Err(error) => Err(error),
        })
    }
}

/// The colours' indices of a frame of `pixels` pixels; returns how many of them came.
fn decompress(frame: &FrameHeader<'_>, pixels: usize, indices: &mut Vec<u8>) -> usize {
    indices.clear();
    indices.resize(pixels, 0);
    // Codes have at most twelve bits, and one more than this to begin with.
    if !(1..=11).contains(&frame.code_size) {
        return 0;
    }
    let mut decoder = Decoder::new(BitOrder::Lsb, frame.code_size);
    let mut came = 0;
    // The decoder may hold back what it has decoded until it is asked again.
    for mut block in frame.data.chain([[].as_slice()]) {
        loop {
            let step = decoder.decode_bytes(block, &mut indices[came..]);
            block = &block[step.consumed_in..];
            came += step.consumed_out;
            if step.status.is_err() || decoder.has_ended() || came == pixels {
                return came;
            }
            if step.consumed_in == 0 && step.consumed_out == 0 {
                break;
            }
        }
    }
    came
}

/// Draws the `indices` that came of a frame, of which `rectangle` is on the canvas.
fn paint(frame: &FrameHeader<'_>, indices: &[u8], rectangle: Rectangle, canvas: &mut RgbaImage) {
    // What a palette lacks is black.
    let mut colours = [[0, 0, 0, u8::MAX]; 256];
    for (colour, rgb) in colours.iter_mut().zip(frame.palette.chunks_exact(3)) {
        colour[..3].copy_from_slice(rgb);
    }
    let stride = canvas.width() as usize * 4;
    let canvas: &mut [u8] = canvas;
    let left = rectangle.left as usize * 4;
    let visible = rectangle.size.width as usize;
    let rows = indices.chunks(frame.size.width as usize);
    for (y, row) in rows_in_order(frame.size.height, frame.interlaced).zip(rows) {
        if y >= rectangle.size.height {
            continue;
        }
        let row = &row[..visible.min(row.len())];
        let start = (rectangle.top + y) as usize * stride + left;
        let target = canvas[start..start + row.len() * 4].chunks_exact_mut(4).zip(row);
        match frame.transparent {
            None => target.for_each(|(pixel, &index)| pixel.copy_from_slice(&colours[usize::from(index)])),
            Some(transparent) => {
                target.filter(|(_, index)| **index != transparent).for_each(|(pixel, &index)| {
                    pixel.copy_from_slice(&colours[usize::from(index)]);
                })
            }
        }
    }
}

/// Which rows of a frame follow each other in its data.
fn rows_in_order(height: u32, interlaced: bool) -> impl Iterator<Item = u32> {
    let passes: &[(u32, usize)] = if interlaced { &[(0, 8), (4, 8), (2, 4), (1, 2)] } else { &[(0, 1)] };
    passes.iter().flat_map(move |&(first, step)| (first..height).step_by(step))
}

/// Why no [`Container`] could be read.
pub(in crate::pipeline) fn unreadable(file: &[u8]) -> RenderError {
    damaged(container::is_cut(file))
}

fn damaged(cut: bool) -> RenderError {
    let why = if cut { "the file ends within a frame" } else { "a frame has too few pixels" };
    let source = ImageError::Decoding(DecodingError::new(ImageFormat::Gif.into(), why));
    if cut {
        RenderError::CutShort { format: Format::Gif, source }
    } else {
        RenderError::Decode { format: Format::Gif, source }
    }
}
