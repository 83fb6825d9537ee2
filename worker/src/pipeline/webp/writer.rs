//! The writer of animated WebP files.
//!
//! Each frame is stored as the rectangle that changed, in one of two forms: it replaces the pixels there, or only the
//! changed pixels are visible and the others are transparent, which is possible if all changed pixels are opaque. The
//! container is written here and not by libwebp's own encoder of animations, because that merges equal frames and
//! counts time in 31 bits. Here every frame and every delay of the original is kept.

use super::super::{
    RenderError,
    animation::{FrameWriter, Rectangle},
    size::Size,
};
use super::{
    coding::Coding,
    encode::failed,
    libwebp::{self, Settings},
};
use image::{DynamicImage, RgbaImage};
use resizinator_formats::{
    LoopCount,
    webp::{self, Content},
};

/// The share of unchanged pixels in a rectangle from which on they are written as transparent.
const MOSTLY_UNCHANGED: f64 = 0.5;

/// The longest delay, which is stored in 24 bits.
const MAX_DELAY_MS: u32 = (1 << 24) - 1;

const REPLACE: u8 = 0x02;

/// A writer that collects the frames of an animation.
pub(in crate::pipeline) struct Writer {
    size: Size,
    coding: Coding,
    /// How many pixels all frames have together.
    pixels: u64,
    loop_count: LoopCount,
    /// The previous frame, as it was passed in.
    shown: Option<RgbaImage>,
    /// The `ANMF` chunks written so far.
    frames: Vec<u8>,
    alpha: bool,
}

impl Writer {
    /// A writer for `frames` frames of `size`.
    pub(in crate::pipeline) fn new(size: Size, loop_count: LoopCount, coding: Coding, frames: u32) -> Self {
        let pixels = size.pixels().saturating_mul(u64::from(frames));
        Self { size, coding, pixels, loop_count, shown: None, frames: Vec::new(), alpha: false }
    }

    fn picture(&mut self, pixels: RgbaImage) -> Result<Vec<u8>, RenderError> {
        let size = Size { width: pixels.width(), height: pixels.height() };
        let transparent = pixels.pixels().any(|pixel| pixel[3] != u8::MAX);
        self.alpha |= transparent;
        let pixels = DynamicImage::from(pixels);
        self.coding = self.coding.decided(&pixels);
        let settings = Settings::new(self.coding, self.pixels);
        let encoded = if transparent {
            libwebp::encode(pixels.as_bytes(), size, settings)
        } else {
            libwebp::encode(&pixels.into_rgb8(), size, settings)
        };
        let file = encoded.map_err(|failure| failed(failure, size))?;

        match webp::read(&file).map(|webp| webp.content) {
            Ok(Content::Still(picture)) => Ok(picture.data.to_vec()),
            other => unreachable!("libwebp wrote one picture, which is read as {other:?}"),
        }
    }
}

impl FrameWriter for Writer {
    fn add(&mut self, frame: RgbaImage, delay_ms: u32) -> Result<(), RenderError> {
        let part = match &self.shown {
            Some(shown) => Part::of(shown, &frame),
            None => Part::whole(&frame),
        };
        self.shown = Some(frame);

        let Rectangle { left, top, size } = part.rectangle;
        let mut data = Vec::new();
        data.extend(three_bytes(left / 2));
        data.extend(three_bytes(top / 2));
        data.extend(three_bytes(size.width - 1));
        data.extend(three_bytes(size.height - 1));
        data.extend(three_bytes(delay_ms.min(MAX_DELAY_MS)));
        data.push(if part.shows_through { 0 } else { REPLACE });
        data.extend(self.picture(part.pixels)?);
        chunk(&mut self.frames, b"ANMF", &data);
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<Vec<u8>, RenderError> {
        let times = match self.loop_count {
            LoopCount::Forever => 0,
            LoopCount::Times(times) => u16::try_from(times).unwrap_or(u16::MAX).max(1),
        };
        let mut body = b"WEBP".to_vec();
        let mut extended = vec![0x02 | if self.alpha { 0x10 } else { 0 }, 0, 0, 0];
        extended.extend(three_bytes(self.size.width - 1));
        extended.extend(three_bytes(self.size.height - 1));
        chunk(&mut body, b"VP8X", &extended);
        // These four bytes are the background colour, which is transparent.
        let mut animation = vec![0; 4];
        animation.extend(times.to_le_bytes());
        chunk(&mut body, b"ANIM", &animation);
        body.extend(self.frames);

        let mut file = Vec::with_capacity(body.len() + 8);
        chunk(&mut file, b"RIFF", &body);
        Ok(file)
    }
}

/// The part of a frame that is written.
struct Part {
    /// The rectangle of the part, which begins at even offsets.
    rectangle: Rectangle,
    pixels: RgbaImage,
    /// Whether the previous pixels show through transparent ones.
    shows_through: bool,
}

impl Part {
    fn whole(frame: &RgbaImage) -> Self {
        let size = Size { width: frame.width(), height: frame.height() };
        let rectangle = Rectangle { left: 0, top: 0, size };
        Self { rectangle, pixels: frame.clone(), shows_through: false }
    }

    fn of(shown: &RgbaImage, frame: &RgbaImage) -> Self {
        let Some(changed) = Rectangle::around(shown, frame, differ) else {
            // A frame without changes is kept for its delay, and must have at least one pixel.
            let rectangle = Rectangle { left: 0, top: 0, size: Size { width: 1, height: 1 } };
            return Self { rectangle, pixels: RgbaImage::new(1, 1), shows_through: true };
        };
        let rectangle = at_even_offsets(changed);
        let mut pixels = Vec::with_capacity(rectangle.size.pixels() as usize * 4);
        rectangle.rows(frame).for_each(|row| pixels.extend_from_slice(row));

        let before = || rectangle.rows(shown).flat_map(|row| row.chunks_exact(4));
        let mut unchanged: usize = 0;
        let mut opaque = true;
        for (before, after) in before().zip(pixels.chunks_exact(4)) {
            if differ(before, after) {
                opaque &= after[3] == u8::MAX;
            } else {
                unchanged += 1;
            }
        }
        let shows_through = opaque && unchanged as f64 >= MOSTLY_UNCHANGED * rectangle.size.pixels() as f64;
        if shows_through {
            for (before, after) in before().zip(pixels.chunks_exact_mut(4)) {
                if !differ(before, after) {
                    after.fill(0);
                }
            }
        }
        let pixels = RgbaImage::from_raw(rectangle.size.width, rectangle.size.height, pixels)
            .expect("four bytes a pixel");
        Self { rectangle, pixels, shows_through }
    }
}

/// Whether two RGBA pixels look different. All fully transparent pixels look the same.
fn differ(one: &[u8], other: &[u8]) -> bool {
    one != other && (one[3] != 0 || other[3] != 0)
}

fn at_even_offsets(rectangle: Rectangle) -> Rectangle {
    let (left, top) = (rectangle.left & !1, rectangle.top & !1);
    let size = Size {
        width: rectangle.size.width + (rectangle.left - left),
        height: rectangle.size.height + (rectangle.top - top),
    };
    Rectangle { left, top, size }
}

fn chunk(bytes: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    bytes.extend(name);
    bytes.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(data);
    bytes.resize(bytes.len() + data.len() % 2, 0);
}

fn three_bytes(number: u32) -> [u8; 3] {
    let [low, middle, high, _] = number.to_le_bytes();
    [low, middle, high]
}
