//! The properties that items can have.
//!
//! Source: ISO/IEC 23008-12 (HEIF), section 6.5; the AV1 Image File Format, section 2.

use std::ops::Range;

use super::boxes::{BoxHeader, version};
use super::colours::Nclx;
use super::fault::{Read, optional};
use super::geometry::Size;
use crate::cursor::{Cursor, Order, ReadError};
use crate::source::Source;

/// The names of alpha channels in `auxC`.
const ALPHA: [&[u8]; 2] = [b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0", b"urn:mpeg:hevc:2015:auxid:1\0"];

/// One property, with the values that are used.
#[derive(Clone, Debug)]
pub(super) enum Property {
    /// The size (`ispe`).
    Size(Size),
    /// The purpose of an auxiliary image (`auxC`).
    Auxiliary { alpha: bool },
    /// The operating point of the AV1 data (`a1op`).
    OperatingPoint(u8),
    /// The chosen layer (`lsel`).
    Layer(u16),
    /// The number of quarter turns to the left (`irot`).
    Rotation(u8),
    /// The mirroring (`imir`): 0 swaps top and bottom, 1 swaps left and right.
    Mirror(u8),
    /// The crop as four fractions (`clap`).
    Crop([u32; 8]),
    /// The range of the ICC profile (`colr`).
    Icc(Range<u64>),
    /// The colour description as code points (`colr`).
    Nclx(Nclx),
    /// A property that is needed for decoding but is too short.
    Broken,
    /// A known property that is not used, or an optional one that is too short.
    Other,
    /// An unknown property.
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

/// The properties of one item. Of each kind, the first one counts.
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
    /// Whether a property that is needed is too short.
    pub(super) broken: bool,
    /// Whether an essential property is unknown.
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
