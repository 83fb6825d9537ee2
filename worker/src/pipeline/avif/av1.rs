//! A safe interface to the AV1 decoder rav1d.
//!
//! rav1d is written in Rust but has the interface of a C library, so every call is unsafe. It runs on the calling
//! thread.

#![allow(unsafe_code)]

use super::failure::DecodeFailure;
use re_rav1d::{
    Dav1dResult,
    include::dav1d::{
        data::Dav1dData,
        dav1d::{DAV1D_INLOOPFILTER_NONE, Dav1dContext, Dav1dLogger, Dav1dSettings},
        headers::{DAV1D_PIXEL_LAYOUT_I400, DAV1D_PIXEL_LAYOUT_I420, DAV1D_PIXEL_LAYOUT_I422},
        picture::Dav1dPicture,
    },
    src::lib::{
        dav1d_close, dav1d_data_create, dav1d_data_unref, dav1d_default_settings, dav1d_get_picture,
        dav1d_open, dav1d_picture_unref, dav1d_send_data,
    },
};
use resizinator_formats::{
    Unreadable,
    avif::{Layout, SequenceHeader, Size},
};
use std::{
    mem::MaybeUninit,
    ptr::{self, NonNull},
    slice,
};

/// The chroma subsampling that the decoder's number stands for.
fn layout_of(code: u32) -> Layout {
    match code {
        DAV1D_PIXEL_LAYOUT_I400 => Layout::I400,
        DAV1D_PIXEL_LAYOUT_I420 => Layout::I420,
        DAV1D_PIXEL_LAYOUT_I422 => Layout::I422,
        _ => Layout::I444,
    }
}

/// The number of bytes that a decoded sample takes.
pub(super) fn bytes_per_sample(header: &SequenceHeader) -> u64 {
    if header.bits == 8 { 1 } else { 2 }
}

/// The bytes of memory that decoding a picture of `size` takes: the picture with its sides rounded up, a second one for
/// film grain, and about one byte per pixel for the data of its blocks.
pub(super) fn memory(header: &SequenceHeader, size: Size) -> u64 {
    let padded = Size { width: size.width.next_multiple_of(128), height: size.height.next_multiple_of(128) };
    let picture = header.layout.samples(padded) * bytes_per_sample(header);
    picture * if header.grain { 2 } else { 1 } + padded.pixels()
}

/// A row of samples of a plane.
pub(super) enum Row<'a> {
    Eight(&'a [u8]),
    /// Samples of 10 or 12 bits.
    Sixteen(&'a [u16]),
}

/// A decoded picture.
pub(super) struct Frame(Dav1dPicture);

impl Frame {
    pub(super) fn size(&self) -> Size {
        Size { width: self.0.p.w.cast_unsigned(), height: self.0.p.h.cast_unsigned() }
    }

    pub(super) fn layout(&self) -> Layout {
        layout_of(self.0.p.layout)
    }

    pub(super) fn bits(&self) -> u8 {
        u8::try_from(self.0.p.bpc).unwrap_or(0)
    }

    /// The samples of a row of a plane.
    ///
    /// # Panics
    /// If the picture has no such plane or row.
    pub(super) fn row(&self, plane: usize, row: u32) -> Row<'_> {
        let Size { width, height } = self.layout().plane(plane, self.size());
        assert!(plane < self.layout().planes() && row < height);
        let start = self.0.data[plane].expect("a plane of the layout");
        let offset = self.0.stride[plane.min(1)] * row as isize;
        // SAFETY: each plane holds `height` rows of at least `width` samples, `stride` bytes apart, aligned to 64
        // bytes; of one byte with 8 bits, else of two. They live and do not change until the picture is dropped.
        unsafe {
            let start = start.cast::<u8>().offset(offset);
            if self.bits() == 8 {
                Row::Eight(slice::from_raw_parts(start.as_ptr(), width as usize))
            } else {
                Row::Sixteen(slice::from_raw_parts(start.cast::<u16>().as_ptr(), width as usize))
            }
        }
    }
}

