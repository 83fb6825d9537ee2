//! What an AVIF file consists of, without any pixel: the primary image or the tiles of it, its alpha, and how both
//! are meant to be seen.
//!
//! Source: the AV1 Image File Format; ISO/IEC 23000-22 (MIAF), section 7; ISO/IEC 23008-12 (HEIF), section 6.

use super::{super::size::Size, boxes::Fields, failure::Failure, items::Meta};
use image::metadata::Orientation;
use std::borrow::Cow;

/// Properties that can be essential and are known here; those that only describe colours are passed over.
const KNOWN: [&[u8; 4]; 13] = [
    b"ispe", b"pixi", b"av1C", b"colr", b"irot", b"imir", b"clap", b"auxC", b"a1op", b"lsel", b"pasp",
    b"clli", b"mdcv",
];

/// What is in a file.
pub(super) struct Container<'a> {
    pub(super) colour: Picture<'a>,
    pub(super) alpha: Option<Picture<'a>>,
    /// The colours were multiplied with the alpha.
    pub(super) premultiplied: bool,
    /// What of the picture is to be seen, in pixels from its upper left corner.
    pub(super) crop: Crop,
    /// What makes the cropped picture upright.
    pub(super) orientation: Orientation,
    /// An ICC profile, not looked into.
    pub(super) icc: Option<&'a [u8]>,
    /// What the colours mean, if it is said outside of the AV1 data, which it overrules.
    pub(super) nclx: Option<Nclx>,
}

/// A picture in one AV1 image, or in several that lie side by side.
pub(super) struct Picture<'a> {
    pub(super) size: Size,
    /// Row by row.
    pub(super) tiles: Vec<Cow<'a, [u8]>>,
    pub(super) columns: u32,
    /// Of each; together they may be larger than the picture.
    pub(super) tile: Size,
    /// Which of the qualities in the AV1 data.
    pub(super) operating_point: u8,
}

/// A part of a picture, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Crop {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) size: Size,
}

/// Code points of ITU-T H.273.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nclx {
    pub(super) primaries: u8,
    pub(super) transfer: u8,
    pub(super) matrix: u8,
    pub(super) full_range: bool,
}

impl<'a> Container<'a> {
    pub(super) fn read(file: &'a [u8]) -> Result<Self, Failure> {
        let meta = Meta::read(file)?;
        let primary = meta.primary;
        let colour = Picture::read(&meta, primary)?;
        let alpha = meta.referring(*b"auxl", primary).find(|&item| is_alpha(&meta, item));
        let premultiplied = alpha.is_some_and(|alpha| meta.referred(b"prem", primary).contains(&alpha));
        let tiles = meta.referred(b"dimg", primary);
        if tiles.iter().any(|&tile| meta.referring(*b"auxl", tile).any(|item| is_alpha(&meta, item))) {
            return Err(Failure::Unsupported("an alpha channel for each tile"));
        }
        let alpha = alpha.map(|alpha| Picture::read(&meta, alpha)).transpose()?;
        if alpha.as_ref().is_some_and(|alpha| alpha.size != colour.size) {
            return Err(Failure::Damaged("the alpha channel is of another size than the image"));
        }
        let crop = meta.property(primary, b"clap").and_then(|fields| Crop::read(fields, colour.size));
        let crop = crop.unwrap_or(Crop { left: 0, top: 0, size: colour.size });
        // Some writers say what a grid's colours are at its tiles only.
        let (mut icc, mut nclx) = (None, None);
        for item in [primary].into_iter().chain(tiles.first().copied()) {
            for (property, _) in meta.described(item).filter(|(property, _)| &property.kind == b"colr") {
                let mut fields = Fields(property.data);
                match &fields.four().unwrap_or_default() {
                    b"prof" | b"rICC" => icc = icc.or(Some(fields.0)),
                    b"nclx" => nclx = nclx.or_else(|| Nclx::read(fields)),
                    _ => {}
                }
            }
        }
        Ok(Self { colour, alpha, premultiplied, crop, orientation: orientation(&meta, primary), icc, nclx })
    }
}

impl<'a> Picture<'a> {
    fn read(meta: &Meta<'a>, item: u32) -> Result<Self, Failure> {
        check_essential(meta, item)?;
        let size = extent(meta, item)?;
        match &meta.kind(item).unwrap_or_default() {
            b"av01" => {
                let tiles = vec![meta.bytes(item)?];
                Ok(Self {
                    size,
                    tiles,
                    columns: 1,
                    tile: size,
                    operating_point: operating_point(meta, item)?,
                })
            }
            b"grid" => Self::grid(meta, item, size),
            b"iovl" | b"iden" | b"tmap" | b"sato" => Err(Failure::Unsupported("an image made of others")),
            b"hvc1" | b"hev1" | b"jpeg" | b"avc1" | b"vvc1" => {
                Err(Failure::Unsupported("another coding than AV1"))
            }
            _ => Err(Failure::Damaged("the file has no primary image")),
        }
    }

