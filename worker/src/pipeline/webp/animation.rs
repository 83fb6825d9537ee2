//! An animated WebP's frames, composed.

use super::super::{
    RenderError, RenderLimits,
    animation::{Claim, Frame, Frames, Rectangle},
    size::Size,
};
use super::{
    container::{Container, FrameHeader},
    decode::failed,
    libwebp::{self, Failure},
};
use image::RgbaImage;
use resizinator_formats::Format;

/// Reads the frames of an animation within the limits.
pub(in crate::pipeline) struct Animation<'a> {
    frames: Box<dyn Iterator<Item = Option<FrameHeader<'a>>> + 'a>,
    count: u32,
    limits: RenderLimits,
    canvas: RgbaImage,
    /// What is cleared before the next frame.
    dispose: Option<Rectangle>,
}

impl Container<'_> {
    /// What decoding it would take.
    pub(in crate::pipeline) fn claim(&self) -> Claim {
        Claim {
            format: Format::WebP,
            canvas: self.size,
            frames: self.frames,
            // Four bytes a pixel for the frame's rectangle, and what libwebp holds of a lossless one.
            frame_memory: self.largest_frame.saturating_mul(8),
        }
    }
}

impl<'a> Animation<'a> {
    /// The claim of `container` must have been checked.
    pub(in crate::pipeline) fn new(container: Container<'a>, limits: &RenderLimits) -> Self {
        Self {
            frames: Box::new(container.frame_headers()),
            count: container.frames,
            limits: *limits,
            // Viewers do not paint the background colour that a file may name.
            canvas: RgbaImage::new(container.size.width, container.size.height),
            dispose: None,
        }
    }

    fn draw(&mut self, frame: &FrameHeader<'_>) -> Result<(), Failure> {
        if let Some(rectangle) = self.dispose.take() {
            rectangle.clear(&mut self.canvas);
        }
        let pixels = libwebp::decode(frame.picture, frame.size, true)?;
        let canvas = self.size();
        let Some(rectangle) = Rectangle::clipped(frame.left, frame.top, frame.size, canvas) else {
            return Ok(());
        };
        let opaque = frame.bitstream.is_some_and(|bitstream| !bitstream.alpha);
        let source = pixels.chunks_exact(frame.size.width as usize * 4);
        for (target, source) in rectangle.rows_mut(&mut self.canvas).zip(source) {
            let source = &source[..target.len()];
            if opaque || !frame.blend {
                target.copy_from_slice(source);
            } else {
                target
                    .chunks_exact_mut(4)
                    .zip(source.chunks_exact(4))
                    .for_each(|(under, over)| blend(under, over));
            }
        }
        self.dispose = frame.dispose.then_some(rectangle);
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
        let drawn = match &frame {
            Some(frame) => self.draw(frame),
            None => Err(Failure::CutShort),
        };
        let delay_ms = frame.map_or(0, |frame| frame.delay_ms);
        Some(match drawn {
            Ok(()) => Ok(Frame { canvas: &self.canvas, delay_ms }),
            Err(failure) => Err(failed(failure, &self.limits)),
        })
    }
}

/// `over` on `under`, both RGBA with straight alpha, weighed in the space in which they are stored.
fn blend(under: &mut [u8], over: &[u8]) {
    match over[3] {
        u8::MAX => under.copy_from_slice(over),
        0 => {}
        alpha => {
            let alpha = u32::from(alpha);
            // 255 × 255 is opaque.
            let below = u32::from(under[3]) * (255 - alpha);
            let above = alpha * 255;
            let total = above + below;
            for (under, over) in under[..3].iter_mut().zip(over) {
                let sum = u32::from(*over) * above + u32::from(*under) * below;
                *under = ((sum + total / 2) / total) as u8;
            }
            under[3] = ((total + 127) / 255) as u8;
        }
    }
}
