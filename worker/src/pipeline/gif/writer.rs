//! The writer of GIF files, still or animated.
//!
//! Each frame is stored as the rectangle that changed, in which unchanged pixels are transparent. A frame is only
//! written when the next one is known, because only then is it clear whether pixels must disappear after it.

use super::super::{
    RenderError,
    animation::{FrameWriter, Rectangle},
    size::Size,
};
use super::palettes::{Indexed, Palettes};
use gif::{DisposalMethod, Encoder, EncodingError, Repeat};
use image::{ImageError, ImageFormat, RgbaImage, error::EncodingError as ImageEncodingError};
use resizinator_formats::{Format, LoopCount};
use std::borrow::Cow;

/// The smallest alpha of a pixel that is written as opaque. GIF has no partly transparent pixels.
const VISIBLE: u8 = 128;

const INVISIBLE: [u8; 4] = [0; 4];

/// A writer that collects the frames of a GIF.
pub(in crate::pipeline) struct Writer {
    size: Size,
    loop_count: LoopCount,
    /// The canvas before the waiting frame is drawn.
    before: RgbaImage,
    waiting: Option<(RgbaImage, u32)>,
    palettes: Palettes,
    /// The frames written so far, with compressed pixels.
    frames: Vec<gif::Frame<'static>>,
}

impl Writer {
    /// A writer for frames of `size`.
    pub(in crate::pipeline) fn new(size: Size, loop_count: LoopCount) -> Self {
        Self {
            size,
            loop_count,
            before: RgbaImage::new(size.width, size.height),
            waiting: None,
            palettes: Palettes::default(),
            frames: Vec::new(),
        }
    }

    fn file(&self) -> Result<Vec<u8>, EncodingError> {
        let mut encoder =
            Encoder::new(Vec::new(), side(self.size.width)?, side(self.size.height)?, &self.palettes.file())?;
        match self.loop_count {
            LoopCount::Forever => encoder.set_repeat(Repeat::Infinite)?,
            // An animation without a loop count is shown once.
            LoopCount::Times(0 | 1) => {}
            LoopCount::Times(times) => {
                encoder.set_repeat(Repeat::Finite(u16::try_from(times - 1).unwrap_or(u16::MAX)))?;
            }
        }
        for frame in &self.frames {
            encoder.write_lzw_pre_encoded_frame(frame)?;
        }
        encoder.into_inner()
    }

    /// Writes `frame`, which is followed by `next`.
    fn write(
        &mut self,
        frame: RgbaImage,
        next: Option<&RgbaImage>,
        delay_ms: u32,
    ) -> Result<(), EncodingError> {
        let first = self.frames.is_empty();
        // Pixels that disappear must lie within the rectangle, because that is what is cleared.
        let vanishing =
            next.and_then(|next| Rectangle::around(&frame, next, |now, then| now[3] != 0 && then[3] == 0));
        let changed = if first {
            Some(Rectangle { left: 0, top: 0, size: self.size })
        } else {
            Rectangle::around(&self.before, &frame, |before, now| before != now)
        };
        let rectangle = match (changed, vanishing) {
            (Some(changed), Some(vanishing)) => changed.union(vanishing),
            (Some(rectangle), None) | (None, Some(rectangle)) => rectangle,
            // A frame without changes is kept for its delay, and must have at least one pixel.
            (None, None) => Rectangle { left: 0, top: 0, size: Size { width: 1, height: 1 } },
        };
        let pixels = differing(&self.before, &frame, rectangle);
        let Indexed { indices, palette, transparent } = self.palettes.index(&pixels, rectangle);

        let mut written = gif::Frame {
            delay: u16::try_from(delay_ms.saturating_add(5) / 10).unwrap_or(u16::MAX),
            dispose: if vanishing.is_some() { DisposalMethod::Background } else { DisposalMethod::Keep },
            transparent: transparent.then_some(0),
            needs_user_input: false,
            top: side(rectangle.top)?,
            left: side(rectangle.left)?,
            width: side(rectangle.size.width)?,
            height: side(rectangle.size.height)?,
            interlaced: false,
            palette,
            buffer: Cow::Owned(indices),
        };
        written.make_lzw_pre_encoded();
        self.frames.push(written);

        self.before = frame;
        if vanishing.is_some() {
            rectangle.clear(&mut self.before);
        }
        Ok(())
    }

    fn write_waiting(&mut self, next: Option<&RgbaImage>) -> Result<(), RenderError> {
        match self.waiting.take() {
            Some((frame, delay_ms)) => {
                self.write(frame, next, delay_ms).map_err(|error| failed(error, self.size))
            }
            None => Ok(()),
        }
    }
}

impl FrameWriter for Writer {
    fn add(&mut self, mut frame: RgbaImage, delay_ms: u32) -> Result<(), RenderError> {
        for pixel in frame.pixels_mut() {
            if pixel[3] < VISIBLE {
                pixel.0 = INVISIBLE;
            } else {
                pixel[3] = u8::MAX;
            }
        }
        self.write_waiting(Some(&frame))?;
        self.waiting = Some((frame, delay_ms));
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<u8>, RenderError> {
        self.write_waiting(None)?;
        self.file().map_err(|error| failed(error, self.size))
    }
}

/// The pixels of `after` within `rectangle`. Those that are the same in `before` are made transparent.
fn differing(before: &RgbaImage, after: &RgbaImage, rectangle: Rectangle) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(rectangle.size.pixels() as usize * 4);
    for (before, after) in rectangle.rows(before).zip(rectangle.rows(after)) {
        for (before, after) in before.chunks_exact(4).zip(after.chunks_exact(4)) {
            pixels.extend_from_slice(if before == after { &INVISIBLE } else { after });
        }
    }
    pixels
}

fn side(pixels: u32) -> Result<u16, EncodingError> {
    u16::try_from(pixels).map_err(|_| std::io::Error::other("a GIF's sides have at most 65535 pixels").into())
}

fn failed(error: EncodingError, size: Size) -> RenderError {
    let source = ImageError::Encoding(ImageEncodingError::new(ImageFormat::Gif.into(), error));
    RenderError::Encode { format: Format::Gif, width: size.width, height: size.height, source }
}