impl Drop for Frame {
    fn drop(&mut self) {
        // SAFETY: the picture was filled by the decoder, or is empty.
        unsafe { dav1d_picture_unref(Some(NonNull::from(&mut self.0))) };
    }
}

/// What is decoded of the AV1 data.
#[derive(Clone, Copy)]
pub(super) struct Choice {
    /// The operating point (quality level).
    pub(super) operating_point: u8,
    /// The most pixels that the picture may have.
    pub(super) pixels: u64,
    /// Whether the filters that smooth the edges of blocks are left out. They change details alone, and take about a
    /// tenth of the time.
    pub(super) unfiltered: bool,
}

/// Decodes the first picture in `data`.
pub(super) fn decode(data: &[u8], choice: Choice) -> Result<Frame, DecodeFailure> {
    let decoder = Decoder::open(choice)?;
    let mut input = Input::copy(data)?;
    // SAFETY: the decoder is open, and `input` is what `dav1d_data_create` made.
    check(unsafe { dav1d_send_data(decoder.0, Some(NonNull::from(&mut input.0))) })?;
    let mut frame = Frame(Dav1dPicture::default());
    // SAFETY: the decoder is open, and the picture may be written over since it is empty.
    check(unsafe { dav1d_get_picture(decoder.0, Some(NonNull::from(&mut frame.0))) })?;
    Ok(frame)
}

/// An open decoder.
struct Decoder(Option<Dav1dContext>);

impl Decoder {
    fn open(choice: Choice) -> Result<Self, DecodeFailure> {
        let mut settings = MaybeUninit::<Dav1dSettings>::uninit();
        // SAFETY: the settings may be written to, and are fully initialised by the call.
        let mut settings = unsafe {
            dav1d_default_settings(NonNull::new(settings.as_mut_ptr()).expect("not null"));
            settings.assume_init()
        };
        // A single thread is the calling thread.
        settings.n_threads = 1;
        settings.max_frame_delay = 1;
        settings.all_layers = 0;
        settings.operating_point = choice.operating_point.into();
        settings.frame_size_limit = u32::try_from(choice.pixels).unwrap_or(u32::MAX);
        if choice.unfiltered {
            settings.inloop_filters = DAV1D_INLOOPFILTER_NONE;
        }
        // SAFETY: without a callback, nothing is ever called.
        settings.logger = unsafe { Dav1dLogger::new(None, None) };
        let mut decoder = Self(None);
        // SAFETY: both pointers point to live values.
        check(unsafe {
            dav1d_open(Some(NonNull::from(&mut decoder.0)), Some(NonNull::from(&mut settings)))
        })?;
        Ok(decoder)
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the decoder is open or was never opened, and is not used again.
        unsafe { dav1d_close(Some(NonNull::from(&mut self.0))) };
    }
}

/// The input bytes, in memory of the decoder.
struct Input(Dav1dData);

impl Input {
    fn copy(bytes: &[u8]) -> Result<Self, DecodeFailure> {
        let mut input = Self(Dav1dData::default());
        // SAFETY: the structure may be written to.
        let start = unsafe { dav1d_data_create(Some(NonNull::from(&mut input.0)), bytes.len()) };
        if start.is_null() {
            return Err(DecodeFailure::Memory);
        }
        // SAFETY: this many bytes have just been allocated at `start`.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), start, bytes.len()) };
        Ok(input)
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        // SAFETY: the decoder has taken the bytes, or this value still owns them.
        unsafe { dav1d_data_unref(Some(NonNull::from(&mut self.0))) };
    }
}

fn check(result: Dav1dResult) -> Result<(), DecodeFailure> {
    match -result.0 {
        0 => Ok(()),
        libc::EAGAIN => Err(DecodeFailure::Unreadable(Unreadable::EndedEarly)),
        libc::ENOMEM => Err(DecodeFailure::Memory),
        libc::ERANGE => Err(DecodeFailure::damaged("the AV1 data has more pixels than its file says")),
        libc::ENOPROTOOPT => {
            Err(DecodeFailure::Unreadable(Unreadable::Unsupported("AVIF with this kind of AV1 data".into())))
        }
        _ => Err(DecodeFailure::damaged("the AV1 data is damaged")),
    }
}
