//! AVIF: the boxes up to the description of the items, and of these the primary one, its size and where the bytes lie.
//!
//! Source: ISO/IEC 14496-12 § 4.2 and § 8.11; ISO/IEC 23008-12 § 6; the AV1 Image File Format § 2 and § 4.

use std::io::{BufRead, Seek};

use super::source::{Order, Source};
use super::{StructureError, ensure};

/// Boxes, items or properties side by side: more are not an image but an attack.
const MAX_COUNT: u32 = 4096;
/// The largest `meta` box that is looked at, which in a file of thousands of tiles has some hundred KiB.
const MAX_META: u64 = 4 << 20;

/// Checks the boxes and gives the size of the primary image, before it is cropped or turned.
pub(super) fn inspect<R: BufRead + Seek>(source: &mut Source<'_, R>) -> Result<(u32, u32), StructureError> {
    let meta = meta(source)?;
    let mut parts = Parts::default();
    source.go_to(meta.start)?;
    source.skip(4)?; // version and flags
    each(source, meta.end, |_, part| {
        parts.note(part);
        Ok(())
    })?;

    let primary = primary(source, parts.primary)?;
    match &kind(source, parts.kinds, primary)? {
        b"av01" | b"grid" => {}
        b"hvc1" | b"hev1" => return Err(StructureError::Unsupported("HEIC")),
        b"iovl" | b"iden" | b"tmap" | b"sato" => {
            return Err(StructureError::Unsupported("AVIF made of several images"));
        }
        _ => return Err(StructureError::Invalid),
    }
    places(source, parts.places, parts.data, primary)?;
    size(source, parts.properties, primary)
}

/// A box, or what is in it: from its first byte behind the header to its end.
#[derive(Clone, Copy)]
struct Part {
    kind: [u8; 4],
    start: u64,
    end: u64,
}

/// The parts of `meta` that matter here; of each the first.
#[derive(Default)]
struct Parts {
    primary: Option<Part>,
    kinds: Option<Part>,
    places: Option<Part>,
    properties: Option<Part>,
    data: Option<Part>,
}

impl Parts {
    fn note(&mut self, part: Part) {
        let slot = match &part.kind {
            b"pitm" => &mut self.primary,
            b"iinf" => &mut self.kinds,
            b"iloc" => &mut self.places,
            b"iprp" => &mut self.properties,
            b"idat" => &mut self.data,
            _ => return,
        };
        slot.get_or_insert(part);
    }
}

/// Reads the header of the next box in what ends at `end`.
fn open<R: BufRead + Seek>(source: &mut Source<'_, R>, end: u64) -> Result<Part, StructureError> {
    let begin = source.position();
    let short = source.u32(Order::Big)?;
    let kind = source.array()?;
    // 1 stands for a long size behind the name, 0 for all that is left.
    let size = match short {
        0 => end.saturating_sub(begin),
        1 => source.u64(Order::Big)?,
        size => size.into(),
    };
    let start = source.position();
    let box_end = begin.checked_add(size).ok_or(StructureError::Invalid)?;
    ensure(start <= box_end && box_end <= end)?;
    Ok(Part { kind, start, end: box_end })
}

