//! The `meta` box of an image file, which lists its items and describes them.
//!
//! Source: ISO/IEC 14496-12, section 8.11; ISO/IEC 23008-12 (HEIF), section 9.

use std::collections::BTreeMap;
use std::ops::Range;

use super::boxes::{BoxHeader, Boxes, Tolerance, item_number, version};
use super::fault::{AvifFault, Read};
use super::feature::Feature;
use super::places::{Place, Places};
use super::property::{Properties, Property};
use crate::cursor::{Cursor, Order};
use crate::source::Source;

/// The most items of a file. A file with more is considered an attack. A grid often has 48 tiles.
pub(super) const MAX_ITEMS: usize = 4096;
/// The most associations of items with properties, and also the most references between items.
const MAX_LINKS: u32 = 65_536;

/// An item of the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Item {
    /// The number of the item.
    pub(super) id: u32,
    /// The type of the item, which has four letters.
    pub(super) kind: [u8; 4],
    pub(super) place: Option<Place>,
    pub(super) properties: Properties,
    /// The item that is the alpha channel of this one.
    pub(super) alpha: Option<u32>,
    /// The item by which the colours of this one are multiplied.
    pub(super) multiplied_with: Option<u32>,
}

/// The content of the `meta` box.
#[derive(Debug)]
pub(super) struct Meta {
    pub(super) primary: u32,
    pub(super) items: BTreeMap<u32, Item>,
    pub(super) places: Places,
    /// The range of the `iref` box.
    pub(super) references: Option<Range<u64>>,
    pub(super) tolerance: Tolerance,
}

impl Meta {
    /// Finds and reads the `meta` box of a file.
    pub(super) fn read<S: Source>(cursor: &mut Cursor<'_, S>, tolerance: Tolerance) -> Read<Self, S> {
        let meta = find(cursor, tolerance)?;
        let mut content = cursor.within(meta.clone());
        version(&mut content)?;
        let children = content.position()..meta.end;
        let parts = Parts::find(cursor, children, tolerance)?;

        let mut primary = cursor.within(parts.primary);
        let (version, _) = version(&mut primary)?;
        let primary = item_number(&mut primary, version > 0)?;
        let mut meta =
            Self { primary, items: BTreeMap::new(), places: Places::default(), references: None, tolerance };
        meta.read_kinds(cursor, parts.kinds)?;
        let items = &mut meta.items;
        meta.places = Places::read(cursor, parts.places, |id, place| {
            item(items, id)?.place.get_or_insert(place);
            Ok(())
        })?;
        meta.places.data = parts.data.unwrap_or(0..0);
        meta.read_properties(cursor, parts.properties)?;
        meta.references = parts.references;
        Ok(meta)
    }

    /// Reads the type of each item from `iinf`.
    fn read_kinds<S: Source>(&mut self, cursor: &mut Cursor<'_, S>, iinf: Range<u64>) -> Read<(), S> {
        let mut fields = cursor.within(iinf.clone());
        let (narrow, _) = version(&mut fields)?;
        item_number(&mut fields, narrow > 0)?; // how many
        let entries = fields.position()..iinf.end;
        let mut entries = Boxes::new(entries, self.tolerance);
        while let Some(entry) = entries.next(cursor)? {
            if &entry.kind != b"infe" {
                continue;
            }
            let mut fields = cursor.within(entry.content);
            let (version, _) = version(&mut fields)?;
            if version < 2 {
                continue; // it names no kind
            }
            let id = item_number(&mut fields, version > 2)?;
            fields.skip(2)?;
            item(&mut self.items, id)?.kind = fields.array()?;
        }
        Ok(())
    }

    /// Reads the properties and their association with items from `iprp`.
    fn read_properties<S: Source>(&mut self, cursor: &mut Cursor<'_, S>, iprp: Range<u64>) -> Read<(), S> {
        let mut properties = Vec::new();
        let mut children = Boxes::new(iprp.clone(), self.tolerance);
        while let Some(child) = children.next(cursor)? {
            if &child.kind == b"ipco" {
                let mut boxes = Boxes::new(child.content, self.tolerance);
                while let Some(property) = boxes.next(cursor)? {
                    properties.push(Property::read(cursor, &property)?);
                }
                break;
            }
        }
        let mut links = 0;
        let mut children = Boxes::new(iprp, self.tolerance);
        while let Some(child) = children.next(cursor)? {
            if &child.kind == b"ipma" {
                self.associate(cursor.within(child.content), &properties, &mut links)?;
            }
        }
        Ok(())
    }

