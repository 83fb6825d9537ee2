//! Reads the scans of a progressive file that hold the means (DC) of the blocks.

use super::{super::bits::BitReader, huffman::Codes, inverse::Inverse, kept::Kept, tables::Tables};
use resizinator_formats::jpeg::{Frame, Scan, ScanComponent, marker};

/// A component while a scan is read.
struct Scanned<'s> {
    kept: &'s mut Kept,
    /// The codes of DC differences. `None` in a refinement scan.
    differences: Option<&'s Codes>,
    /// The blocks in a unit, along and down.
    blocks: (usize, usize),
    last: i32,
}

/// Reads a scan of means, or a refinement scan with one more bit of each mean.
pub(super) fn read(frame: &Frame, scan: &Scan<'_>, tables: &Tables, components: &mut [Kept]) -> Option<()> {
    let (before, after) = scan.header.approximation;
    let (mut along, mut down) = frame.units();
    let mut scanned = Vec::new();
    for (n, kept) in components.iter_mut().enumerate() {
        let is_this = |component: &ScanComponent| component.index == n;
        let Some(place) = scan.header.components.iter().position(is_this) else { continue };
        let mut blocks = kept.shape.blocks;
        if scan.header.components.len() == 1 {
            (along, down) = frame.blocks(frame.components[n]);
            blocks = (1, 1);
        }
        let differences = match before {
            0 => Some(tables.dc.get(usize::from(scan.header.components[place].dc))?.as_ref()?),
            _ => None,
        };
        if kept.inverse.is_none() {
            let quantiser = tables.quantisers.get(usize::from(frame.components[n].quantiser))?.as_ref()?;
            kept.inverse = Some(Inverse::new(kept.shape.points, quantiser));
        }
        scanned.push((place, Scanned { kept, differences, blocks, last: 0 }));
    }
    scanned.sort_by_key(|&(place, _)| place);

    let mut data = BitReader::from(scan.data, 0);
    let mut units_left = tables.restart_interval;
    let mut restarts = (marker::RST0..).take(8).cycle();
    for row in 0..down as usize {
        for column in 0..along as usize {
            if tables.restart_interval > 0 {
                if units_left == 0 {
                    data = data.behind(restarts.next()?)?;
                    units_left = tables.restart_interval;
                    scanned.iter_mut().for_each(|(_, component)| component.last = 0);
                }
                units_left -= 1;
            }
            for (_, component) in &mut scanned {
                data = component.unit(data, (column, row), after)?;
            }
        }
    }
    (data.end()? == scan.data.len()).then_some(())
}

impl Scanned<'_> {
    #[inline(always)]
    fn unit<'a>(
        &mut self,
        mut data: BitReader<'a>,
        (column, row): (usize, usize),
        after: u8,
    ) -> Option<BitReader<'a>> {
        let (along, down) = self.blocks;
        for y in row * down..(row + 1) * down {
            for x in column * along..(column + 1) * along {
                let block = y * self.kept.width + x;
                let mean = self.kept.values.get_mut(block * self.kept.of_a_block)?;
                data = data.filled();
                if let Some(codes) = self.differences {
                    let difference;
                    (difference, data) = codes.difference(data)?;
                    self.last = self.last.wrapping_add(difference);
                    *mean = (self.last << after) as i16;
                } else {
                    *mean |= (data.peek(1) << after) as i16;
                    data = data.after(1);
                }
            }
        }
        data.unless_beyond_the_end()
    }
}
