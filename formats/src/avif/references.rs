//! The references between the items of a file.
//!
//! Source: ISO/IEC 14496-12, section 8.11.12.

use std::ops::Range;

use super::boxes::{Boxes, Tolerance, item_number, version};
use super::fault::Read;
use super::items::{Meta, count_links};
use crate::cursor::{Cursor, Order};
use crate::source::Source;

impl Meta {
    /// Reads `iref`: stores alpha channels at their items, and returns the parts of the primary item.
    pub(super) fn relate<S: Source>(&mut self, cursor: &mut Cursor<'_, S>) -> Read<Vec<u32>, S> {
        let (primary, mut parts) = (self.primary, Vec::new());
        let (references, tolerance) = (self.references.clone(), self.tolerance);
        each_reference(cursor, references, tolerance, |kind, from, to| match kind {
            b"dimg" if from == primary => parts.push(to),
            b"prem" => {
                if let Some(item) = self.items.get_mut(&from) {
                    item.multiplied_with.get_or_insert(to);
                }
            }
            b"auxl" if self.items.get(&from).is_some_and(|item| item.properties.alpha == Some(true)) => {
                if let Some(item) = self.items.get_mut(&to) {
                    item.alpha.get_or_insert(from);
                }
            }
            _ => {}
        })?;
        Ok(parts)
    }

    /// Returns the items that the item `whole` consists of.
    pub(super) fn parts_of<S: Source>(&self, cursor: &mut Cursor<'_, S>, whole: u32) -> Read<Vec<u32>, S> {
        let mut parts = Vec::new();
        each_reference(cursor, self.references.clone(), self.tolerance, |kind, from, to| {
            if kind == b"dimg" && from == whole {
                parts.push(to);
            }
        })?;
        Ok(parts)
    }
}

/// Passes on each reference: its kind, the item that it is from, and the item that it is to.
fn each_reference<S: Source>(
    cursor: &mut Cursor<'_, S>,
    iref: Option<Range<u64>>,
    tolerance: Tolerance,
    mut found: impl FnMut(&[u8; 4], u32, u32),
) -> Read<(), S> {
    let Some(iref) = iref else { return Ok(()) };
    let mut fields = cursor.within(iref.clone());
    let wide = version(&mut fields)?.0 > 0;
    let mut boxes = Boxes::new(fields.position()..iref.end, tolerance);
    let mut links = 0;
    while let Some(reference) = boxes.next(cursor)? {
        let mut fields = cursor.within(reference.content);
        let from = item_number(&mut fields, wide)?;
        let count = fields.u16(Order::Big)?;
        count_links(&mut links, count.into())?;
        for _ in 0..count {
            found(&reference.kind, from, item_number(&mut fields, wide)?);
        }
    }
    Ok(())
}
