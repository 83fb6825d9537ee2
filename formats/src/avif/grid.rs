//! The description of a grid of tiles in an AVIF.
//!
//! Source: ISO/IEC 23008-12 (HEIF), section 6.6.2.3.

use super::geometry::Size;
use crate::cursor::{Cursor, Order};

/// The description of a grid of tiles.
pub(super) struct Grid {
    pub(super) rows: u32,
    pub(super) columns: u32,
    pub(super) size: Size,
}

impl Grid {
    /// The length of the longest description in bytes.
    pub(super) const LENGTH: usize = 12;

    pub(super) fn read(mut bytes: &[u8]) -> Option<Self> {
        let fields = &mut Cursor::new(&mut bytes);
        let wide = fields.u16(Order::Big).ok()? & 1 == 1;
        let (rows, columns) = (u32::from(fields.byte().ok()?) + 1, u32::from(fields.byte().ok()?) + 1);
        let mut side = || if wide { fields.u32(Order::Big) } else { fields.u16(Order::Big).map(u32::from) };
        let size = Size { width: side().ok()?, height: side().ok()? };
        Some(Self { rows, columns, size })
    }

    pub(super) fn tiles(&self) -> u64 {
        u64::from(self.rows) * u64::from(self.columns)
    }
}

/// Whether this number of tiles covers a side of the picture, and all of them are needed.
pub(super) fn covers(tiles: u32, tile: u32, whole: u32) -> bool {
    let all = u64::from(tiles) * u64::from(tile);
    all >= whole.into() && all - u64::from(tile) < whole.into()
}
