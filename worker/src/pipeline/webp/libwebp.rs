//! A safe interface to libwebp. Sizes are in pixels, and rows have no gaps.

#![allow(unsafe_code)]

use super::super::size::Size;
use libwebp_sys as sys;
use std::{ffi::c_int, ptr};

/// The reason why a call to libwebp failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LibwebpError {
    #[error("libwebp needs more data")]
    CutShort,
    #[error("libwebp cannot allocate enough memory")]
    Memory,
    #[error("libwebp does not know a feature of the image")]
    Unsupported,
    #[error("libwebp found the bitstream to be damaged")]
    Damaged,
    #[error("the image has another size than its container says")]
    OtherSize,
    #[error("libwebp cannot encode the image: {0:?}")]
    Encode(sys::WebPEncodingError),
    #[error("this libwebp has another interface than it was built for")]
    Version,
}

/// The settings for encoding an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Settings {
    pub(super) lossless: bool,
    /// The quality from 0 to 100, or the effort for a lossless image.
    pub(super) quality: f32,
    /// The method from 0 (fast) to 6 (small files).
    pub(super) method: u8,
}

/// Decodes the single picture in `data` (a file or the chunks of a frame) to 8-bit RGB, or to RGBA with straight alpha.
///
/// # Errors
/// If libwebp reports an error, or if the picture does not have the size `size`.
pub(super) fn decode(data: &[u8], size: Size, alpha: bool) -> Result<Vec<u8>, LibwebpError> {
    let mut config = sys::WebPDecoderConfig::new().map_err(|()| LibwebpError::Version)?;
    // SAFETY: the pointer and the length are those of a live slice, and `config.input` is plain data.
    let status = unsafe { sys::WebPGetFeatures(data.as_ptr(), data.len(), &raw mut config.input) };
    check(status)?;
    let (width, height) = (c_int_of(size.width)?, c_int_of(size.height)?);
    if (config.input.width, config.input.height) != (width, height) {
        return Err(LibwebpError::OtherSize);
    }

    let channels = if alpha { 4 } else { 3 };
    let stride = size.width as usize * channels;
    let mut pixels = vec![0; stride * size.height as usize];
    config.output.colorspace =
        if alpha { sys::WEBP_CSP_MODE::MODE_RGBA } else { sys::WEBP_CSP_MODE::MODE_RGB };
    config.output.is_external_memory = 1;
    config.output.u.RGBA =
        sys::WebPRGBABuffer { rgba: pixels.as_mut_ptr(), stride: c_int_of(stride)?, size: pixels.len() };
    // SAFETY: `data` lives during the call; the output buffer is `pixels`, which is not moved before the call
    // ends, and libwebp checks `stride` and `size` against the picture's size before it writes. With external
    // memory there is nothing to free afterwards.
    check(unsafe { sys::WebPDecode(data.as_ptr(), data.len(), &raw mut config) })?;
    Ok(pixels)
}

/// Encodes 8-bit pixels as a WebP file. The number of bytes per pixel says whether they are RGB or RGBA with straight
/// alpha.
///
/// # Panics
/// If there are neither three nor four bytes per pixel.
pub(super) fn encode(pixels: &[u8], size: Size, settings: Settings) -> Result<Vec<u8>, LibwebpError> {
    let channels = pixels.len() / (size.width as usize * size.height as usize).max(1);
    assert_eq!(pixels.len(), size.width as usize * size.height as usize * channels);

    let mut config = sys::WebPConfig::new().map_err(|()| LibwebpError::Version)?;
    config.quality = settings.quality;
    config.method = c_int::from(settings.method);
    config.lossless = c_int::from(settings.lossless);

    let mut picture = Picture(sys::WebPPicture::new().map_err(|()| LibwebpError::Version)?);
    picture.0.width = c_int_of(size.width)?;
    picture.0.height = c_int_of(size.height)?;
    picture.0.use_argb = config.lossless;
    let stride = c_int_of(size.width as usize * channels)?;
    // SAFETY: both read `height` rows of `stride` bytes, which the assertion above proves `pixels` to hold, and
    // copy them into memory that `picture` owns.
    let imported = unsafe {
        match channels {
            3 => sys::WebPPictureImportRGB(&raw mut picture.0, pixels.as_ptr(), stride),
            4 => sys::WebPPictureImportRGBA(&raw mut picture.0, pixels.as_ptr(), stride),
            _ => panic!("{channels} bytes a pixel"),
        }
    };
    if imported == 0 {
        return Err(LibwebpError::Encode(picture.0.error_code));
    }

    let mut file = Vec::<u8>::new();
    picture.0.writer = Some(append);
    picture.0.custom_ptr = (&raw mut file).cast();
    // SAFETY: both structures are initialised, and `append` gets the pointer to `file`, which outlives the call
    // and which nothing else uses meanwhile.
    if unsafe { sys::WebPEncode(&raw const config, &raw mut picture.0) } == 0 {
        return Err(LibwebpError::Encode(picture.0.error_code));
    }
    Ok(file)
}

/// The callback that the encoder calls with the next bytes of the file.
unsafe extern "C" fn append(data: *const u8, length: usize, picture: *const sys::WebPPicture) -> c_int {
    if length == 0 {
        return 1;
    }
    // SAFETY: libwebp passes `length` readable bytes and the picture that `encode` gave it, whose pointer is
    // that to a `Vec<u8>` which only this function touches while the encoder runs.
    let (data, file) =
        unsafe { (std::slice::from_raw_parts(data, length), &mut *(*picture).custom_ptr.cast::<Vec<u8>>()) };
    if file.try_reserve(length).is_err() {
        return 0;
    }
    file.extend_from_slice(data);
    1
}

/// A picture of libwebp, whose memory is freed when this is dropped.
struct Picture(sys::WebPPicture);

impl Drop for Picture {
    fn drop(&mut self) {
        self.0.custom_ptr = ptr::null_mut();
        // SAFETY: the picture was initialised, and whatever memory it holds was allocated by libwebp.
        unsafe { sys::WebPPictureFree(&raw mut self.0) };
    }
}

fn check(status: sys::VP8StatusCode) -> Result<(), LibwebpError> {
    use sys::VP8StatusCode as Status;
    match status {
        Status::VP8_STATUS_OK => Ok(()),
        Status::VP8_STATUS_OUT_OF_MEMORY => Err(LibwebpError::Memory),
        Status::VP8_STATUS_UNSUPPORTED_FEATURE => Err(LibwebpError::Unsupported),
        Status::VP8_STATUS_SUSPENDED | Status::VP8_STATUS_NOT_ENOUGH_DATA => Err(LibwebpError::CutShort),
        _ => Err(LibwebpError::Damaged),
    }
}

/// Converts a number for libwebp. Its sizes, and so its strides, are small enough for a `c_int`.
fn c_int_of(number: impl TryInto<c_int>) -> Result<c_int, LibwebpError> {
    number.try_into().map_err(|_| LibwebpError::OtherSize)
}
