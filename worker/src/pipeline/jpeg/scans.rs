//! The scans of a file that has more than one.

use super::{
    header::{Coding, Component},
    markers::{self, OutOfData, Segment, Segments},
};
use std::ops::Range;

/// A file with more is refused: each scan costs a walk over all coefficients, whatever its length, so that a file
/// of some kilobytes could keep a renderer busy for minutes. Real encoders write about 10, optimising ones up to 30.
pub(super) const LIMIT: usize = 100;

/// One scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Scan {
    /// The tables and other segments before it.
    pub(super) tables: Range<usize>,
    /// Its SOS segment and its entropy-coded data.
    pub(super) place: Range<usize>,
    /// Where its data begin.
    pub(super) data: usize,
    /// Indices into the frame's components.
    pub(super) components: Vec<usize>,
    /// The first and the last coefficient of the band, in zigzag order.
    pub(super) band: (u8, u8),
    /// The bit positions before and after it; `(0, x)` for a first scan.
    pub(super) approximation: (u8, u8),
}

impl Scan {
    /// Whether its parameters are those of progressive coding: DC and AC apart, AC of one component, bit by bit.
    fn is_progressive(&self) -> bool {
        let (first, last) = self.band;
        let (before, after) = self.approximation;
        let band =
            if first == 0 { last == 0 } else { first <= last && last < 64 && self.components.len() == 1 };
        band && after <= 13 && (before == 0 || before == after + 1)
    }
}

/// All scans of a file, up to one more than [`LIMIT`].
#[derive(Clone, Debug, Default)]
pub(super) struct Scans {
    pub(super) list: Vec<Scan>,
    /// Whether the image ends with its marker, and all before it makes sense.
    pub(super) complete: bool,
}

impl Scans {
    /// Walks the file; stops at what the decoder would choke on, so that what came before can be shown.
    pub(super) fn find(input: &[u8], frame: &[Component], coding: Coding) -> Self {
        let mut scans = Self::default();
        let mut segments = Segments::from(input, 2);
        let mut tables = 2;
        while scans.list.len() <= LIMIT {
            let segment = match segments.next() {
                Ok(segment) => segment,
                Err(OutOfData) => return scans,
            };
            match segment.marker {
                markers::EOI => {
                    scans.complete = true;
                    return scans;
                }
                markers::SOS => {
                    let end = markers::end_of_data(input, segment.place.end);
                    let Some(scan) = read_scan(&segment, tables, end, frame) else { return scans };
                    if coding == Coding::Progressive && !scan.is_progressive() {
                        return scans;
                    }
                    scans.list.push(scan);
                    segments = Segments::from(input, end);
                    tables = end;
                }
                0xC0..=0xC2 | 0xC9 | 0xCA if scans.list.is_empty() => {}
                marker if may_stand_anywhere(marker) => {}
                _ => return scans,
            }
        }
        scans
    }

    /// Where the last scan's data end.
    pub(super) fn end(&self) -> usize {
        self.list.last().map_or(0, |scan| scan.place.end)
    }
}

/// Tables, comments, and markers without a meaning here.
pub(super) fn may_stand_anywhere(marker: u8) -> bool {
    matches!(
        marker,
        markers::DHT
            | markers::DAC
            | markers::DQT
            | markers::DRI
            | markers::DNL
            | markers::COM
            | markers::APP0..=markers::APP15
            | 0x01
            | 0xD0..=0xD7
    )
}

/// What a SOS segment says.
pub(super) struct ScanHeader<'a> {
    /// Of each component its identifier, and the numbers of its tables, DC and AC, in half a byte each.
    pub(super) selectors: &'a [[u8; 2]],
    /// See [`Scan`].
    pub(super) band: (u8, u8),
    /// See [`Scan`].
    pub(super) approximation: (u8, u8),
}

impl<'a> ScanHeader<'a> {
    pub(super) fn read(sos: &Segment<'a>) -> Option<Self> {
        let (&count, rest) = sos.body.split_first()?;
        let (selectors, parameters) = rest.split_at_checked(2 * usize::from(count))?;
        let &[first, last, bits] = parameters else { return None };
        Some(Self {
            selectors: selectors.as_chunks().0,
            band: (first, last),
            approximation: (bits >> 4, bits & 15),
        })
    }
}

fn read_scan(sos: &Segment<'_>, tables: usize, end: usize, frame: &[Component]) -> Option<Scan> {
    let ScanHeader { selectors, band, approximation } = ScanHeader::read(sos)?;
    let index_of = |&[id, _]: &[u8; 2]| frame.iter().position(|component| component.id == id);
    let components: Vec<usize> = selectors.iter().map(index_of).collect::<Option<_>>()?;
    let repeats = (1..components.len()).any(|n| components[..n].contains(&components[n]));
    (!components.is_empty() && !repeats).then_some(Scan {
        tables: tables..sos.place.start,
        place: sos.place.start..end,
        data: sos.place.end,
        components,
        band,
        approximation,
    })
}
