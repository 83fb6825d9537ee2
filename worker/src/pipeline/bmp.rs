//! What a BMP says about its colours, which the decoder of its pixels leaves unread.

use super::colour::Profile;
use image::DynamicImage;

/// Writers that know no alpha leave its bits 0, and would make an image that nobody sees: then they mean nothing.
pub(super) fn visible(pixels: DynamicImage) -> DynamicImage {
    match pixels {
        DynamicImage::ImageRgba8(image) if image.pixels().all(|pixel| pixel[3] == 0) => {
            DynamicImage::ImageRgba8(image).into_rgb8().into()
        }
        pixels => pixels,
    }
}

/// Of a file whose header is of the fifth version. The chromaticities that the fourth may hold are rare and
/// unreliable; browsers other than Chromium pass them over too.
pub(super) fn profile(input: &[u8]) -> Profile {
    embedded_icc(input).map_or(Profile::Srgb, |icc| Profile::Icc(icc.to_vec()))
}

fn embedded_icc(input: &[u8]) -> Option<&[u8]> {
    /// The file's own header, in front of the image's.
    const HEADER: usize = 14;
    const SIZE_OF_FIFTH_VERSION: u32 = 124;
    const PROFILE_EMBEDDED: u32 = u32::from_be_bytes(*b"MBED");

    let header = input.get(HEADER..)?;
    let field = |offset: usize| -> Option<u32> {
        header.get(offset..)?.first_chunk().map(|&bytes| u32::from_le_bytes(bytes))
    };
    if field(0)? != SIZE_OF_FIFTH_VERSION || field(56)? != PROFILE_EMBEDDED {
        return None;
    }
    // The offset counts from the image's header.
    header.get(field(112)? as usize..)?.get(..field(116)? as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_of_which_nothing_would_be_seen_is_opaque() {
        let red = |alpha| image::Rgba([200, 0, 0, alpha]);
        let mut pixels = image::RgbaImage::from_pixel(3, 2, red(0));
        let seen = visible(pixels.clone().into());
        assert_eq!(seen, image::RgbImage::from_pixel(3, 2, image::Rgb([200, 0, 0])).into());
        pixels.put_pixel(1, 1, red(9));
        assert_eq!(visible(pixels.clone().into()), pixels.into());
    }

    /// The two headers of a file whose profile follows them.
    fn file(version: u32, colour_space: &[u8; 4], profile: &[u8]) -> Vec<u8> {
        let mut file = vec![0; 14 + 124];
        let mut write = |offset: usize, value: u32| {
            file[14 + offset..][..4].copy_from_slice(&value.to_le_bytes());
        };
        write(0, version);
        write(56, u32::from_be_bytes(*colour_space));
        write(112, 124);
        write(116, profile.len() as u32);
        file.extend(profile);
        file
    }

    #[test]
    fn an_embedded_profile_is_found() {
        let file = file(124, b"MBED", b"profile");
        assert_eq!(profile(&file), Profile::Icc(b"profile".to_vec()));
    }

    #[test]
    fn without_a_whole_profile_it_is_srgb() {
        let whole = file(124, b"MBED", b"profile");
        for length in 0..whole.len() {
            assert_eq!(profile(&whole[..length]), Profile::Srgb);
        }
        // A path to a profile on some other machine, and a header of an earlier version.
        assert_eq!(profile(&file(124, b"LINK", b"profile")), Profile::Srgb);
        assert_eq!(profile(&file(108, b"MBED", b"profile")), Profile::Srgb);
    }
}
