//! Decoding a file of any format.
//!
//! For each format, the header is read first and checked against the limits before any pixel is decoded.

use super::{
    RenderError, RenderLimits, avif, bmp,
    colour::{self, Profile},
    gif,
    jpeg::{self, Pixels},
    limits,
    moving::Moving,
    orient, png,
    resize::Scaled,
    size::{self, Bounds, Size},
    still::Still,
    tiff, webp,
};
use image::metadata::Orientation;
use resizinator_formats::{Format, Header, webp::Content};
use resizinator_shared::variant::Heights;

pub(super) enum Decoded<'a> {
    Still(Still),
    Moving(Moving<'a>),
}

/// Decodes the pixels of `input`, or only the header if it is an animation.
pub(super) fn decode<'a>(
    format: Format,
    input: &'a [u8],
    limits: &RenderLimits,
    heights: Heights,
) -> Result<Decoded<'a>, RenderError> {
    let largest = Bounds::largest(heights);
    let still = match format {
        Format::Jpeg => jpeg(input, limits, largest)?,
        Format::Png => png(input, limits, largest)?,
        Format::Tiff => tiff(input, limits, largest)?,
        Format::Bmp => bmp(input, limits)?,
        Format::Avif => avif(input, limits, largest)?,
        Format::Gif => return gif(input, limits),
        Format::WebP => return webp(input, limits),
    };
    Ok(Decoded::Still(still))
}

fn jpeg(input: &[u8], limits: &RenderLimits, largest: Bounds) -> Result<Still, RenderError> {
    let opened = jpeg::open(input)?;
    let header = opened.jpeg.header();
    limits::check_header(&header, limits)?;
    let (size, orientation) = (Size { width: header.width, height: header.height }, opened.orientation);
    let wanted = size::variant_size(orient::oriented(size, orientation), largest).height;
    let jpeg::Scaled { pixels, within } = jpeg::decode(input, &opened, wanted, limits.decoder_memory)?;
    let (pixels, profile) = match (pixels, opened.jpeg.icc) {
        // The later steps cannot handle CMYK. Converting it here is cheap, since few pixels are left.
        (Pixels::Cmyk(inks), icc) => (colour::cmyk_to_srgb(&inks, icc.as_deref()).into(), Profile::Srgb),
        (Pixels::Grey(pixels), icc) => (pixels.into(), icc.map_or(Profile::Srgb, Profile::Icc)),
        (Pixels::Rgb(pixels), icc) => (pixels.into(), icc.map_or(Profile::Srgb, Profile::Icc)),
    };
    let scaled = Scaled { pixels, covered: within };
    Ok(Still { format: Format::Jpeg, scaled, size, orientation, profile, lossless: false })
}

fn png(input: &[u8], limits: &RenderLimits, largest: Bounds) -> Result<Still, RenderError> {
    let png = png::open(input, limits)?;
    let (size, orientation, profile) = (png.size, png.orientation, png.profile.clone());
    let scaled = png.decode(size::stored_variant(size, orientation, largest))?;
    Ok(Still { format: Format::Png, scaled, size, orientation, profile, lossless: true })
}

fn tiff(input: &[u8], limits: &RenderLimits, largest: Bounds) -> Result<Still, RenderError> {
    let tiff = tiff::open(input, limits)?;
    let (size, orientation) = (tiff.size, tiff.orientation);
    let (scaled, profile) = tiff.decode(size::stored_variant(size, orientation, largest))?;
    Ok(Still { format: Format::Tiff, scaled, size, orientation, profile, lossless: true })
}

fn bmp(input: &[u8], limits: &RenderLimits) -> Result<Still, RenderError> {
    let (pixels, profile) = bmp::decode(input, limits)?;
    let size = Size { width: pixels.width(), height: pixels.height() };
    let scaled = Scaled::whole(pixels);
    let orientation = Orientation::NoTransforms;
    Ok(Still { format: Format::Bmp, scaled, size, orientation, profile, lossless: true })
}

fn avif(input: &[u8], limits: &RenderLimits, largest: Bounds) -> Result<Still, RenderError> {
    let avif = avif::open(input, limits)?;
    let (size, orientation, profile) = (avif.size, avif.orientation, avif.profile.clone());
    let scaled = avif.decode(size::stored_variant(size, orientation, largest))?;
    Ok(Still { format: Format::Avif, scaled, size, orientation, profile, lossless: true })
}

/// Opens a GIF, which is handled as an animation even if it has a single frame.
fn gif<'a>(input: &'a [u8], limits: &RenderLimits) -> Result<Decoded<'a>, RenderError> {
    let gif = gif::open(input, limits)?;
    Ok(Decoded::Moving(Moving {
        frames: Box::new(gif::Animation::new(&gif)),
        loop_count: gif.loop_count,
        format: Format::Gif,
        orientation: Orientation::NoTransforms,
        profile: Profile::Srgb,
        lossless: true,
    }))
}

fn webp<'a>(input: &'a [u8], limits: &RenderLimits) -> Result<Decoded<'a>, RenderError> {
    let webp = webp::open(input, limits)?;
    let Header { format, width, height, .. } = webp.header();
    let size = Size { width, height };
    let orientation = webp.exif.and_then(Orientation::from_exif_chunk).unwrap_or(Orientation::NoTransforms);
    let profile = webp.icc.map_or(Profile::Srgb, |icc| Profile::Icc(icc.to_vec()));
    let lossless = webp.lossless;
    if let Content::Animation(animation) = &webp.content
        && animation.frames > 1
    {
        let frames = Box::new(webp::Animation::new(size, animation, limits));
        let loop_count = animation.loop_count;
        return Ok(Decoded::Moving(Moving { frames, loop_count, format, orientation, profile, lossless }));
    }
    let scaled = Scaled::whole(webp::decode_still(&webp, limits)?);
    Ok(Decoded::Still(Still { format, scaled, size, orientation, profile, lossless }))
}