    /// Reads `ipma`, which assigns properties to items. `links` counts the associations.
    fn associate<S: Source>(
        &mut self,
        mut fields: Cursor<'_, S>,
        properties: &[Property],
        links: &mut u32,
    ) -> Read<(), S> {
        let (version, flags) = version(&mut fields)?;
        for _ in 0..fields.u32(Order::Big)? {
            let id = item_number(&mut fields, version > 0)?;
            let item = item(&mut self.items, id)?;
            let count = fields.byte()?;
            count_links(links, count.into())?;
            for _ in 0..count {
                // The upper bit says whether the property is essential.
                let (index, essential) = if flags & 1 == 1 {
                    let bits = fields.u16(Order::Big)?;
                    (usize::from(bits & 0x7FFF), bits & 0x8000 != 0)
                } else {
                    let bits = fields.byte()?;
                    (usize::from(bits & 0x7F), bits & 0x80 != 0)
                };
                // The first property has the number 1, and 0 means none.
                if let Some(property) = index.checked_sub(1).and_then(|index| properties.get(index)) {
                    item.properties.add(property, essential);
                }
            }
        }
        Ok(())
    }
}

/// Returns the item with a number, or adds a new one.
fn item<E>(items: &mut BTreeMap<u32, Item>, id: u32) -> Result<&mut Item, AvifFault<E>> {
    if items.len() >= MAX_ITEMS && !items.contains_key(&id) {
        return Err(AvifFault::Damaged("there are too many items"));
    }
    Ok(items.entry(id).or_insert_with(|| Item { id, ..Item::default() }))
}

pub(super) fn count_links<E>(links: &mut u32, more: u32) -> Result<(), AvifFault<E>> {
    *links += more;
    if *links > MAX_LINKS { Err(AvifFault::Damaged("the items have too many links")) } else { Ok(()) }
}

/// Finds the box that describes the items. Boxes after it are only read if it refers to them.
fn find<S: Source>(cursor: &mut Cursor<'_, S>, tolerance: Tolerance) -> Read<Range<u64>, S> {
    let (mut film, mut boxes) = (false, Boxes::new(0..cursor.length(), tolerance));
    while let Some(found) = boxes.next(cursor)? {
        match &found.kind {
            b"meta" if found.cut => return Err(AvifFault::EndedEarly),
            b"meta" => return Ok(found.content),
            b"moov" => film = true,
            _ => {}
        }
    }
    Err(if film { Feature::SequenceWithoutStill.into() } else { AvifFault::EndedEarly })
}

/// The boxes in `meta` that are used. Of each, the first one counts.
struct Parts {
    primary: Range<u64>,
    kinds: Range<u64>,
    places: Range<u64>,
    properties: Range<u64>,
    references: Option<Range<u64>>,
    data: Option<Range<u64>>,
}

impl Parts {
    fn find<S: Source>(cursor: &mut Cursor<'_, S>, meta: Range<u64>, tolerance: Tolerance) -> Read<Self, S> {
        const KINDS: [&[u8; 4]; 6] = [b"pitm", b"iinf", b"iloc", b"iprp", b"iref", b"idat"];
        let mut parts = [const { None }; KINDS.len()];
        let mut boxes = Boxes::new(meta, tolerance);
        while let Some(BoxHeader { kind, content, .. }) = boxes.next(cursor)? {
            if let Some(index) = KINDS.iter().position(|name| **name == kind) {
                parts[index].get_or_insert(content);
            }
        }
        let [primary, kinds, places, properties, references, data] = parts;
        let missing = AvifFault::Damaged("the description of the image is incomplete");
        let all = || Some((primary?, kinds?, places?, properties?));
        let (primary, kinds, places, properties) = all().ok_or(missing)?;
        Ok(Self { primary, kinds, places, properties, references, data })
    }
}
