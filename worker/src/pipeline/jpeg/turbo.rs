//! A safe interface to libjpeg-turbo. No other module calls the library.
#![allow(unsafe_code)]

use super::{opened::Colour, scale::Scale};
use std::{
    ffi::{CStr, c_int, c_void},
    ptr::{self, NonNull},
};
use turbojpeg_sys as sys;

/// The result of decoding.
pub(super) struct Decoded {
    /// This side of the decoded image in pixels.
    pub(super) width: u32,
    /// This side of the decoded image in pixels.
    pub(super) height: u32,
    /// The samples row by row without gaps, 8 bits per channel. They are mid-grey where nothing was decoded.
    pub(super) samples: Vec<u8>,
    /// The library's first warning, or the error that stopped it. If there is one, pixels may be wrong or missing.
    pub(super) problem: Option<String>,
    /// Whether the library reached the last row, even if it stopped with an error.
    pub(super) finished: bool,
}

/// Limits that the library itself enforces.
#[derive(Clone, Copy)]
pub(super) struct DecoderBounds {
    /// The most memory that the library may use, in bytes.
    pub(super) memory: u64,
    pub(super) scans: usize,
}

/// Decodes the JPEG file `input` at `scale` to `colour`. CMYK is returned as it is stored.
///
/// # Errors
/// The library's message, if it cannot read the header or cannot decode any image.
pub(super) fn decode(
    input: &[u8],
    scale: Scale,
    colour: Colour,
    limits: DecoderBounds,
) -> Result<Decoded, String> {
    let handle = Handle::new(sys::TJINIT_TJINIT_DECOMPRESS)?;
    handle.set(sys::TJPARAM_TJPARAM_SAVEMARKERS, 0)?;
    handle.set(sys::TJPARAM_TJPARAM_SCANLIMIT, c_int::try_from(limits.scans).unwrap_or(c_int::MAX))?;
    // The unit is megabytes, and 0 would mean no limit.
    let megabytes = (limits.memory >> 20).max(1);
    handle.set(sys::TJPARAM_TJPARAM_MAXMEMORY, c_int::try_from(megabytes).unwrap_or(c_int::MAX))?;

    // SAFETY: the handle is alive and was made for decompression; the pointer and the length are those of a slice.
    // The result is ignored: a warning is no failure, and after a failure there is no size.
    unsafe { sys::tj3DecompressHeader(handle.0.as_ptr(), input.as_ptr(), input.len() as _) };
    let (stored_width, stored_height) = match (
        u32::try_from(handle.get(sys::TJPARAM_TJPARAM_JPEGWIDTH)),
        u32::try_from(handle.get(sys::TJPARAM_TJPARAM_JPEGHEIGHT)),
    ) {
        (Ok(width @ 1..=0xFFFF), Ok(height @ 1..=0xFFFF)) => (width, height),
        _ => return Err(handle.last_message()),
    };
    // The library decides by what it has read itself, and has another decoder for lossless files. That one ignores the
    // scale, so it would write more than the rows below have room for.
    if handle.get(sys::TJPARAM_TJPARAM_LOSSLESS) != 0 {
        return Err("The file is lossless.".to_owned());
    }
    // SAFETY: the handle is alive and was made for decompression; the factor is passed by value.
    if unsafe { sys::tj3SetScalingFactor(handle.0.as_ptr(), factor(scale)) } != 0 {
        return Err(handle.last_message());
    }

    let (width, height) = (scale.of(stored_width), scale.of(stored_height));
    let row = width as usize * usize::from(colour.channels());
    let mut samples = vec![MID_GREY; row * height as usize];
    let last_row = samples.len() - row;
    samples[last_row..].fill(UNTOUCHED);
    // SAFETY: as above for the input. The library writes `height` rows of `row` bytes: it computes the scaled size
    // from the header it has just told us of, in the same bytes, as `Scale::of` does, rounding up.
    let result = unsafe {
        sys::tj3Decompress8(
            handle.0.as_ptr(),
            input.as_ptr(),
            input.len() as _,
            samples.as_mut_ptr(),
            row as c_int,
            pixel_format(colour),
        )
    };
    let problem = (result != 0).then(|| handle.last_message());
    // The library's result does not tell whether it stopped with an error after a warning.
    let finished = problem.is_none() || samples[last_row..].iter().any(|&sample| sample != UNTOUCHED);
    if !finished {
        samples[last_row..].fill(MID_GREY);
    }
    Ok(Decoded { width, height, samples, problem, finished })
}

/// The samples that the library's inverse DCT makes of a block without coefficients, and so of missing data.
pub(super) const MID_GREY: u8 = 128;

/// The value that fills the last row before it is decoded. A whole row of it is rare in real images.
const UNTOUCHED: u8 = 1;

/// The settings for encoding.
#[derive(Clone, Copy)]
pub(super) struct Settings {
    /// The quality from 1 to 100.
    pub(super) quality: u8,
    pub(super) sampling: Sampling,
    /// Whether the library looks for the best Huffman codes, which takes a second pass. Otherwise the file has the codes of
    /// T.81's Annex K.
    pub(super) best_codes: bool,
}

