//! The `meta` box of an image file: its items, where their bytes are, and what is said about them.
//!
//! Source: ISO/IEC 14496-12, section 8.11; ISO/IEC 23008-12 (HEIF), section 9.

use super::{
    boxes::{Box, Boxes, Fields},
    failure::Failure,
};
use std::{borrow::Cow, collections::BTreeMap};

/// More items than this are not an image but an attack; a grid of 48 tiles is usual.
const MAX_ITEMS: usize = 4096;
/// Pieces that one item's bytes are divided into.
const MAX_EXTENTS: usize = 1024;

/// What `meta` says.
pub(super) struct Meta<'a> {
    file: &'a [u8],
    /// `idat`: bytes of items that lie in `meta` itself.
    data: &'a [u8],
    pub(super) primary: u32,
    items: BTreeMap<u32, Item>,
    properties: Vec<Box<'a>>,
    references: Vec<Reference>,
}

#[derive(Default)]
struct Item {
    kind: [u8; 4],
    place: Option<Place>,
    /// Indices of properties, with 1 for the first, and whether a reader has to know it.
    properties: Vec<(usize, bool)>,
}

struct Place {
    /// 0 is the file, 1 is `idat`.
    method: u16,
    /// Offset and length; a length of 0 is the whole rest.
    extents: Vec<(u64, u64)>,
}

/// A reference between items.
struct Reference {
    kind: [u8; 4],
    from: u32,
    to: Vec<u32>,
}

impl<'a> Meta<'a> {
    /// Reads the `meta` box of `file`.
    pub(super) fn read(file: &'a [u8]) -> Result<Self, Failure> {
        let Some(meta) = Boxes(file).find(|found| &found.kind == b"meta") else {
            let film = Boxes(file).any(|found| &found.kind == b"moov");
            let film = film.then_some(Failure::Unsupported("an image sequence without a still image"));
            return Err(film.unwrap_or(Failure::CutShort("the description of the image")));
        };
        if meta.cut {
            return Err(Failure::CutShort("its image is described"));
        }
        Self::parse(file, meta).ok_or(Failure::Damaged("the description of the image is damaged"))?
    }

    fn parse(file: &'a [u8], meta: Box<'a>) -> Option<Result<Self, Failure>> {
        let mut fields = Fields(meta.data);
        fields.version()?;
        let mut meta = Self {
            file,
            data: &[],
            primary: 0,
            items: BTreeMap::new(),
            properties: Vec::new(),
            references: Vec::new(),
        };
        let children = Boxes(fields.0);
        for child in children {
            let fields = Fields(child.data);
            match &child.kind {
                b"pitm" => meta.primary = primary(fields)?,
                b"iinf" => meta.read_kinds(fields)?,
                b"iloc" => meta.read_places(fields)?,
                b"iprp" => meta.read_properties(child.data)?,
                b"iref" => meta.read_references(fields)?,
                b"idat" => meta.data = child.data,
                _ => {}
            }
            if meta.items.len() > MAX_ITEMS {
                return Some(Err(Failure::Unsupported("an image of thousands of parts")));
            }
        }
        Some(Ok(meta))
    }

    /// `iinf`: what each item is.
    fn read_kinds(&mut self, mut fields: Fields<'a>) -> Option<()> {
        let wide = fields.version()?.0 > 0;
        fields.number(if wide { 4 } else { 2 })?;
        for entry in Boxes(fields.0).filter(|entry| &entry.kind == b"infe") {
            let mut fields = Fields(entry.data);
            let (version, _) = fields.version()?;
            if version < 2 {
                continue; // it names no kind
            }
            let id = id(&mut fields, version > 2)?;
            fields.u16()?;
            self.items.entry(id).or_default().kind = fields.four()?;
        }
        Some(())
    }

    /// `iloc`: where each item is.
    fn read_places(&mut self, mut fields: Fields<'a>) -> Option<()> {
        let (version, _) = fields.version()?;
        let sizes = fields.u16()?;
        let size = |shift: u16| usize::from(sizes >> shift & 15);
        let (offset, length, base) = (size(12), size(8), size(4));
        let index = if version > 0 { size(0) } else { 0 };
        if [offset, length, base, index].iter().any(|size| !matches!(size, 0 | 4 | 8)) {
            return None;
        }
        let count = if version < 2 { fields.u16()?.into() } else { fields.u32()? };
        for _ in 0..count {
            let id = id(&mut fields, version > 1)?;
            let method = if version > 0 { fields.u16()? & 15 } else { 0 };
            fields.u16()?; // which file
            let base = fields.number(base)?;
            let extents = usize::from(fields.u16()?);
            let mut place = Place { method, extents: Vec::new() };
            for _ in 0..extents {
                fields.number(index)?;
                let start = base.checked_add(fields.number(offset)?)?;
                let length = fields.number(length)?;
                place.extents.push((start, length));
                (place.extents.len() <= MAX_EXTENTS).then_some(())?;
            }
            self.items.entry(id).or_default().place.get_or_insert(place);
            (self.items.len() <= MAX_ITEMS).then_some(())?;
        }
        Some(())
    }

