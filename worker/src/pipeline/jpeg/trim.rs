//! Removes the parts of a file that the decoder would read without using them.
//!
//! At one eighth, the inverse DCT of a component that becomes one pixel per block only uses the block's mean (DC). The
//! other coefficients (AC) are in separate scans, which are most of the file. Chroma that is stored at half the
//! resolution becomes 2 × 2 pixels per block, and needs all of its scans.
//!
//! Leaving scans out is not enough: libjpeg then considers the coefficients as not yet known and smooths the blocks,
//! including the DC values. So an empty scan replaces the scans of a component: it has all bands, full precision and no
//! coefficients. Then the pixels are the same as those of the whole file.
//!
//! At the larger scales nothing can be left out, because every band that encoders write has coefficients that the
//! inverse DCT reads: 2 × 2 pixels need the columns and rows 0, 1, 3, 5 and 7 of a block, and 4 × 4 all but number 4.

use super::{bits::BitWriter, opened::Opened, scale::Scale};
use resizinator_formats::jpeg::{
    Component, Frame, Scan, Scans, Segments,
    marker::{self, Coding},
};
use std::borrow::Cow;

/// `input`, or a shorter file that decodes to the same pixels at `scale`. A file that is cut off between its scans ends
/// after its last scan, so that the decoder does not report an incomplete table as a damaged one.
pub(super) fn trimmed<'a>(input: &'a [u8], opened: &Opened<'_>, scale: Scale) -> Cow<'a, [u8]> {
    let frame = &opened.jpeg.frame;
    let Some(scans) = &opened.jpeg.scans else { return Cow::Borrowed(input) };
    let superfluous = superfluous(frame, scale);
    if superfluous.contains(&true)
        && frame.coding == Coding::Progressive
        && refines_to_the_end(&scans.list, frame.components.len())
    {
        return Cow::Owned(without(&superfluous, frame, scans));
    }
    if scans.complete || scans.list.is_empty() {
        return Cow::Borrowed(input);
    }
    Cow::Owned([scans.up_to_the_last, &[0xFF, marker::EOI]].concat())
}

/// For each component, whether its AC coefficients need not be read.
pub(super) fn superfluous(frame: &Frame, scale: Scale) -> Vec<bool> {
    // An empty scan refers to its component by name, and the decoder takes the first one of that name.
    let known = frame.has_distinct_names() && scale.eighths() == 1;
    let one_pixel = |&component: &Component| known && pixels_a_block(frame, component) == 1;
    frame.components.iter().map(one_pixel).collect()
}

/// The width and height in pixels that a block of `component` becomes at one eighth. libjpeg lets the inverse DCT do as
/// much of the upsampling as possible: it doubles the size as long as both directions allow.
fn pixels_a_block(frame: &Frame, component: Component) -> u8 {
    let (most_h, most_v) = frame.most_sampled();
    let mut pixels = 1;
    while pixels < 8 && most_h % (component.h * pixels * 2) == 0 && most_v % (component.v * pixels * 2) == 0 {
        pixels *= 2;
    }
    pixels
}

/// Whether each scan continues where the previous scan of its coefficients stopped, DC before AC, until every AC bit of
/// every component is known. Only then does the decoder not estimate any coefficients.
pub(super) fn refines_to_the_end(scans: &[Scan<'_>], components: usize) -> bool {
    let mut known: Vec<[Option<u8>; 64]> = vec![[None; 64]; components];
    for scan in scans {
        let (first, last) = scan.header.band;
        let (before, after) = scan.header.approximation;
        for component in &scan.header.components {
            let known = &mut known[component.index];
            if first > 0 && known[0].is_none() {
                return false;
            }
            for bits in &mut known[usize::from(first)..=usize::from(last)] {
                if bits.map_or(before != 0, |bits| bits != before) || *bits == Some(0) {
                    return false;
                }
                *bits = Some(after);
            }
        }
    }
    known.iter().all(|known| known[0].is_some() && known[1..].iter().all(|&bits| bits == Some(0)))
}

/// The file without metadata and without the AC scans of the superfluous components, each of which gets an empty scan.
fn without(superfluous: &[bool], frame: &Frame, scans: &Scans<'_>) -> Vec<u8> {
    let is_superfluous =
        |scan: &Scan<'_>| scan.header.band.0 > 0 && superfluous[scan.header.components[0].index];
    let mut file = vec![0xFF, marker::SOI];
    for scan in &scans.list {
        copy_tables(scan.tables, &mut file);
        if !is_superfluous(scan) {
            file.extend_from_slice(scan.segment);
            file.extend_from_slice(scan.data);
        }
    }
    // This switches restart markers off for the empty scans.
    file.extend_from_slice(&[0xFF, marker::DRI, 0, 4, 0, 0]);
    for (&component, _) in frame.components.iter().zip(superfluous).filter(|(_, superfluous)| **superfluous) {
        write_empty_scan(component.id, frame.blocks(component), &mut file);
    }
    file.extend_from_slice(&[0xFF, marker::EOI]);
    file
}

/// Copies all segments of `tables` that the decoder needs. Comments are left out, and so are application segments
/// except for the two that say which colours the components are.
fn copy_tables(tables: &[u8], file: &mut Vec<u8>) {
    for segment in Segments::of(tables) {
        let useless = matches!(segment.marker, marker::COM | marker::APP0..=marker::APP15)
            && !matches!(segment.marker, marker::APP0 | marker::APP14);
        if !useless {
            file.extend_from_slice(segment.whole);
        }
    }
}

/// The number of codes for runs of empty blocks, one for each number of bits up to 15 in the length of a run.
const RUN_CODES: u8 = 15;
const LONGEST_RUN: u32 = (1 << RUN_CODES) - 1;

/// Writes a scan in which the AC coefficients of every block of one component are 0. Its table only has runs of empty
/// blocks, in codes of four bits.
fn write_empty_scan(component: u8, (along, down): (u32, u32), file: &mut Vec<u8>) {
    file.extend_from_slice(&[0xFF, marker::DHT, 0, 2 + 1 + 16 + RUN_CODES]);
    let ac_table_0 = 0x10;
    file.push(ac_table_0);
    file.extend_from_slice(&[0, 0, 0, RUN_CODES, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.extend((0..RUN_CODES).map(|bits| bits << 4));

    file.extend_from_slice(&[0xFF, marker::SOS, 0, 8, 1, component, 0, 1, 63, 0]);
    let mut data = BitWriter::new(file);
    let mut blocks = along * down;
    while blocks > 0 {
        let run = blocks.min(LONGEST_RUN);
        let bits = run.ilog2();
        data.write(bits, 4);
        data.write(run - (1 << bits), bits);
        blocks -= run;
    }
    data.finish();
}
