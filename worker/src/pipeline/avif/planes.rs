//! A decoded picture: one plane each for luma and both chroma channels, assembled from the picture's tiles.

use super::{
    av1::{self, Choice, Frame, Row},
    failure::DecodeFailure,
};
use resizinator_formats::avif::{Layout, Picture, SequenceHeader, Size};

/// The samples of a picture, plane by plane.
pub(super) struct Planes<S> {
    pub(super) header: SequenceHeader,
    pub(super) size: Size,
    samples: Samples<S>,
}

enum Samples<S> {
    /// The only tile of a picture, as the decoder has left it.
    Tile(Box<Frame>),
    /// The samples of each plane, row by row without gaps.
    Planes(Vec<Vec<S>>),
}

/// A type that a sample is stored in.
pub(super) trait Stored: Copy + Default + Into<u16> {
    /// The samples of `row` if they have this type.
    fn of<'a>(row: &Row<'a>) -> Option<&'a [Self]>;
}

impl Stored for u8 {
    fn of<'a>(row: &Row<'a>) -> Option<&'a [Self]> {
        if let Row::Eight(samples) = row { Some(samples) } else { None }
    }
}

impl Stored for u16 {
    fn of<'a>(row: &Row<'a>) -> Option<&'a [Self]> {
        if let Row::Sixteen(samples) = row { Some(samples) } else { None }
    }
}

impl<S: Stored> Planes<S> {
    /// Decodes all tiles of `picture`, which is in `file`, one after the other. If they are to be `unfiltered`, details
    /// differ.
    pub(super) fn decode(file: &[u8], picture: &Picture, unfiltered: bool) -> Result<Self, DecodeFailure> {
        let (size, header) = (picture.size, picture.header);
        if let ([tile], true) = (&picture.tiles[..], picture.tile == size) {
            let samples = Samples::Tile(Box::new(decode(&tile.bytes(file), picture, unfiltered)?));
            return Ok(Self { header, size, samples });
        }
        let plane = |plane| vec![S::default(); header.layout.plane(plane, size).pixels() as usize];
        let mut planes: Vec<_> = (0..header.layout.planes()).map(plane).collect();
        for (index, tile) in (0..).zip(&picture.tiles) {
            let left = index % picture.columns * picture.tile.width;
            let top = index / picture.columns * picture.tile.height;
            put(&decode(&tile.bytes(file), picture, unfiltered)?, picture, (left, top), &mut planes);
        }
        Ok(Self { header, size, samples: Samples::Planes(planes) })
    }

    /// The samples of a row of a plane, or of the last row if `row` is beyond it.
    pub(super) fn row(&self, plane: usize, row: u32) -> &[S] {
        let Size { width, height } = self.header.layout.plane(plane, self.size);
        let row = row.min(height - 1);
        match &self.samples {
            Samples::Tile(frame) => samples_of(frame, plane, row),
            Samples::Planes(planes) => &planes[plane][row as usize * width as usize..][..width as usize],
        }
    }

    pub(super) fn layout(&self) -> Layout {
        self.header.layout
    }
}

/// Decodes one tile, which must be as the header of the picture says.
fn decode(tile: &[u8], picture: &Picture, unfiltered: bool) -> Result<Frame, DecodeFailure> {
    let Picture { operating_point, tile: size, .. } = *picture;
    let frame = av1::decode(tile, Choice { operating_point, pixels: size.pixels(), unfiltered })?;
    let header = &picture.header;
    if frame.size() != picture.tile || frame.layout() != header.layout || frame.bits() != header.bits {
        return Err(DecodeFailure::damaged("the AV1 data is not what its header says"));
    }
    Ok(frame)
}

fn samples_of<S: Stored>(frame: &Frame, plane: usize, row: u32) -> &[S] {
    S::of(&frame.row(plane, row)).expect("the depth was compared")
}

/// Copies a tile to its place; the part of it that lies outside of the picture is left out.
fn put<S: Stored>(frame: &Frame, picture: &Picture, (left, top): (u32, u32), planes: &mut [Vec<S>]) {
    let layout = picture.header.layout;
    let origin = Size { width: left, height: top };
    for (plane, samples) in planes.iter_mut().enumerate() {
        let whole = layout.plane(plane, picture.size);
        let start = layout.plane(plane, origin);
        let part = layout.plane(plane, picture.tile);
        let width = part.width.min(whole.width - start.width) as usize;
        for row in 0..part.height.min(whole.height - start.height) {
            let from = samples_of(frame, plane, row);
            let at = (start.height + row) as usize * whole.width as usize + start.width as usize;
            samples[at..at + width].copy_from_slice(&from[..width]);
        }
    }
}