/// Opens all boxes up to `end`, one after the other.
fn each<R: BufRead + Seek>(
    source: &mut Source<'_, R>,
    end: u64,
    mut visit: impl FnMut(&mut Source<'_, R>, Part) -> Result<(), StructureError>,
) -> Result<(), StructureError> {
    let mut count = 0;
    while source.position() < end {
        count += 1;
        ensure(count <= MAX_COUNT)?;
        let part = open(source, end)?;
        visit(source, part)?;
        source.go_to(part.end)?;
    }
    Ok(())
}

/// The box that describes the items. What follows it is looked at only where it says so.
fn meta<R: BufRead + Seek>(source: &mut Source<'_, R>) -> Result<Part, StructureError> {
    let (mut film, mut count) = (false, 0);
    while source.remaining() > 0 {
        count += 1;
        ensure(count <= MAX_COUNT)?;
        let part = open(source, source.length())?;
        match &part.kind {
            b"meta" => {
                ensure(part.end - part.start <= MAX_META)?;
                return Ok(part);
            }
            b"moov" => film = true,
            _ => {}
        }
        source.go_to(part.end)?;
    }
    ensure(film)?;
    Err(StructureError::Unsupported("AVIF sequence without a still image"))
}

/// Goes behind the version and the flags of a box, and gives both.
fn enter<R: BufRead + Seek>(
    source: &mut Source<'_, R>,
    part: Option<Part>,
) -> Result<(Part, u8, u32), StructureError> {
    let part = part.ok_or(StructureError::Invalid)?;
    source.go_to(part.start)?;
    ensure(part.end - part.start >= 4)?;
    let [version, flags @ ..] = source.u32(Order::Big)?.to_be_bytes();
    Ok((part, version, u32::from_be_bytes([0, flags[0], flags[1], flags[2]])))
}

/// A number of `size` bytes: 0, 4 or 8, and of some 2.
fn number<R: BufRead + Seek>(source: &mut Source<'_, R>, size: u8) -> Result<u64, StructureError> {
    match size {
        0 => Ok(0),
        2 => source.u16(Order::Big).map(u64::from),
        4 => source.u32(Order::Big).map(u64::from),
        8 => source.u64(Order::Big),
        _ => Err(StructureError::Invalid),
    }
}

fn primary<R: BufRead + Seek>(source: &mut Source<'_, R>, part: Option<Part>) -> Result<u64, StructureError> {
    let (_, version, _) = enter(source, part)?;
    number(source, if version == 0 { 2 } else { 4 })
}

/// What the item `wanted` is, in four letters.
fn kind<R: BufRead + Seek>(
    source: &mut Source<'_, R>,
    part: Option<Part>,
    wanted: u64,
) -> Result<[u8; 4], StructureError> {
    let (part, version, _) = enter(source, part)?;
    number(source, if version == 0 { 2 } else { 4 })?;
    let mut found = None;
    each(source, part.end, |source, entry| {
        if &entry.kind != b"infe" {
            return Ok(());
        }
        let (_, version, _) = enter(source, Some(entry))?;
        if version < 2 {
            return Ok(()); // it names no kind
        }
        let id = number(source, if version == 2 { 2 } else { 4 })?;
        source.skip(2)?;
        if id == wanted {
            found.get_or_insert(source.array()?);
        }
        Ok(())
    })?;
    found.ok_or(StructureError::Invalid)
}

/// Checks that the bytes of all items lie in the file or in `data`, and that `wanted` has some.
fn places<R: BufRead + Seek>(
    source: &mut Source<'_, R>,
    part: Option<Part>,
    data: Option<Part>,
    wanted: u64,
) -> Result<(), StructureError> {
    let (part, version, _) = enter(source, part)?;
    let sizes = source.u16(Order::Big)?;
    let [offset_size, length_size, base_size, index_size] =
        [12, 8, 4, 0].map(|shift| (sizes >> shift & 15) as u8);
    let index_size = if version == 0 { 0 } else { index_size };
    let of_id = if version < 2 { 2 } else { 4 };
    let items = number(source, of_id)?;
    ensure(items <= MAX_COUNT.into())?;
    let room = [source.length(), data.map_or(0, |data| data.end - data.start)];
    let mut found = false;
    for _ in 0..items {
        let id = number(source, of_id)?;
        let method = if version == 0 { 0 } else { source.u16(Order::Big)? & 15 };
        source.skip(2)?;
        let base = number(source, base_size)?;
        let extents = source.u16(Order::Big)?;
        found |= id == wanted && extents > 0;
        for _ in 0..extents {
            number(source, index_size)?;
            let start = base.checked_add(number(source, offset_size)?).ok_or(StructureError::Invalid)?;
            let length = number(source, length_size)?;
            // Of bytes that are those of another item, nothing is known here.
            if let Some(&room) = room.get(usize::from(method)) {
                ensure(start < room && start.checked_add(length).is_some_and(|end| end <= room))?;
            }
            ensure(source.position() <= part.end)?;
        }
    }
    ensure(found && source.position() <= part.end)
}

/// Width and height of the item `wanted`, by its property `ispe`.
fn size<R: BufRead + Seek>(
    source: &mut Source<'_, R>,
    part: Option<Part>,
    wanted: u64,
) -> Result<(u32, u32), StructureError> {
    let part = part.ok_or(StructureError::Invalid)?;
    let (mut properties, mut associations) = (None, Vec::new());
    source.go_to(part.start)?;
    each(source, part.end, |source, child| {
        match &child.kind {
            b"ipco" => properties = properties.or(Some(child)),
            b"ipma" => associated(source, child, wanted, &mut associations)?,
            _ => {}
        }
        Ok(())
    })?;

    let properties = properties.ok_or(StructureError::Invalid)?;
    let (mut index, mut size) = (0, None);
    source.go_to(properties.start)?;
    each(source, properties.end, |source, property| {
        index += 1;
        if &property.kind == b"ispe" && size.is_none() && associations.contains(&index) {
            enter(source, Some(property))?;
            size = Some((source.u32(Order::Big)?, source.u32(Order::Big)?));
            ensure(source.position() <= property.end)?;
        }
        Ok(())
    })?;
    size.ok_or(StructureError::Invalid)
}

/// Adds the numbers of the properties that `ipma` says `wanted` has.
fn associated<R: BufRead + Seek>(
    source: &mut Source<'_, R>,
    part: Part,
    wanted: u64,
    numbers: &mut Vec<u16>,
) -> Result<(), StructureError> {
    let (part, version, flags) = enter(source, Some(part))?;
    let items = source.u32(Order::Big)?;
    ensure(items <= MAX_COUNT)?;
    for _ in 0..items {
        let id = number(source, if version == 0 { 2 } else { 4 })?;
        for _ in 0..source.byte()? {
            // The upper bit says whether a reader has to know the property.
            let property = if flags & 1 == 1 {
                source.u16(Order::Big)? & 0x7FFF
            } else {
                u16::from(source.byte()? & 0x7F)
            };
            if id == wanted {
                numbers.push(property);
            }
        }
        ensure(source.position() <= part.end)?;
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests;