    /// `iprp`: the properties, and which item has which.
    fn read_properties(&mut self, data: &'a [u8]) -> Option<()> {
        for child in Boxes(data) {
            if &child.kind == b"ipco" {
                self.properties = Boxes(child.data).take(MAX_ITEMS).collect();
                continue;
            }
            if &child.kind != b"ipma" {
                continue;
            }
            let mut fields = Fields(child.data);
            let (version, flags) = fields.version()?;
            let count = fields.u32()?;
            for _ in 0..count {
                let id = id(&mut fields, version > 0)?;
                let associations = fields.u8()?;
                for _ in 0..associations {
                    let wide = flags & 1 == 1;
                    let bits = if wide { fields.u16()? } else { fields.u8()?.into() };
                    let top = if wide { 0x8000 } else { 0x80 };
                    let item = self.items.entry(id).or_default();
                    item.properties.push((usize::from(bits & !top), bits & top != 0));
                }
                (self.items.len() <= MAX_ITEMS).then_some(())?;
            }
        }
        Some(())
    }

    /// `iref`: what refers to what.
    fn read_references(&mut self, mut fields: Fields<'a>) -> Option<()> {
        let wide = fields.version()?.0 > 0;
        for child in Boxes(fields.0).take(MAX_ITEMS) {
            let mut fields = Fields(child.data);
            let from = id(&mut fields, wide)?;
            let count = fields.u16()?;
            let to = (0..count).map(|_| id(&mut fields, wide)).collect::<Option<Vec<_>>>()?;
            self.references.push(Reference { kind: child.kind, from, to });
        }
        Some(())
    }

    /// What an item is, in four letters.
    pub(super) fn kind(&self, id: u32) -> Option<[u8; 4]> {
        self.items.get(&id).map(|item| item.kind)
    }

    /// What `from` refers to in the way of `kind`.
    pub(super) fn referred(&self, kind: &[u8; 4], from: u32) -> &[u32] {
        let found = self.references.iter().find(|one| &one.kind == kind && one.from == from);
        found.map_or(&[], |reference| &reference.to)
    }

    /// What refers to `to` in the way of `kind`.
    pub(super) fn referring(&self, kind: [u8; 4], to: u32) -> impl Iterator<Item = u32> {
        let found = self.references.iter().filter(move |one| one.kind == kind && one.to.contains(&to));
        found.map(|reference| reference.from)
    }

    /// All that is said about an item, in order; with whether a reader has to know it.
    pub(super) fn described(&self, id: u32) -> impl Iterator<Item = (Box<'a>, bool)> {
        let indices = self.items.get(&id).map_or(&[][..], |item| &item.properties);
        indices.iter().filter_map(|&(index, essential)| {
            let property = self.properties.get(index.checked_sub(1)?)?;
            Some((*property, essential))
        })
    }

    /// The first property of `kind` that an item has.
    pub(super) fn property(&self, id: u32, kind: &[u8; 4]) -> Option<Fields<'a>> {
        self.described(id)
            .find(|(property, _)| &property.kind == kind)
            .map(|(property, _)| Fields(property.data))
    }

    /// The bytes of an item.
    pub(super) fn bytes(&self, id: u32) -> Result<Cow<'a, [u8]>, Failure> {
        let missing = Failure::Damaged("a part of the image is nowhere");
        let place = self.items.get(&id).and_then(|item| item.place.as_ref()).ok_or(missing)?;
        let source = match place.method {
            0 => self.file,
            1 => self.data,
            _ => return Err(Failure::Unsupported("an image whose bytes are made of another's")),
        };
        let piece = |&(start, length): &(u64, u64)| {
            let rest = source.get(usize::try_from(start).ok()?..)?;
            if length == 0 { Some(rest) } else { rest.get(..usize::try_from(length).ok()?) }
        };
        let cut = Failure::CutShort("its image does");
        match place.extents.as_slice() {
            [] => Err(missing),
            [extent] => piece(extent).map(Cow::Borrowed).ok_or(cut),
            extents => {
                let mut whole = Vec::new();
                for extent in extents {
                    let piece = piece(extent).ok_or(cut)?;
                    // The same bytes a thousand times over are more than the file has.
                    if whole.len() + piece.len() > source.len() {
                        return Err(Failure::Damaged("parts of the image overlap"));
                    }
                    whole.extend_from_slice(piece);
                }
                Ok(Cow::Owned(whole))
            }
        }
    }
}

fn primary(mut fields: Fields<'_>) -> Option<u32> {
    let wide = fields.version()?.0 > 0;
    id(&mut fields, wide)
}

/// The number of an item.
fn id(fields: &mut Fields<'_>, wide: bool) -> Option<u32> {
    if wide { fields.u32() } else { fields.u16().map(u32::from) }
}
