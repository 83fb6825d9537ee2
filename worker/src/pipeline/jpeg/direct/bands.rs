//! Reads the scans of a progressive file that hold a band of the other coefficients (AC) of a component.
//!
//! Source: ITU-T T.81, G.1.2.2 and G.1.2.3.

use super::{super::bits::BitReader, huffman::Codes, kept::Kept, tables::Tables};
use resizinator_formats::jpeg::{Frame, Scan, marker};

/// A set of coefficients: bit `n` stands for coefficient `n` in zigzag order.
type Set = u64;

/// The coefficients from the first to the last one of a band. It is empty if the last one comes before the first.
pub(super) fn bits((first, last): (u8, u8)) -> Set {
    up_to(last) & from(first.into())
}

fn up_to(last: u8) -> Set {
    Set::MAX >> (63 - last % 64)
}

/// The coefficients from number `n` on.
#[inline(always)]
fn from(n: u32) -> Set {
    Set::MAX.checked_shl(n).unwrap_or(0)
}

/// What the header of a scan says, and its codes.
struct Band<'s> {
    codes: &'s Codes,
    first: u8,
    last: u8,
    /// The number of the lowest bit that the scan knows of each coefficient.
    after: u8,
}

/// Reads a scan with the first bits of a band, or a refinement scan with one more bit of each of its coefficients.
pub(super) fn read(frame: &Frame, scan: &Scan<'_>, tables: &Tables, components: &mut [Kept]) -> Option<()> {
    let (&[component], (first, last)) = (&scan.header.components[..], scan.header.band) else { return None };
    let codes = tables.ac.get(usize::from(component.ac))?.as_ref()?;
    let kept = components.get_mut(component.index)?;
    let (before, after) = scan.header.approximation;
    let band = Band { codes, first, last, after };
    let (along, down) = frame.blocks(frame.components[component.index]);

    let mut data = BitReader::from(scan.data, 0);
    let mut blocks_left = tables.restart_interval;
    let mut restarts = (marker::RST0..).take(8).cycle();
    // The number of blocks, from the next one on, in which the band has no further codes.
    let mut ended = 0;
    for row in 0..down as usize {
        let blocks = row * kept.width..row * kept.width + along as usize;
        let mut none = [];
        let sets = match kept.present.is_empty() {
            true => &mut none[..],
            false => kept.present.get_mut(blocks.clone())?,
        };
        let blocks = blocks.start * kept.of_a_block..blocks.end * kept.of_a_block;
        let values = kept.values.get_mut(blocks)?.chunks_exact_mut(kept.of_a_block);
        let mut nowhere = 0;
        let mut sets = sets.iter_mut();
        for values in values {
            if tables.restart_interval > 0 {
                if blocks_left == 0 {
                    data = data.behind(restarts.next().filter(|_| ended == 0)?)?;
                    blocks_left = tables.restart_interval;
                }
                blocks_left -= 1;
            }
            let present = sets.next().unwrap_or(&mut nowhere);
            if before > 0 {
                (ended, data) = band.refine(data, ended, values, present)?;
            } else if ended > 0 {
                ended -= 1;
            } else {
                (ended, data) = band.begin(data, values, present)?;
            }
        }
    }
    (ended == 0 && data.end()? == scan.data.len()).then_some(())
}

impl Band<'_> {
    /// Reads a block of the first scan of a band. Also returns in how many of the following blocks the band is empty.
    #[inline(always)]
    fn begin<'a>(
        &self,
        mut data: BitReader<'a>,
        values: &mut [i16],
        present: &mut Set,
    ) -> Option<(u32, BitReader<'a>)> {
        let mut next = u32::from(self.first);
        while next <= self.last.into() {
            data = data.filled();
            let (symbol, length) = self.codes.first_of(data.peek(16))?;
            data = data.after(length.into());
            let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 && run < 15 {
                let (blocks, data) = end_of_band(data, run);
                return Some((blocks - 1, data.unless_beyond_the_end()?));
            }
            next += run;
            // A larger coefficient would not fit into 16 bits.
            if next > self.last.into() || size + u32::from(self.after) > 15 {
                return None;
            }
            if size > 0 {
                if let Some(value) = values.get_mut(next as usize) {
                    *value = (data.signed(size) << self.after) as i16;
                }
                data = data.after(size);
                *present |= 1 << next;
            }
            next += 1;
        }
        Some((0, data.unless_beyond_the_end()?))
    }

    /// Reads a block of a refinement scan. `ended` is the number of blocks, including this one, in which the band has no
    /// further codes, and so is the returned number for the next block.
    #[inline(always)]
    fn refine<'a>(
        &self,
        mut data: BitReader<'a>,
        mut ended: u32,
        values: &mut [i16],
        present: &mut Set,
    ) -> Option<(u32, BitReader<'a>)> {
        let band = bits((self.first, self.last));
        // The coefficients of the band that are not passed yet.
        let mut left = band;
        let mut added = 0;
        while ended == 0 && left != 0 {
            data = data.filled();
            let (symbol, length) = self.codes.first_of(data.peek(16))?;
            data = data.after(length.into());
            let (run, size) = (u32::from(symbol >> 4), symbol & 15);
            let mut value = None;
            match size {
                0 if run < 15 => {
                    (ended, data) = end_of_band(data, run);
                    break;
                }
                0 => {}
                1 => {
                    value = Some(self.amount(data.peek(1) == 1));
                    data = data.after(1);
                }
                _ => return None,
            }
            let mut zeros = left & !*present;
            for _ in 0..run {
                zeros &= zeros.wrapping_sub(1);
            }
            if zeros == 0 {
                return None;
            }
            let place = zeros.trailing_zeros();
            data = self.correct(data, left & *present & !from(place), values);
            left &= from(place + 1);
            if let Some(value) = value {
                added |= 1 << place;
                if let Some(kept) = values.get_mut(place as usize) {
                    *kept = value;
                }
            }
        }
        if ended > 0 {
            data = self.correct(data, left & *present, values);
            ended -= 1;
        }
        *present |= added;
        Some((ended, data.unless_beyond_the_end()?))
    }

    /// The amount that a bit of this scan stands for.
    #[inline(always)]
    fn amount(&self, is_positive: bool) -> i16 {
        if is_positive { 1 << self.after } else { -1 << self.after }
    }

    /// Reads a bit for each coefficient of `present`, and adds it to those that are kept.
    #[inline(always)]
    fn correct<'a>(&self, mut data: BitReader<'a>, mut present: Set, values: &mut [i16]) -> BitReader<'a> {
        if present == 0 {
            return data;
        }
        data = data.filled();
        while let Some(value) = values.get_mut(present.trailing_zeros() as usize) {
            if data.peek(1) == 1 {
                *value = value.wrapping_add(self.amount(*value > 0));
            }
            data = data.after(1);
            present &= present - 1;
        }
        let more = present.count_ones();
        if more > 40 {
            return data.after(40).filled().after(more - 40);
        }
        data.after(more)
    }
}

/// Reads how many blocks, including this one, have no further codes.
#[inline(always)]
fn end_of_band(data: BitReader<'_>, size: u32) -> (u32, BitReader<'_>) {
    // Two shifts, because `size` may be 0.
    ((1 << size) + (data.peek(16) >> 1 >> (15 - size)), data.after(size))
}
