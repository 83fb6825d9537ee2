//! The scan header: which coefficients of which components follow (T.81, B.2.3).

use super::frame::Frame;

/// A component in a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanComponent {
    /// Its index among the components of the frame.
    pub index: usize,
    /// The number of its Huffman table for means (DC).
    pub dc: u8,
    /// The number of its Huffman table for the other coefficients (AC).
    pub ac: u8,
}

/// The scan header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanHeader {
    /// One to four, each but once, in the order of their data.
    pub components: Vec<ScanComponent>,
    /// The first and the last coefficient of the band, in zigzag order.
    pub band: (u8, u8),
    /// The bit positions before and after it; `(0, x)` for a first scan.
    pub approximation: (u8, u8),
}

/// More blocks than a unit (MCU) with several components may have.
const MAX_BLOCKS_PER_UNIT: u32 = 10;

impl ScanHeader {
    /// The longest body of a scan header that is read.
    pub(crate) const LONGEST: usize = 1 + 2 * 4 + 3;

    /// Parses the body of a scan header, of which `opening` are the first [`ScanHeader::LONGEST`] bytes, or all
    /// `length`. `None` if its length is wrong, or if it names a component that the frame does not have or one twice.
    pub(crate) fn parse(opening: &[u8], length: u64, frame: &Frame) -> Option<Self> {
        let (&count, rest) = opening.split_first()?;
        if count == 0 || length != 1 + 2 * u64::from(count) + 3 {
            return None;
        }
        let (selectors, parameters) = rest.split_at_checked(2 * usize::from(count))?;
        let &[first, last, bits] = parameters else { return None };
        let mut components: Vec<ScanComponent> = Vec::with_capacity(selectors.len() / 2);
        for &[id, tables] in selectors.as_chunks().0 {
            // Where several of a frame have the same name, libjpeg takes them one after the other.
            let is_left = |index: &usize| components.iter().all(|component| component.index != *index);
            let mut named = (0..frame.components.len()).filter(|&index| frame.components[index].id == id);
            let index = named.find(is_left)?;
            components.push(ScanComponent { index, dc: tables >> 4, ac: tables & 0xF });
        }
        Some(Self { components, band: (first, last), approximation: (bits >> 4, bits & 0xF) })
    }

    /// Whether the parameters are those of progressive coding: DC and AC apart, AC of one component, bit by bit
    /// (T.81, G.1.1.1).
    #[must_use]
    pub fn is_progressive(&self) -> bool {
        let (first, last) = self.band;
        let (before, after) = self.approximation;
        let band =
            if first == 0 { last == 0 } else { first <= last && last < 64 && self.components.len() == 1 };
        band && after <= 13 && (before == 0 || before == after + 1)
    }

    /// Whether a unit has no more blocks than decoders are made for.
    #[must_use]
    pub fn fits_a_unit(&self, frame: &Frame) -> bool {
        let blocks = |component: &ScanComponent| {
            let component = &frame.components[component.index];
            u32::from(component.h) * u32::from(component.v)
        };
        self.components.len() == 1 || self.components.iter().map(blocks).sum::<u32>() <= MAX_BLOCKS_PER_UNIT
    }
}