    /// HEIF, section 6.6.2.3.
    fn grid(meta: &Meta<'a>, item: u32, size: Size) -> Result<Self, Failure> {
        let damaged = Failure::Damaged("the grid of tiles is damaged");
        let description = meta.bytes(item)?;
        let mut fields = Fields(&description);
        let mut read = || {
            let wide = fields.u16()? & 1 == 1;
            let (rows, columns) = (u32::from(fields.u8()?) + 1, u32::from(fields.u8()?) + 1);
            let mut side = || if wide { fields.u32() } else { fields.u16().map(u32::from) };
            Some((rows, columns, Size { width: side()?, height: side()? }))
        };
        let (rows, columns, whole) = read().ok_or(damaged)?;
        let items = meta.referred(b"dimg", item);
        let first = *items.first().ok_or(damaged)?;
        let tile = extent(meta, first)?;
        let covered = |tiles: u32, tile: u32, whole: u32| {
            let all = u64::from(tiles) * u64::from(tile);
            all >= whole.into() && all - u64::from(tile) < whole.into()
        };
        if whole != size
            || items.len() as u64 != u64::from(rows) * u64::from(columns)
            || !covered(columns, tile.width, size.width)
            || !covered(rows, tile.height, size.height)
        {
            return Err(damaged);
        }
        let mut tiles = Vec::with_capacity(items.len());
        for &item in items {
            check_essential(meta, item)?;
            if meta.kind(item) != Some(*b"av01") || extent(meta, item)? != tile {
                return Err(damaged);
            }
            tiles.push(meta.bytes(item)?);
        }
        Ok(Self { size, tiles, columns, tile, operating_point: operating_point(meta, first)? })
    }
}

impl Crop {
    /// `clap`: a rectangle around the middle, in fractions. One that does not lie in the picture or not on whole
    /// pixels is passed over, as viewers do that know the property.
    fn read(mut fields: Fields<'_>, picture: Size) -> Option<Self> {
        let mut fraction =
            || Some((i64::from(fields.u32()?.cast_signed()), i64::from(fields.u32()?.cast_signed())));
        let (width, height, right, down) = (fraction()?, fraction()?, fraction()?, fraction()?);
        let (left, width) = side(width, right, picture.width)?;
        let (top, height) = side(height, down, picture.height)?;
        Some(Self { left, top, size: Size { width, height } })
    }
}

/// Start and length of a crop along one side of a picture.
fn side(length: (i64, i64), shift: (i64, i64), whole: u32) -> Option<(u32, u32)> {
    if length.1 <= 0 || shift.1 <= 0 || length.0 % length.1 != 0 {
        return None;
    }
    let (length, whole) = (length.0 / length.1, i64::from(whole));
    // (whole − length) / 2 + shift
    let over = (whole - length).checked_mul(shift.1)?.checked_add(shift.0.checked_mul(2)?)?;
    let under = shift.1.checked_mul(2)?;
    let start = over / under;
    let inside = over % under == 0 && length > 0 && start >= 0 && start + length <= whole;
    inside.then_some((u32::try_from(start).ok()?, u32::try_from(length).ok()?))
}

impl Nclx {
    fn read(mut fields: Fields<'_>) -> Option<Self> {
        let mut point = || Some(u8::try_from(fields.u16()?).unwrap_or(2));
        let (primaries, transfer, matrix) = (point()?, point()?, point()?);
        Some(Self { primaries, transfer, matrix, full_range: fields.u8()? & 0x80 != 0 })
    }
}

/// What an item must not be shown without.
fn check_essential(meta: &Meta<'_>, item: u32) -> Result<(), Failure> {
    for (property, essential) in meta.described(item) {
        if essential && !KNOWN.contains(&&property.kind) {
            return Err(Failure::Unsupported("a property that has to be known"));
        }
        // All layers, of which the last is the best, are what is decoded anyway.
        if &property.kind == b"lsel" && Fields(property.data).u16() != Some(0xFFFF) {
            return Err(Failure::Unsupported("one layer out of several"));
        }
    }
    Ok(())
}

fn extent(meta: &Meta<'_>, item: u32) -> Result<Size, Failure> {
    let mut fields = meta.property(item, b"ispe").ok_or(Failure::Damaged("the image has no size"))?;
    let mut read = || {
        fields.version()?;
        Some(Size { width: fields.u32()?, height: fields.u32()? })
    };
    read().ok_or(Failure::Damaged("the image has no size"))
}

fn operating_point(meta: &Meta<'_>, item: u32) -> Result<u8, Failure> {
    match meta.property(item, b"a1op").map(|mut fields| fields.u8()) {
        None => Ok(0),
        Some(Some(point @ 0..32)) => Ok(point),
        Some(_) => Err(Failure::Damaged("there is no such operating point")),
    }
}

fn is_alpha(meta: &Meta<'_>, item: u32) -> bool {
    const NAMES: [&[u8]; 2] =
        [b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0", b"urn:mpeg:hevc:2015:auxid:1\0"];
    let name = meta.property(item, b"auxC").and_then(|mut fields| fields.bytes(4).map(|_| fields.0));
    name.is_some_and(|found| NAMES.iter().any(|name| found.starts_with(name)))
}

/// First `irot`, quarter turns to the left, then `imir`: 0 swaps top and bottom, 1 swaps left and right. An EXIF
/// orientation in the file has no say (HEIF, annex A.2.3).
fn orientation(meta: &Meta<'_>, item: u32) -> Orientation {
    let byte = |kind| meta.property(item, kind).and_then(|mut fields| fields.u8());
    let turns = byte(b"irot").unwrap_or(0) & 3;
    let mirror = byte(b"imir").map(|axis| axis & 1);
    // Swapping top and bottom is half a turn, and then swapping left and right.
    let turns = if mirror == Some(0) { (turns + 2) & 3 } else { turns };
    match (turns, mirror.is_some()) {
        (0, false) => Orientation::NoTransforms,
        (1, false) => Orientation::Rotate270,
        (2, false) => Orientation::Rotate180,
        (_, false) => Orientation::Rotate90,
        (0, true) => Orientation::FlipHorizontal,
        (1, true) => Orientation::Rotate270FlipH,
        (2, true) => Orientation::FlipVertical,
        (_, true) => Orientation::Rotate90FlipH,
    }
}
