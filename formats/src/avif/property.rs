//! The properties that items can have, and what is kept of those of one item.
//!
//! Source: ISO/IEC 23008-12 (HEIF), section 6.5; the AV1 Image File Format, section 2.

use std::ops::Range;

use super::boxes::{BoxHeader, version};
use super::colours::Nclx;
use super::fault::{Read, optional};
use super::geometry::Size;
use crate::cursor::{Cursor, Order, ReadError};
use crate::source::Source;

/// Names of alpha channels in `auxC`.
const ALPHA: [&[u8]; 2] = [b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0", b"urn:mpeg:hevc:2015:auxid:1\0"];

/// One property, as far as it matters here.
#[derive(Clone, Debug)]
pub(super) enum Property {
    /// `ispe`: the size.
    Size(Size),
    /// `auxC`: what an auxiliary image is for.
    Auxiliary { alpha: bool },
    /// `a1op`: which of the qualities in the AV1 data.
    OperatingPoint(u8),
    /// `lsel`: which layer.
    Layer(u16),
    /// `irot`: quarter turns to the left.
    Rotation(u8),
    /// `imir`: 0 swaps top and bottom, 1 swaps left and right.
    Mirror(u8),
    /// `clap`: four fractions.
    Crop([u32; 8]),
    /// `colr` with an ICC profile.
    Icc(Range<u64>),
    /// `colr` with code points.
    Nclx(Nclx),
    /// A property that says how the image is decoded, and is too short to.
    Broken,
    /// One that does not matter here, or that may be passed over and is too short.
    Other,
    /// One that is not known.
    Unknown,
}

impl Property {
    pub(super) fn read<S: Source>(cursor: &mut Cursor<'_, S>, header: &BoxHeader) -> Read<Self, S> {
        let mut fields = cursor.within(header.content.clone());
        let fields = &mut fields;
        Ok(match &header.kind {
            b"ispe" => optional(size(fields))?.map_or(Self::Broken, Self::Size),
            b"a1op" => optional(fields.byte())?.map_or(Self::Broken, Self::OperatingPoint),
            b"lsel" => optional(fields.u16(Order::Big))?.map_or(Self::Broken, Self::Layer),
            b"auxC" => Self::Auxiliary { alpha: is_alpha(fields)? },
            b"irot" => optional(fields.byte())?.map_or(Self::Other, |turns| Self::Rotation(turns & 3)),
            b"imir" => optional(fields.byte())?.map_or(Self::Other, |axis| Self::Mirror(axis & 1)),
            b"clap" => optional(crop(fields))?.map_or(Self::Other, Self::Crop),
            b"colr" => optional(colours(fields))?.unwrap_or(Self::Other),
            b"pixi" | b"av1C" | b"pasp" | b"clli" | b"mdcv" | b"a1lx" => Self::Other,
            _ => Self::Unknown,
        })
    }
}

/// The properties of one item; of each kind the first.
#[derive(Clone, Debug, Default)]
pub(super) struct Properties {
    pub(super) size: Option<Size>,
    pub(super) alpha: Option<bool>,
    pub(super) operating_point: Option<u8>,
    pub(super) layer: Option<u16>,
    pub(super) rotation: Option<u8>,
    pub(super) mirror: Option<u8>,
    pub(super) crop: Option<[u32; 8]>,
    pub(super) icc: Option<Range<u64>>,
    pub(super) nclx: Option<Nclx>,
    /// A property that is needed is too short.
    pub(super) broken: bool,
    /// A property has to be known, and is not.
    pub(super) unknown: bool,
}

impl Properties {
    pub(super) fn add(&mut self, property: &Property, essential: bool) {
        match property {
            Property::Size(size) => _ = self.size.get_or_insert(*size),
            Property::Auxiliary { alpha } => _ = self.alpha.get_or_insert(*alpha),
            Property::OperatingPoint(point) => _ = self.operating_point.get_or_insert(*point),
            Property::Layer(layer) => _ = self.layer.get_or_insert(*layer),
            Property::Rotation(turns) => _ = self.rotation.get_or_insert(*turns),
            Property::Mirror(axis) => _ = self.mirror.get_or_insert(*axis),
            Property::Crop(numbers) => _ = self.crop.get_or_insert(*numbers),
            Property::Icc(profile) => _ = self.icc.get_or_insert_with(|| profile.clone()),
            Property::Nclx(nclx) => _ = self.nclx.get_or_insert(*nclx),
            Property::Broken => self.broken = true,
            Property::Other => {}
            Property::Unknown => self.unknown |= essential,
        }
    }
}

fn size<S: Source>(fields: &mut Cursor<'_, S>) -> Result<Size, ReadError<S::Error>> {
    version(fields)?;
    Ok(Size { width: fields.u32(Order::Big)?, height: fields.u32(Order::Big)? })
}

fn is_alpha<S: Source>(fields: &mut Cursor<'_, S>) -> Read<bool, S> {
    if optional(version(fields))?.is_none() {
        return Ok(false);
    }
    let mut name = Vec::with_capacity(ALPHA[0].len());
    let count = fields.remaining().min(ALPHA[0].len() as u64);
    fields.read_through(count, |piece| name.extend_from_slice(piece))?;
    Ok(ALPHA.iter().any(|alpha| name.starts_with(alpha)))
}

fn crop<S: Source>(fields: &mut Cursor<'_, S>) -> Result<[u32; 8], ReadError<S::Error>> {
    let bytes = fields.array::<32>()?;
    let (numbers, _) = bytes.as_chunks::<4>();
    Ok(std::array::from_fn(|index| u32::from_be_bytes(numbers[index])))
}

fn colours<S: Source>(fields: &mut Cursor<'_, S>) -> Result<Property, ReadError<S::Error>> {
    Ok(match &fields.array()? {
        b"prof" | b"rICC" => Property::Icc(fields.position()..fields.length()),
        b"nclx" => {
            let bytes = fields.array::<7>()?;
            let point = |high, low| if high == 0 { low } else { 2 };
            Property::Nclx(Nclx {
                primaries: point(bytes[0], bytes[1]),
                transfer: point(bytes[2], bytes[3]),
                matrix: point(bytes[4], bytes[5]),
                full_range: bytes[6] & 0x80 != 0,
            })
        }
        _ => Property::Other,
    })
}
