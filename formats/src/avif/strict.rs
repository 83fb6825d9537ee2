//! AVIF: the boxes up to the description of the items, and of these the primary one, its size and where the bytes lie.
//!
//! Source: ISO/IEC 14496-12 § 4.2 and § 8.11; ISO/IEC 23008-12 § 6; the AV1 Image File Format § 2 and § 4.

use crate::cursor::{Cursor, Order};
use crate::inspect::{Inspected, ensure};
use crate::refusal::Refusal;
use crate::source::Source;

/// Boxes, items or properties side by side: more are not an image but an attack.
const MAX_COUNT: u32 = 4096;
/// The largest `meta` box that is looked at, which in a file of thousands of tiles has some hundred KiB.
const MAX_META: u64 = 4 << 20;

/// Checks the boxes and gives the size of the primary image, before it is cropped or turned.
pub(crate) fn inspect<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<(u32, u32), S> {
    let meta = meta(cursor)?;
    let mut parts = Parts::default();
    cursor.go_to(meta.start)?;
    cursor.skip(4)?; // version and flags
    each(cursor, meta.end, |_, part| {
        parts.note(part);
        Ok(())
    })?;

    let primary = primary(cursor, parts.primary)?;
    match &kind(cursor, parts.kinds, primary)? {
        b"av01" | b"grid" => {}
        b"hvc1" | b"hev1" => return Err(Refusal::Format("HEIC").into()),
        b"iovl" | b"iden" | b"tmap" | b"sato" => {
            return Err(Refusal::Feature("AVIF made of several images".into()).into());
        }
        _ => return Err(Refusal::Invalid.into()),
    }
    places(cursor, parts.places, parts.data, primary)?;
    size(cursor, parts.properties, primary)
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
fn open<S: Source>(cursor: &mut Cursor<'_, S>, end: u64) -> Inspected<Part, S> {
    let begin = cursor.position();
    let short = cursor.u32(Order::Big)?;
    let kind = cursor.array()?;
    // 1 stands for a long size behind the name, 0 for all that is left.
    let size = match short {
        0 => end.saturating_sub(begin),
        1 => cursor.u64(Order::Big)?,
        size => size.into(),
    };
    let start = cursor.position();
    let box_end = begin.checked_add(size).ok_or(Refusal::Invalid)?;
    ensure(start <= box_end && box_end <= end)?;
    Ok(Part { kind, start, end: box_end })
}

/// Opens all boxes up to `end`, one after the other.
fn each<S: Source>(
    cursor: &mut Cursor<'_, S>,
    end: u64,
    mut visit: impl FnMut(&mut Cursor<'_, S>, Part) -> Inspected<(), S>,
) -> Inspected<(), S> {
    let mut count = 0;
    while cursor.position() < end {
        count += 1;
        ensure(count <= MAX_COUNT)?;
        let part = open(cursor, end)?;
        visit(cursor, part)?;
        cursor.go_to(part.end)?;
    }
    Ok(())
}

/// The box that describes the items. What follows it is looked at only where it says so.
fn meta<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<Part, S> {
    let (mut film, mut count) = (false, 0);
    while cursor.remaining() > 0 {
        count += 1;
        ensure(count <= MAX_COUNT)?;
        let part = open(cursor, cursor.length())?;
        match &part.kind {
            b"meta" => {
                ensure(part.end - part.start <= MAX_META)?;
                return Ok(part);
            }
            b"moov" => film = true,
            _ => {}
        }
        cursor.go_to(part.end)?;
    }
    ensure(film)?;
    Err(Refusal::Feature("AVIF sequence without a still image".into()).into())
}

/// Goes behind the version and the flags of a box, and gives both.
fn enter<S: Source>(cursor: &mut Cursor<'_, S>, part: Option<Part>) -> Inspected<(Part, u8, u32), S> {
    let part = part.ok_or(Refusal::Invalid)?;
    cursor.go_to(part.start)?;
    ensure(part.end - part.start >= 4)?;
    let [version, flags @ ..] = cursor.u32(Order::Big)?.to_be_bytes();
    Ok((part, version, u32::from_be_bytes([0, flags[0], flags[1], flags[2]])))
}

/// A number of `size` bytes: 0, 4 or 8, and of some 2.
fn number<S: Source>(cursor: &mut Cursor<'_, S>, size: u8) -> Inspected<u64, S> {
    match size {
        0 => Ok(0),
        2 => Ok(cursor.u16(Order::Big)?.into()),
        4 => Ok(cursor.u32(Order::Big)?.into()),
        8 => Ok(cursor.u64(Order::Big)?),
        _ => Err(Refusal::Invalid.into()),
    }
}

fn primary<S: Source>(cursor: &mut Cursor<'_, S>, part: Option<Part>) -> Inspected<u64, S> {
    let (_, version, _) = enter(cursor, part)?;
    number(cursor, if version == 0 { 2 } else { 4 })
}

/// What the item `wanted` is, in four letters.
fn kind<S: Source>(cursor: &mut Cursor<'_, S>, part: Option<Part>, wanted: u64) -> Inspected<[u8; 4], S> {
    let (part, version, _) = enter(cursor, part)?;
    number(cursor, if version == 0 { 2 } else { 4 })?;
    let mut found = None;
    each(cursor, part.end, |cursor, entry| {
        if &entry.kind != b"infe" {
            return Ok(());
        }
        let (_, version, _) = enter(cursor, Some(entry))?;
        if version < 2 {
            return Ok(()); // it names no kind
        }
        let id = number(cursor, if version == 2 { 2 } else { 4 })?;
        cursor.skip(2)?;
        if id == wanted {
            found.get_or_insert(cursor.array()?);
        }
        Ok(())
    })?;
    Ok(found.ok_or(Refusal::Invalid)?)
}

/// Checks that the bytes of all items lie in the file or in `data`, and that `wanted` has some.
fn places<S: Source>(
    cursor: &mut Cursor<'_, S>,
    part: Option<Part>,
    data: Option<Part>,
    wanted: u64,
) -> Inspected<(), S> {
    let (part, version, _) = enter(cursor, part)?;
    let sizes = cursor.u16(Order::Big)?;
    let [offset_size, length_size, base_size, index_size] =
        [12, 8, 4, 0].map(|shift| (sizes >> shift & 15) as u8);
    let index_size = if version == 0 { 0 } else { index_size };
    let of_id = if version < 2 { 2 } else { 4 };
    let items = number(cursor, of_id)?;
    ensure(items <= MAX_COUNT.into())?;
    let room = [cursor.length(), data.map_or(0, |data| data.end - data.start)];
    let mut found = false;
    for _ in 0..items {
        let id = number(cursor, of_id)?;
        let method = if version == 0 { 0 } else { cursor.u16(Order::Big)? & 15 };
        cursor.skip(2)?;
        let base = number(cursor, base_size)?;
        let extents = cursor.u16(Order::Big)?;
        found |= id == wanted && extents > 0;
        for _ in 0..extents {
            number(cursor, index_size)?;
            let start = base.checked_add(number(cursor, offset_size)?).ok_or(Refusal::Invalid)?;
            let length = number(cursor, length_size)?;
            // Of bytes that are those of another item, nothing is known here.
            if let Some(&room) = room.get(usize::from(method)) {
                ensure(start < room && start.checked_add(length).is_some_and(|end| end <= room))?;
            }
            ensure(cursor.position() <= part.end)?;
        }
    }
    Ok(ensure(found && cursor.position() <= part.end)?)
}

/// Width and height of the item `wanted`, by its property `ispe`.
fn size<S: Source>(cursor: &mut Cursor<'_, S>, part: Option<Part>, wanted: u64) -> Inspected<(u32, u32), S> {
    let part = part.ok_or(Refusal::Invalid)?;
    let (mut properties, mut associations) = (None, Vec::new());
    cursor.go_to(part.start)?;
    each(cursor, part.end, |cursor, child| {
        match &child.kind {
            b"ipco" => properties = properties.or(Some(child)),
            b"ipma" => associated(cursor, child, wanted, &mut associations)?,
            _ => {}
        }
        Ok(())
    })?;

    let properties = properties.ok_or(Refusal::Invalid)?;
    let (mut index, mut size) = (0, None);
    cursor.go_to(properties.start)?;
    each(cursor, properties.end, |cursor, property| {
        index += 1;
        if &property.kind == b"ispe" && size.is_none() && associations.contains(&index) {
            enter(cursor, Some(property))?;
            size = Some((cursor.u32(Order::Big)?, cursor.u32(Order::Big)?));
            ensure(cursor.position() <= property.end)?;
        }
        Ok(())
    })?;
    Ok(size.ok_or(Refusal::Invalid)?)
}

/// Adds the numbers of the properties that `ipma` says `wanted` has.
fn associated<S: Source>(
    cursor: &mut Cursor<'_, S>,
    part: Part,
    wanted: u64,
    numbers: &mut Vec<u16>,
) -> Inspected<(), S> {
    let (part, version, flags) = enter(cursor, Some(part))?;
    let items = cursor.u32(Order::Big)?;
    ensure(items <= MAX_COUNT)?;
    for _ in 0..items {
        let id = number(cursor, if version == 0 { 2 } else { 4 })?;
        for _ in 0..cursor.byte()? {
            // The upper bit says whether a reader has to know the property.
            let property = if flags & 1 == 1 {
                cursor.u16(Order::Big)? & 0x7FFF
            } else {
                u16::from(cursor.byte()? & 0x7F)
            };
            if id == wanted {
                numbers.push(property);
            }
        }
        ensure(cursor.position() <= part.end)?;
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
