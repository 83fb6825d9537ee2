//! The calls into the AV1 decoder, and nothing else.
//!
//! rav1d is Rust with the interface of a C library, so that every call is unsafe. It runs on the calling thread.

#![allow(unsafe_code)]

use super::{super::size::Size, container::Nclx, failure::Failure};
use re_rav1d::{
    Dav1dResult,
    include::dav1d::{
        data::Dav1dData,
        dav1d::{Dav1dContext, Dav1dLogger, Dav1dSettings},
        headers::{
            DAV1D_PIXEL_LAYOUT_I400, DAV1D_PIXEL_LAYOUT_I420, DAV1D_PIXEL_LAYOUT_I422, Dav1dSequenceHeader,
        },
        picture::Dav1dPicture,
    },
    src::lib::{
        dav1d_close, dav1d_data_create, dav1d_data_unref, dav1d_default_settings, dav1d_get_picture,
        dav1d_open, dav1d_parse_sequence_header, dav1d_picture_unref, dav1d_send_data,
    },
};
use std::{
    mem::MaybeUninit,
    ptr::{self, NonNull},
    slice,
};

/// How many colour samples there are for how many of brightness.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// None: grey.
    I400,
    /// One for two by two.
    I420,
    /// One for two in a row.
    I422,
    /// One for one.
    I444,
}

impl Layout {
    fn of(code: u32) -> Self {
        match code {
            DAV1D_PIXEL_LAYOUT_I400 => Self::I400,
            DAV1D_PIXEL_LAYOUT_I420 => Self::I420,
            DAV1D_PIXEL_LAYOUT_I422 => Self::I422,
            _ => Self::I444,
        }
    }

    /// Planes of a picture: brightness, and two of colours.
    pub(super) fn planes(self) -> usize {
        if self == Self::I400 { 1 } else { 3 }
    }

    /// By how much the planes of colours are smaller, as powers of two.
    pub(super) fn shifts(self) -> (u32, u32) {
        match self {
            Self::I420 => (1, 1),
            Self::I422 => (1, 0),
            Self::I400 | Self::I444 => (0, 0),
        }
    }

    /// The size of a plane of a picture of `size`.
    pub(super) fn plane(self, plane: usize, size: Size) -> Size {
        let (across, down) = if plane == 0 { (0, 0) } else { self.shifts() };
        Size { width: size.width.div_ceil(1 << across), height: size.height.div_ceil(1 << down) }
    }

    /// Samples of a picture of `size`, of all planes.
    pub(super) fn samples(self, size: Size) -> u64 {
        (0..self.planes()).map(|plane| self.plane(plane, size).pixels()).sum()
    }
}

/// What the sequence header of AV1 data says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The largest that a picture in it may have.
    pub(super) size: Size,
    pub(super) layout: Layout,
    /// Of a sample: 8, 10 or 12.
    pub(super) bits: u8,
    pub(super) colours: Nclx,
    /// Film grain may be added to a copy of the picture.
    pub(super) grain: bool,
}

impl Header {
    /// Reads the sequence header in `data`.
    pub(super) fn read(data: &[u8]) -> Result<Self, Failure> {
        let missing = Failure::Damaged("the AV1 data has no header");
        let start = NonNull::new(data.as_ptr().cast_mut()).filter(|_| !data.is_empty()).ok_or(missing)?;
        let mut header = MaybeUninit::<Dav1dSequenceHeader>::uninit();
        // SAFETY: `start` and the length are those of a live slice, which is only read, and `header` may be
        // written to.
        let result = unsafe {
            dav1d_parse_sequence_header(NonNull::new(header.as_mut_ptr()), Some(start), data.len())
        };
        if result != OK {
            return Err(missing);
        }
        // SAFETY: it was written, since the call succeeded.
        let header = unsafe { header.assume_init() };
        let code = |number: u32| u8::try_from(number).unwrap_or(2);
        Ok(Self {
            size: Size { width: header.max_width.cast_unsigned(), height: header.max_height.cast_unsigned() },
            layout: Layout::of(header.layout),
            bits: [8, 10, 12][usize::from(header.hbd).min(2)],
            colours: Nclx {
                primaries: code(header.pri),
                transfer: code(header.trc),
                matrix: code(header.mtrx),
                full_range: header.color_range != 0,
            },
            grain: header.film_grain_present != 0,
        })
    }

