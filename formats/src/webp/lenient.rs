//! The lenient reading of a WebP: the picture, or every frame of which at least the start is there.

use std::convert::Infallible;

use super::animation::Animation;
use super::chunks::{Chunk, Read, Riff};
use super::layout::{ExtendedHeader, Layout};
use super::picture::{Coding, PictureChunks};
use crate::cursor::{Cursor, ReadError};
use crate::format::Format;
use crate::header::Header;
use crate::source::{Source, slice};
use crate::unreadable::Unreadable;

/// A WebP file with a still image or an animation.
#[derive(Clone, Copy, Debug)]
pub struct WebP<'a> {
    width: u32,
    height: u32,
    /// The picture or the animation.
    pub content: Content<'a>,
    /// Whether some pixels may be transparent.
    pub alpha: bool,
    /// Whether all pictures in the file are lossless.
    pub lossless: bool,
    /// The ICC profile, whose bytes are not checked.
    pub icc: Option<&'a [u8]>,
    /// The TIFF structure of the EXIF data, whose bytes are not checked.
    pub exif: Option<&'a [u8]>,
    /// Whether the file ends before the end that its header states.
    pub ended_early: bool,
}

/// The content of a WebP file.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// One picture.
    Still(Picture<'a>),
    /// An animation, which may have a single frame.
    Animation(Animation<'a>),
}

/// One picture.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// The chunks that libwebp decodes: the bitstream, and before it the alpha channel if there is one.
    pub data: &'a [u8],
    /// How the pixels are coded.
    pub coding: Coding,
    /// This side of the picture in pixels.
    pub width: u32,
    /// This side of the picture in pixels.
    pub height: u32,
    /// Whether some pixels may be transparent.
    pub alpha: bool,
}

impl<'a> Picture<'a> {
    pub(super) fn of(file: &'a [u8], chunks: &PictureChunks) -> Result<Self, Unreadable> {
        let Some(bitstream) = chunks.bitstream else {
            return Err(if chunks.cut {
                Unreadable::EndedEarly
            } else {
                Unreadable::Damaged("the header of its bitstream is not valid")
            });
        };
        Ok(Self {
            data: slice(file, chunks.range.clone()),
            coding: bitstream.coding,
            width: bitstream.width,
            height: bitstream.height,
            alpha: chunks.has_alpha(),
        })
    }
}

impl WebP<'_> {
    /// The size of the canvas and the number of frames.
    #[must_use]
    pub fn header(&self) -> Header {
        let frames = match &self.content {
            Content::Still(_) => 1,
            Content::Animation(animation) => animation.frames,
        };
        Header { format: Format::WebP, width: self.width, height: self.height, frames }
    }
}

/// Reads a WebP file.
///
/// # Errors
/// If there is neither a picture nor a frame.
pub fn read(file: &[u8]) -> Result<WebP<'_>, Unreadable> {
    read_from(&mut { file }, file)
}

/// Reads the chunks of `file` through `source`, which has the same bytes.
pub(super) fn read_from<'a, S: Source<Error = Infallible>>(
    source: &mut S,
    file: &'a [u8],
) -> Result<WebP<'a>, Unreadable> {
    let cursor = &mut Cursor::new(source);
    let riff = there(Riff::read(cursor))?.ok_or(Unreadable::Damaged("it is not a WebP file"))?;
    let lacks = |what| if riff.cut { Unreadable::EndedEarly } else { Unreadable::Damaged(what) };
    let chunks = &mut cursor.within(riff.chunks.clone());
    let layout = there(Layout::read(chunks))?.ok_or_else(|| lacks("its first chunk is not valid"))?;
    let further = chunks.position()..riff.chunks.end;
    let metadata = there(Metadata::find(&mut chunks.within(further.clone()), file))?;

    let webp = |(width, height), content, alpha, lossless| {
        let Metadata { icc, exif } = metadata;
        WebP { width, height, content, alpha, lossless, icc, exif, ended_early: riff.cut }
    };
    let still = |picture: Picture<'a>| {
        let lossless = picture.coding == Coding::Lossless;
        webp((picture.width, picture.height), Content::Still(picture), picture.alpha, lossless)
    };
    match layout {
        Layout::Simple(picture) => Picture::of(file, &picture).map(still),
        Layout::Extended(ExtendedHeader { animated: true, alpha, width, height }) => {
            let survey = there(Animation::survey(chunks, file, further))?;
            let (animation, lossless) = survey.ok_or_else(|| lacks("it has no frame"))?;
            Ok(webp((width, height), Content::Animation(animation), alpha, lossless))
        }
        Layout::Extended(ExtendedHeader { width, height, .. }) => {
            let picture = there(PictureChunks::find(chunks))?.ok_or_else(|| lacks("it has no picture"))?;
            let picture = Picture::of(file, &picture)?;
            if (picture.width, picture.height) != (width, height) {
                return Err(Unreadable::Damaged("its picture has another size than its canvas"));
            }
            Ok(still(picture))
        }
    }
}

/// Converts the result of a part of the grammar that can only be missing if the file ends too early.
pub(super) fn there<T>(read: Result<T, ReadError<Infallible>>) -> Result<T, Unreadable> {
    read.map_err(|ReadError::EndedEarly| Unreadable::EndedEarly)
}

/// The metadata of a file about its colours and its orientation. Of several chunks of a kind, the first is used.
#[derive(Default)]
struct Metadata<'a> {
    icc: Option<&'a [u8]>,
    exif: Option<&'a [u8]>,
}

impl<'a> Metadata<'a> {
    fn find<S: Source>(cursor: &mut Cursor<'_, S>, file: &'a [u8]) -> Read<Self, S> {
        let mut found = Self::default();
        while let Some(chunk) = Chunk::next(cursor)? {
            let data = slice(file, chunk.data);
            match &chunk.kind {
                b"ICCP" => drop(found.icc.get_or_insert(data)),
                // Some encoders also write the identifier that EXIF has in JPEG files.
                b"EXIF" => drop(found.exif.get_or_insert(data.strip_prefix(b"Exif\0\0").unwrap_or(data))),
                _ => {}
            }
        }
        Ok(found)
    }
}
