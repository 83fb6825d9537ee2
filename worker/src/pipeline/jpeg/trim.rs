//! A file without what the decoder would read in vain.
//!
//! At one eighth, the inverse DCT of a component that becomes one pixel a block looks at the block's mean (DC) alone;
//! its other coefficients (AC) come in scans of their own, which hold most of the file. Chroma that is stored at half
//! the resolution becomes 2 × 2 pixels a block, and needs all of its scans.
//!
//! Leaving scans out is not enough: libjpeg takes the coefficients for not yet known and smooths over the blocks, the
//! DC values included. So an empty scan takes the place of those of a component: all bands, full precision, no
//! coefficient. Then the pixels are the same as those of the whole file.
//!
//! At the larger scales, each band that encoders write has coefficients that the inverse DCT reads: 2 × 2 pixels take
//! columns and rows 0, 1, 3, 5 and 7 of a block, and 4 × 4 all but number 4. There is nothing to leave out.

use super::{bits::BitWriter, opened::Opened, scale::Scale};
use resizinator_formats::jpeg::{
    Component, Frame, Scan, Scans, Segments,
    marker::{self, Coding},
};
use std::borrow::Cow;

/// `input`, or a shorter file that decodes at `scale` to the same pixels. One that is cut off between its scans ends
/// with the last that came, so that the decoder does not take half a table for a broken one.
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

/// Of which components the AC coefficients need not be read.
pub(super) fn superfluous(frame: &Frame, scale: Scale) -> Vec<bool> {
    // An empty scan names its component, and takes the first of that name.
    let known = frame.has_distinct_names() && scale.eighths() == 1;
    let one_pixel = |&component: &Component| known && pixels_a_block(frame, component) == 1;
    frame.components.iter().map(one_pixel).collect()
}

/// At one eighth, how many pixels wide and high a block of `component` becomes. libjpeg leaves to the inverse DCT what
/// it can of the upsampling: it doubles for as long as both directions allow.
fn pixels_a_block(frame: &Frame, component: Component) -> u8 {
    let (most_h, most_v) = frame.most_sampled();
    let mut pixels = 1;
    while pixels < 8 && most_h % (component.h * pixels * 2) == 0 && most_v % (component.v * pixels * 2) == 0 {
        pixels *= 2;
    }
    pixels
}

/// Whether each scan takes up where the last one of its coefficients stopped, DC before AC, until every AC bit of
/// every component is there. Only then does the decoder not guess any coefficients.
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

/// The file without the AC scans of some components, without metadata, and with an empty scan for each of those.
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
    // No restart markers in the empty scans.
    file.extend_from_slice(&[0xFF, marker::DRI, 0, 4, 0, 0]);
    for (&component, _) in frame.components.iter().zip(superfluous).filter(|(_, superfluous)| **superfluous) {
        write_empty_scan(component.id, frame.blocks(component), &mut file);
    }
    file.extend_from_slice(&[0xFF, marker::EOI]);
    file
}

/// All segments of `tables` that the decoder needs: not comments, and no application's but the two that tell
/// which colours the components are.
fn copy_tables(tables: &[u8], file: &mut Vec<u8>) {
    for segment in Segments::of(tables) {
        let useless = matches!(segment.marker, marker::COM | marker::APP0..=marker::APP15)
            && !matches!(segment.marker, marker::APP0 | marker::APP14);
        if !useless {
            file.extend_from_slice(segment.whole);
        }
    }
}

/// The longest run of empty blocks has a length of 15 bits, and one code for each number of bits but the first.
const RUN_CODES: u8 = 15;
const LONGEST_RUN: u32 = (1 << RUN_CODES) - 1;

/// A scan that says of every block of one component that its AC coefficients are 0: its table has nothing but runs of
/// empty blocks, in codes of four bits.
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
