//! The scan header of a JPEG, which says which coefficients of which components follow (T.81, B.2.3).

use super::frame::Frame;

/// A component in a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanComponent {
    /// The index of the component in the frame header.
    pub index: usize,
    /// The number of the Huffman table for its means (DC).
    pub dc: u8,
    /// The number of the Huffman table for its other coefficients (AC).
    pub ac: u8,
}

/// The scan header of a JPEG.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanHeader {
    /// The components in the order of their data. There are one to four, and none occurs twice.
    pub components: Vec<ScanComponent>,
    /// The first and the last coefficient of the band, in zigzag order.
    pub band: (u8, u8),
    /// The bit positions before and after the scan (successive approximation). It is `(0, x)` for a first scan.
    pub approximation: (u8, u8),
}

/// The most blocks that a unit (MCU) with several components may have.
const MAX_BLOCKS_PER_UNIT: u32 = 10;

impl ScanHeader {
    /// The most bytes that are read of the body of a scan header.
    pub(crate) const LONGEST: usize = 1 + 2 * 4 + 3;

    /// Parses the body of a scan header of `length` bytes. `opening` has all of them or the first
    /// [`ScanHeader::LONGEST`]. Returns `None` if the length is wrong, or if a component is not in the frame or occurs
    /// twice.
    pub(crate) fn parse(opening: &[u8], length: u64, frame: &Frame) -> Option<Self> {
        let (&count, rest) = opening.split_first()?;
        if count == 0 || length != 1 + 2 * u64::from(count) + 3 {
            return None;
        }
        let (selectors, parameters) = rest.split_at_checked(2 * usize::from(count))?;
        let &[first, last, bits] = parameters else { return None };
        let mut components: Vec<ScanComponent> = Vec::with_capacity(selectors.len() / 2);
        for &[id, tables] in selectors.as_chunks().0 {
            // If several components of a frame have the same name, libjpeg takes them one after the other.
            let is_left = |index: &usize| components.iter().all(|component| component.index != *index);
            let mut named = (0..frame.components.len()).filter(|&index| frame.components[index].id == id);
            let index = named.find(is_left)?;
            components.push(ScanComponent { index, dc: tables >> 4, ac: tables & 0xF });
        }
        Some(Self { components, band: (first, last), approximation: (bits >> 4, bits & 0xF) })
    }

    /// Whether the parameters are valid for progressive coding: DC and AC in separate scans, AC of one component per
    /// scan, and one more bit in each refinement (T.81, G.1.1.1).
    #[must_use]
    pub fn is_progressive(&self) -> bool {
        let (first, last) = self.band;
        let (before, after) = self.approximation;
        let band =
            if first == 0 { last == 0 } else { first <= last && last < 64 && self.components.len() == 1 };
        band && after <= 13 && (before == 0 || before == after + 1)
    }

    /// Whether a unit has at most as many blocks as decoders support.
    #[must_use]
    pub fn fits_a_unit(&self, frame: &Frame) -> bool {
        let blocks = |component: &ScanComponent| {
            let component = &frame.components[component.index];
            u32::from(component.h) * u32::from(component.v)
        };
        self.components.len() == 1 || self.components.iter().map(blocks).sum::<u32>() <= MAX_BLOCKS_PER_UNIT
    }
}
