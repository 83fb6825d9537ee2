//! The strict reading of a TIFF, which checks that the chain of directories is bounded and has no loop, and that the
//! strips or tiles lie in the file.

use std::collections::HashSet;

use super::directory::Directory;
use super::features::Compression;
use super::image::Image;
use super::layout::Layout;
use crate::cursor::{Cursor, ReadError};
use crate::fault::{Fault, Found};
use crate::format::Format;
use crate::inspect::Inspected;
use crate::source::Source;

/// The most directories of a file. A file with more is considered an attack.
const MAX_DIRECTORIES: usize = 1000;

/// Checks the directories and returns the width and the height of the first image.
pub(crate) fn inspect<S: Source>(cursor: &mut Cursor<'_, S>) -> Inspected<(u32, u32), S> {
    check(cursor).map_err(|fault| fault.refused(Format::Tiff))
}

fn check<S: Source>(cursor: &mut Cursor<'_, S>) -> Found<(u32, u32), S> {
    let layout = Layout::read(cursor)?;
    let first = layout.offset(cursor)?;
    let (directory, next) = Directory::read(layout, cursor, first)?;
    follow(layout, cursor, first, next)?;

    let image = Image::read(layout, cursor, &directory)?;
    let (length, compressed) = (cursor.length(), image.compression != Compression::None);
    image.pieces.places(layout, cursor, image.height, compressed, |place| {
        if place.left_out {
            return Err(Fault::Unsupported("strips or tiles that are left out".into()));
        }
        if place.end > length { Err(ReadError::EndedEarly.into()) } else { Ok(()) }
    })?;
    Ok((image.width, image.height))
}

/// Follows the chain of directories to its end.
fn follow<S: Source>(layout: Layout, cursor: &mut Cursor<'_, S>, first: u64, mut next: u64) -> Found<(), S> {
    let mut visited = HashSet::from([first]);
    while next != 0 {
        if !visited.insert(next) || visited.len() > MAX_DIRECTORIES {
            return Err(Fault::Damaged("the directories loop, or are too many"));
        }
        next = Directory::skip(layout, cursor, next)?;
    }
    Ok(())
}
