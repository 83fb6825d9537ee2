//! Renders an animation to its variants, which are animations too.

use super::{
    RenderError, Variant, Variants,
    animation::{self, FrameWriter, Frames, Rendered, StoredSizes},
    colour::{self, Profile},
    gif, orient,
    size::{self, Bounds, Size},
    stopwatch::encoding,
    webp,
};
use fast_image_resize::Resizer;
use image::{DynamicImage, RgbaImage, metadata::Orientation};
use resizinator_formats::{Format, LoopCount, Unreadable};
use resizinator_shared::variant::Wanted;

/// An animation within the limits, of which no frame has been decoded yet.
pub(super) struct Moving<'a> {
    pub(super) frames: Box<dyn Frames + 'a>,
    pub(super) loop_count: LoopCount,
    pub(super) format: Format,
    pub(super) orientation: Orientation,
    pub(super) profile: Profile,
    /// Whether the original is coded without loss.
    pub(super) lossless: bool,
}

impl Moving<'_> {
    pub(super) fn variants(mut self, wanted: Wanted) -> Result<Variants, RenderError> {
        let heights = wanted.heights;
        let format = wanted.format.of(self.format);
        let stored = |bounds| size::stored_variant(self.frames.size(), self.orientation, bounds);
        let sizes =
            StoredSizes { medium: stored(Bounds::medium(heights)), small: stored(Bounds::small(heights)) };
        let medium_size = orient::oriented(sizes.medium, self.orientation);
        let small_size = orient::oriented(sizes.small, self.orientation);
        let mut medium = self.writer(format, medium_size);
        let mut small = self.writer(format, small_size);

        let (orientation, profile) = (self.orientation, &self.profile);
        let finish = |frame| finished(frame, orientation, profile);
        let frames = &mut *self.frames;
        let resizer = &mut Resizer::new();
        let rendered = animation::render(frames, sizes, &finish, &mut *medium, &mut *small, resizer)?;
        let Rendered { frames, placeholder } =
            rendered.ok_or_else(|| RenderError::unreadable(self.format, Unreadable::EndedEarly))?;
        let variant = |bytes, size: Size| Variant { bytes, format, width: size.width, height: size.height };
        Ok(Variants {
            small: variant(encoding(|| small.finish())?, small_size),
            medium: variant(encoding(|| medium.finish())?, medium_size),
            frames,
            placeholder,
        })
    }

    fn writer(&self, format: Format, size: Size) -> Box<dyn FrameWriter> {
        let coding = webp::Coding::of(self.format, self.lossless);
        match format {
            Format::Gif => Box::new(gif::Writer::new(size, self.loop_count)),
            _ => Box::new(webp::Writer::new(size, self.loop_count, coding, self.frames.count())),
        }
    }
}

fn finished(frame: RgbaImage, orientation: Orientation, profile: &Profile) -> RgbaImage {
    let mut frame = colour::to_srgb(DynamicImage::from(frame), profile);
    frame.apply_orientation(orientation);
    frame.into_rgba8()
}
