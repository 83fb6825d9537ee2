//! The reader of an animated WebP's frames, which composes each of them on the canvas.

use super::super::{
    RenderError, RenderLimits,
    animation::{Frame, Frames, Rectangle},
    size::Size,
};
use super::{
    decode::failed,
    libwebp::{self, LibwebpError},
};
use image::RgbaImage;
use resizinator_formats::{
    Format,
    webp::{self, Blending, Disposal},
};

/// The reader of an animation's frames.
pub(in crate::pipeline) struct Animation<'a> {
    frames: webp::Frames<'a>,
    count: u32,
    limits: RenderLimits,
    canvas: RgbaImage,
    /// The part of the canvas that is cleared before the next frame is drawn.
    dispose: Option<Rectangle>,
}

impl<'a> Animation<'a> {
    /// A reader of an animation that has been checked against the limits.
    pub(in crate::pipeline) fn new(
        canvas: Size,
        animation: &webp::Animation<'a>,
        limits: &RenderLimits,
    ) -> Self {
        Self {
            frames: animation.frames(),
            count: animation.frames,
            limits: *limits,
            // The canvas starts transparent, because viewers do not paint the background colour that a file may
            // declare.
            canvas: RgbaImage::new(canvas.width, canvas.height),
            dispose: None,
        }
    }

    fn draw(&mut self, frame: &webp::Frame<'_>) -> Result<(), LibwebpError> {
        if let Some(rectangle) = self.dispose.take() {
            rectangle.clear(&mut self.canvas);
        }
        let size = Size { width: frame.width, height: frame.height };
        let pixels = libwebp::decode(frame.picture.data, size, true)?;
        let Some(rectangle) = Rectangle::clipped(frame.left, frame.top, size, self.size()) else {
            return Ok(());
        };
        let replace = !frame.picture.alpha || frame.blending == Blending::Replace;
        let source = pixels.chunks_exact(size.width as usize * 4);
        for (target, source) in rectangle.rows_mut(&mut self.canvas).zip(source) {
            let source = &source[..target.len()];
            if replace {
                target.copy_from_slice(source);
            } else {
                target
                    .chunks_exact_mut(4)
                    .zip(source.chunks_exact(4))
                    .for_each(|(under, over)| blend(under, over));
            }
        }
        self.dispose = (frame.disposal == Disposal::Background).then_some(rectangle);
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
        let frame = match self.frames.next()? {
            Ok(frame) => frame,
            Err(reason) => return Some(Err(RenderError::unreadable(Format::WebP, reason))),
        };
        Some(match self.draw(&frame) {
            Ok(()) => Ok(Frame { canvas: &self.canvas, delay_ms: frame.delay_ms }),
            Err(error) => Err(failed(error, &self.limits)),
        })
    }
}

/// Blends `over` on `under`, both RGBA with straight alpha, in the colour space in which they are stored.
fn blend(under: &mut [u8], over: &[u8]) {
    match over[3] {
        u8::MAX => under.copy_from_slice(over),
        0 => {}
        alpha => {
            let alpha = u32::from(alpha);
            // In these products, 255 × 255 means opaque.
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