    pub(super) fn bytes_per_sample(&self) -> u64 {
        if self.bits == 8 { 1 } else { 2 }
    }

    /// Bytes that decoding a picture of `size` takes: the picture, whose sides are rounded up, once more for film
    /// grain, and about a byte a pixel for what is known of its blocks.
    pub(super) fn memory(&self, size: Size) -> u64 {
        let padded =
            Size { width: size.width.next_multiple_of(128), height: size.height.next_multiple_of(128) };
        let picture = self.layout.samples(padded) * self.bytes_per_sample();
        picture * if self.grain { 2 } else { 1 } + padded.pixels()
    }
}

/// A row of a plane.
pub(super) enum Row<'a> {
    Eight(&'a [u8]),
    /// 10 or 12 bits.
    Sixteen(&'a [u16]),
}

/// A decoded picture.
pub(super) struct Frame(Dav1dPicture);

impl Frame {
    pub(super) fn size(&self) -> Size {
        Size { width: self.0.p.w.cast_unsigned(), height: self.0.p.h.cast_unsigned() }
    }

    pub(super) fn layout(&self) -> Layout {
        Layout::of(self.0.p.layout)
    }

    pub(super) fn bits(&self) -> u8 {
        u8::try_from(self.0.p.bpc).unwrap_or(0)
    }

    /// A row of a plane; of neither more than there are.
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
        // SAFETY: the picture is one of the decoder's, or empty.
        unsafe { dav1d_picture_unref(Some(NonNull::from(&mut self.0))) };
    }
}

/// Decodes the first picture in `data`, of at most `pixels`.
pub(super) fn decode(data: &[u8], operating_point: u8, pixels: u64) -> Result<Frame, Failure> {
    let decoder = Decoder::open(operating_point, u32::try_from(pixels).unwrap_or(u32::MAX))?;
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
    fn open(operating_point: u8, pixels: u32) -> Result<Self, Failure> {
        let mut settings = MaybeUninit::<Dav1dSettings>::uninit();
        // SAFETY: the settings may be written to, and are whole after it.
        let mut settings = unsafe {
            dav1d_default_settings(NonNull::new(settings.as_mut_ptr()).expect("not null"));
            settings.assume_init()
        };
        // One is the calling thread.
        settings.n_threads = 1;
        settings.max_frame_delay = 1;
        settings.all_layers = 0;
        settings.operating_point = operating_point.into();
        settings.frame_size_limit = pixels;
        // SAFETY: nothing is called.
        settings.logger = unsafe { Dav1dLogger::new(None, None) };
        let mut decoder = Self(None);
        // SAFETY: both pointers are those of live values.
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

/// Bytes for the decoder.
struct Input(Dav1dData);

impl Input {
    fn copy(bytes: &[u8]) -> Result<Self, Failure> {
        let mut input = Self(Dav1dData::default());
        // SAFETY: the structure may be written to.
        let start = unsafe { dav1d_data_create(Some(NonNull::from(&mut input.0)), bytes.len()) };
        if start.is_null() {
            return Err(Failure::Memory);
        }
        // SAFETY: as many bytes were allocated at `start`, just now.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), start, bytes.len()) };
        Ok(input)
    }
}

impl Drop for Input {
    fn drop(&mut self) {
        // SAFETY: the decoder has taken the bytes, or they are still ours.
        unsafe { dav1d_data_unref(Some(NonNull::from(&mut self.0))) };
    }
}

const OK: Dav1dResult = Dav1dResult(0);

fn check(result: Dav1dResult) -> Result<(), Failure> {
    match -result.0 {
        0 => Ok(()),
        libc::EAGAIN => Err(Failure::CutShort("its AV1 data does")),
        libc::ENOMEM => Err(Failure::Memory),
        libc::ERANGE => Err(Failure::Damaged("the AV1 data has more pixels than its file says")),
        libc::ENOPROTOOPT => Err(Failure::Unsupported("this kind of AV1 data")),
        _ => Err(Failure::Damaged("the AV1 data is damaged")),
    }
}
