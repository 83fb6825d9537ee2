//! Whether pixels are coded with or without loss, and how good they have to be.

use image::DynamicImage;
use resizinator_formats::Format;

/// How the pixels of a variant are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pipeline) enum Coding {
    /// With the loss of a variant of a lossy WebP original.
    Lossy,
    /// With a loss that is seen as little as that of a JPEG variant.
    LossyLikeJpeg,
    Lossless,
    /// Without loss if the pixels look drawn, else as `LossyLikeJpeg`. A still image decides for each variant, an
    /// animation by its first frame.
    ByPixels,
}

impl Coding {
    /// How the WebP variants of an original of `format` are coded. `lossless` says whether it is coded without loss itself.
    pub(in crate::pipeline) const fn of(format: Format, lossless: bool) -> Self {
        match (format, lossless) {
            (Format::WebP, true) => Self::Lossless,
            (Format::WebP, false) => Self::Lossy,
            // PNG, TIFF, BMP and AVIF files may contain photographs, whose variants would have many times the bytes.
            (_, true) => Self::ByPixels,
            (_, false) => Self::LossyLikeJpeg,
        }
    }

    /// This coding, decided by `pixels` if it has to be.
    pub(super) fn decided(self, pixels: &DynamicImage) -> Self {
        match self {
            Self::ByPixels if look_drawn(pixels) => Self::Lossless,
            Self::ByPixels => Self::LossyLikeJpeg,
            decided => decided,
        }
    }
}

/// Whether at least half of the pixels are the same as their left neighbours, as in logos, diagrams and most screenshots.
/// Of a photograph's pixels it is a tenth, because of the noise; the number of colours would not tell, since a grey
/// photograph has few.
fn look_drawn(pixels: &DynamicImage) -> bool {
    let bytes = usize::from(pixels.color().bytes_per_pixel());
    let row = pixels.width() as usize * bytes;
    if row == 0 {
        return false;
    }
    let equal = |row: &[u8]| {
        let pairs = row.chunks_exact(bytes).zip(row.chunks_exact(bytes).skip(1));
        pairs.filter(|(left, right)| left == right).count()
    };
    let equal: usize = pixels.as_bytes().chunks_exact(row).map(equal).sum();
    equal * 2 >= pixels.as_bytes().len() / bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{GrayImage, Luma, Rgba, RgbaImage};

    fn noisy() -> DynamicImage {
        let level = |x: u32, y: u32| (x * 7919 + y * 104_729).wrapping_mul(2_654_435_761) >> 26;
        GrayImage::from_fn(60, 40, |x, y| Luma([level(x, y) as u8 + 90])).into()
    }

    fn drawn() -> DynamicImage {
        let inside = |x: u32, y: u32| (10..40).contains(&x) && (8..30).contains(&y);
        let colour = |x, y| if inside(x, y) { Rgba([200, 30, 30, 255]) } else { Rgba([0; 4]) };
        RgbaImage::from_fn(60, 40, colour).into()
    }

    #[test]
    fn a_lossless_original_has_lossless_variants_only_if_it_looks_drawn() {
        let coding = Coding::of(Format::Png, true);
        assert_eq!(coding.decided(&noisy()), Coding::LossyLikeJpeg, "few colours are no drawing");
        assert_eq!(coding.decided(&drawn()), Coding::Lossless);
    }

    #[test]
    fn lossy_originals_and_webp_originals_do_not_ask_the_pixels() {
        for pixels in [noisy(), drawn()] {
            assert_eq!(Coding::of(Format::Jpeg, false).decided(&pixels), Coding::LossyLikeJpeg);
            assert_eq!(Coding::of(Format::WebP, false).decided(&pixels), Coding::Lossy);
            assert_eq!(Coding::of(Format::WebP, true).decided(&pixels), Coding::Lossless);
        }
    }

    #[test]
    fn an_image_of_one_column_is_no_drawing() {
        assert_eq!(Coding::ByPixels.decided(&DynamicImage::new_rgb8(1, 50)), Coding::LossyLikeJpeg);
    }
}
