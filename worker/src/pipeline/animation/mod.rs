//! Renders the frames of an animation to the frames of its variants, one at a time.
//!
//! The memory needed depends on the size of the canvas and the variants, not on the number of frames: a reader composes
//! the next frame on its one canvas, the frame is resized, and two writers take the results before the reader
//! continues. A canvas is 8-bit RGBA with straight alpha; delays are in milliseconds.

mod rectangle;

pub(super) use rectangle::Rectangle;

use super::{
    RenderError, RenderLimits, limits, placeholder,
    resize::lanczos,
    size::Size,
    stopwatch::{encoding, resizing},
};
use fast_image_resize::{
    PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::RgbaImage;
use resizinator_formats::Header;
use resizinator_shared::placeholder::Placeholder;
use std::num::NonZeroU32;

/// One frame of an animation, composed as a viewer sees it.
pub(super) struct Frame<'a> {
    /// All visible pixels, not only those that the frame changes.
    pub(super) canvas: &'a RgbaImage,
    /// The delay as stored. Viewers show a frame with a delay near zero for longer.
    pub(super) delay_ms: u32,
}

/// A reader that yields an animation frame by frame.
pub(super) trait Frames {
    /// The size of every frame that [`next`](Self::next) returns.
    fn size(&self) -> Size;

    /// The number of frames of which at least a part is in the file.
    fn count(&self) -> u32;

    /// The next frame, or `None` after the last one.
    fn next(&mut self) -> Option<Result<Frame<'_>, RenderError>>;
}

/// A writer that takes an animation frame by frame.
pub(super) trait FrameWriter {
    /// Adds a frame, which must have the size that the writer was made for.
    fn add(&mut self, frame: RgbaImage, delay_ms: u32) -> Result<(), RenderError>;

    /// Finishes the animation and returns the bytes of its file.
    fn finish(self: Box<Self>) -> Result<Vec<u8>, RenderError>;
}

/// The size of both variants, as they are stored in the animation, before they are turned upright.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StoredSizes {
    pub(super) medium: Size,
    pub(super) small: Size,
}

/// Checks the header of an animation against the limits. Decoding its frames takes `frame_memory` bytes in addition to
/// the canvas.
pub(super) fn check(header: &Header, frame_memory: u64, limits: &RenderLimits) -> Result<(), RenderError> {
    // Every frame costs a whole canvas to compose and to resize, even if it only changes a small part.
    limits::check_header(header, limits)?;
    // 8 bytes per pixel: the canvas, and the copy with premultiplied alpha that resizing makes.
    let needed = header.pixels().saturating_mul(8).saturating_add(frame_memory);
    limits::check_memory(needed, limits)
}

/// What [`render`] says of an animation.
pub(super) struct Rendered {
    /// How many frames were written.
    pub(super) frames: NonZeroU32,
    /// The placeholder of the first frame.
    pub(super) placeholder: Placeholder,
}

/// Resizes every frame, applies `finish` to it (colours and orientation), and writes it. Returns `None` if there is no
/// frame at all.
///
/// If at least half of the frames have been written before a damaged or missing frame, the variants end there.
///
/// # Errors
/// If a frame cannot be decoded and fewer than half of the frames came before it, or if resizing or writing fails.
pub(super) fn render(
    frames: &mut dyn Frames,
    sizes: StoredSizes,
    finish: &dyn Fn(RgbaImage) -> RgbaImage,
    medium: &mut dyn FrameWriter,
    small: &mut dyn FrameWriter,
    resizer: &mut Resizer,
) -> Result<Option<Rendered>, RenderError> {
    let count = frames.count();
    let mut written: u32 = 0;
    let mut placeholder = None;
    while let Some(frame) = frames.next() {
        let Frame { canvas, delay_ms } = match frame {
            Ok(frame) => frame,
            Err(_) if written > 0 && written >= count - written.min(count) => break,
            Err(error) => return Err(error),
        };
        let (medium_frame, small_frame) = resizing(|| {
            let medium_frame = resized(canvas, sizes.medium, resizer)?;
            let small_frame = if fits_into(sizes.small, sizes.medium) {
                resized(&medium_frame, sizes.small, resizer)?
            } else {
                resized(canvas, sizes.small, resizer)?
            };
            let small_frame = finish(small_frame);
            if placeholder.is_none() {
                placeholder = Some(placeholder::of(&small_frame.clone().into(), resizer)?);
            }
            Ok::<_, RenderError>((finish(medium_frame), small_frame))
        })?;
        encoding(|| {
            medium.add(medium_frame, delay_ms)?;
            small.add(small_frame, delay_ms)
        })?;
        written += 1;
    }
    let rendered = NonZeroU32::new(written).zip(placeholder);
    Ok(rendered.map(|(frames, placeholder)| Rendered { frames, placeholder }))
}

fn fits_into(inner: Size, outer: Size) -> bool {
    inner.width <= outer.width && inner.height <= outer.height
}

fn resized(canvas: &RgbaImage, size: Size, resizer: &mut Resizer) -> Result<RgbaImage, RenderError> {
    if canvas.dimensions() == (size.width, size.height) {
        return Ok(canvas.clone());
    }
    let source = ImageRef::new(canvas.width(), canvas.height(), canvas, PixelType::U8x4)
        .expect("a canvas holds four bytes a pixel");
    let mut target = Image::new(size.width, size.height, PixelType::U8x4);
    // Multiplying the colours by their alpha costs a copy of the canvas, which an opaque canvas does not need.
    let transparent = canvas.pixels().any(|pixel| pixel[3] != u8::MAX);
    let options =
        ResizeOptions::new().resize_alg(ResizeAlg::Convolution(lanczos::filter())).use_alpha(transparent);
    resizer.resize(&source, &mut target, &options).map_err(|source| RenderError::Resize { source })?;
    Ok(RgbaImage::from_raw(size.width, size.height, target.into_vec()).expect("four bytes a pixel"))
}
