//! The reader of a GIF's frames, which composes each of them on the canvas.

use super::super::{
    RenderError,
    animation::{Frame, Frames, Rectangle},
    size::Size,
};
use super::lzw;
use image::RgbaImage;
use resizinator_formats::{
    Format, Header, Unreadable,
    gif::{self, Disposal, Gif},
};

/// The reader of a GIF's frames.
pub(in crate::pipeline) struct Animation<'a> {
    frames: gif::Frames<'a>,
    count: u32,
    canvas: RgbaImage,
    /// The change to the canvas before the next frame is drawn.
    dispose: Dispose,
    /// The colour indices of the frame, in the order in which they are stored.
    indices: Vec<u8>,
    first: bool,
}

enum Dispose {
    Keep,
    Clear(Rectangle),
    /// Restores the rectangle to these rows.
    Restore(Rectangle, Vec<u8>),
}

impl<'a> Animation<'a> {
    /// A reader of the frames of `gif`, whose header must have been checked against the limits.
    pub(in crate::pipeline) fn new(gif: &Gif<'a>) -> Self {
        let Header { width, height, frames, .. } = gif.header();
        Self {
            frames: gif.frames(),
            count: frames,
            canvas: RgbaImage::new(width, height),
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

    fn draw(&mut self, frame: &gif::Frame<'_>) -> Result<(), RenderError> {
        self.dispose();
        let size = Size { width: frame.width, height: frame.height };
        let pixels = size.pixels() as usize;
        let came = lzw::decompress(frame, pixels, &mut self.indices);
        // Half of the first frame is better than no image, but a later frame that is cut off is not shown.
        let enough = if frame.cut && !self.first { pixels } else { pixels.div_ceil(2) };
        if came < enough {
            let why = if frame.cut {
                Unreadable::EndedEarly
            } else {
                Unreadable::Damaged("a frame has too few pixels")
            };
            return Err(RenderError::unreadable(Format::Gif, why));
        }
        self.first = false;
        let Some(rectangle) = Rectangle::clipped(frame.left, frame.top, size, self.size()) else {
            return Ok(());
        };
        self.dispose = match frame.disposal {
            Disposal::Keep => Dispose::Keep,
            Disposal::Background => Dispose::Clear(rectangle),
            Disposal::Previous => {
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

/// Draws the `indices` that could be read of a frame. `rectangle` is the part of the frame that lies on the canvas.
fn paint(frame: &gif::Frame<'_>, indices: &[u8], rectangle: Rectangle, canvas: &mut RgbaImage) {
    // Colours that the palette lacks are black.
    let mut colours = [[0, 0, 0, u8::MAX]; 256];
    for (colour, rgb) in colours.iter_mut().zip(frame.palette.chunks_exact(3)) {
        colour[..3].copy_from_slice(rgb);
    }
    let stride = canvas.width() as usize * 4;
    let canvas: &mut [u8] = canvas;
    let left = rectangle.left as usize * 4;
    let visible = rectangle.size.width as usize;
    let rows = indices.chunks(frame.width as usize);
    for (y, row) in rows_in_order(frame.height, frame.interlaced).zip(rows) {
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

/// The numbers of a frame's rows in the order in which its data stores them.
fn rows_in_order(height: u32, interlaced: bool) -> impl Iterator<Item = u32> {
    let passes: &[(u32, usize)] = if interlaced { &[(0, 8), (4, 8), (2, 4), (1, 2)] } else { &[(0, 1)] };
    passes.iter().flat_map(move |&(first, step)| (first..height).step_by(step))
}