/// The chroma samples that are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sampling {
    /// No chroma, for grey pixels.
    Grey,
    /// One chroma sample for 2 × 2 pixels.
    Quarter,
}

/// Encodes `samples`, which are rows of `width` pixels of `colour` without gaps, as a baseline JPEG file.
pub(super) fn encode(
    samples: &[u8],
    (width, height): (u32, u32),
    colour: Colour,
    settings: Settings,
) -> Result<Vec<u8>, String> {
    let row = width as usize * usize::from(colour.channels());
    assert_eq!(samples.len(), row * height as usize, "the samples of {width} × {height} pixels");
    let sides = (c_int::try_from(width), c_int::try_from(height));
    let (Ok(width), Ok(height)) = sides else { return Err("The image is too large.".to_owned()) };

    let handle = Handle::new(sys::TJINIT_TJINIT_COMPRESS)?;
    handle.set(sys::TJPARAM_TJPARAM_QUALITY, settings.quality.into())?;
    handle.set(sys::TJPARAM_TJPARAM_SUBSAMP, sampling(settings.sampling))?;
    handle.set(sys::TJPARAM_TJPARAM_OPTIMIZE, settings.best_codes.into())?;

    let mut file = File { bytes: ptr::null_mut(), length: 0 };
    // SAFETY: the handle is alive and was made for compression; `samples` holds `height` rows of `row` bytes, as
    // asserted. The library allocates the file and stores its place and length, which `File` frees.
    let result = unsafe {
        sys::tj3Compress8(
            handle.0.as_ptr(),
            samples.as_ptr(),
            width,
            row as c_int,
            height,
            pixel_format(colour),
            &raw mut file.bytes,
            &raw mut file.length,
        )
    };
    if result != 0 {
        return Err(handle.last_message());
    }
    Ok(file.as_slice().to_vec())
}

/// An encoded file in memory that the library has allocated.
struct File {
    bytes: *mut u8,
    length: sys::size_t,
}

impl File {
    fn as_slice(&self) -> &[u8] {
        if self.bytes.is_null() {
            return &[];
        }
        // SAFETY: the library allocated and wrote this many bytes, and nothing else holds the pointer.
        unsafe { std::slice::from_raw_parts(self.bytes, self.length as usize) }
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: the library allocated it, or it is null, which is allowed.
        unsafe { sys::tj3Free(self.bytes.cast()) };
    }
}

/// A handle of one of the library's compressors or decompressors. One thread uses it at a time.
struct Handle(NonNull<c_void>);

impl Handle {
    fn new(kind: sys::TJINIT) -> Result<Self, String> {
        // SAFETY: any number is allowed; an unknown one gives null.
        let handle = unsafe { sys::tj3Init(kind as c_int) };
        NonNull::new(handle.cast()).map(Self).ok_or_else(|| "No memory for libjpeg-turbo.".to_owned())
    }

    fn set(&self, parameter: sys::TJPARAM, value: c_int) -> Result<(), String> {
        // SAFETY: the handle is alive; unknown parameters and values are refused.
        let result = unsafe { sys::tj3Set(self.0.as_ptr(), parameter as c_int, value) };
        if result == 0 { Ok(()) } else { Err(self.last_message()) }
    }

    /// The value of a parameter, or -1 if it is unknown.
    fn get(&self, parameter: sys::TJPARAM) -> c_int {
        // SAFETY: the handle is alive; unknown parameters give -1.
        unsafe { sys::tj3Get(self.0.as_ptr(), parameter as c_int) }
    }

    fn last_message(&self) -> String {
        // SAFETY: the handle is alive; the text ends with a 0, lies in the handle or in this thread's storage, and
        // is copied before the next call.
        let text = unsafe { CStr::from_ptr(sys::tj3GetErrorStr(self.0.as_ptr())) };
        text.to_string_lossy().into_owned()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: the handle came from `tj3Init` and is not used afterwards.
        unsafe { sys::tj3Destroy(self.0.as_ptr()) };
    }
}

/// The scaling factor for the library, which only accepts fractions in lowest terms.
fn factor(scale: Scale) -> sys::tjscalingfactor {
    let eighths = c_int::from(scale.eighths());
    let common = 1 << eighths.trailing_zeros();
    sys::tjscalingfactor { num: eighths / common, denom: 8 / common }
}

fn pixel_format(colour: Colour) -> c_int {
    match colour {
        Colour::Grey => sys::TJPF_TJPF_GRAY,
        Colour::Rgb => sys::TJPF_TJPF_RGB,
        Colour::Cmyk { .. } => sys::TJPF_TJPF_CMYK,
    }
}

fn sampling(sampling: Sampling) -> c_int {
    match sampling {
        Sampling::Grey => sys::TJSAMP_TJSAMP_GRAY,
        Sampling::Quarter => sys::TJSAMP_TJSAMP_420,
    }
}
