//! Decodes a progressive file of which only the means (DC) are needed, because every component becomes one pixel per
//! block.
//!
//! The other scans are skipped, as in `trim`.

use super::{
    super::{bits::BitReader, scale::Scale, trim},
    Shape,
    canvas::{Canvas, Plane},
    huffman::Codes,
    inverse::{Inverse, Points},
    tables::Tables,
};
use resizinator_formats::jpeg::{Frame, Scan, ScanComponent, Scans, marker};

/// The means of the blocks of a component, row by row.
struct Means {
    values: Vec<i16>,
    /// The number of means in a row, including those that pad the last unit.
    width: usize,
    shape: Shape,
    /// The transform, which is known after the first scan of the component.
    inverse: Option<Inverse>,
}

/// A component while a scan is read.
struct Scanned<'s> {
    means: &'s mut Means,
    /// The codes of DC differences. `None` in a refinement scan.
    differences: Option<&'s Codes>,
    /// The blocks in a unit, along and down.
    blocks: (usize, usize),
    last: i32,
}

pub(super) fn decode(frame: &Frame, scans: &Scans<'_>, scale: Scale) -> Option<Vec<u8>> {
    let means_are_all = trim::superfluous(frame, scale).iter().all(|&superfluous| superfluous);
    if !means_are_all || !scans.complete || !trim::refines_to_the_end(&scans.list, frame.components.len()) {
        return None;
    }
    let (along, down) = frame.units();
    let means = |&component| {
        let Shape { blocks, points, repeats } = Shape::new(component, frame, scale)?;
        let repeats = (repeats.0 * points.along, repeats.1 * points.down);
        let width = along as usize * blocks.0;
        let values = vec![0; width * down as usize * blocks.1];
        Some(Means { values, width, shape: Shape { blocks, points: Points::ONE, repeats }, inverse: None })
    };
    let mut components = frame.components.iter().map(means).collect::<Option<Vec<_>>>()?;

    let mut tables = Tables::default();
    for scan in &scans.list {
        tables.read(scan.tables)?;
        if scan.header.band.0 == 0 {
            read_means(frame, scan, &tables, &mut components)?;
        }
    }

    let colours = tables.colours(&frame.components)?;
    let mut canvas = Canvas::new(scale.of(frame.width), scale.of(frame.height), colours);
    let mut planes: Vec<_> = components.iter().map(|means| Plane::new(means.shape, along)).collect();
    for row in 0..down as usize {
        for (plane, means) in planes.iter_mut().zip(&components) {
            let inverse = means.inverse.as_ref()?;
            let values = &means.values[row * plane.samples.len()..];
            for (sample, &mean) in plane.samples.iter_mut().zip(values) {
                *sample = inverse.one(mean);
            }
        }
        canvas.push(&planes.iter().collect::<Vec<_>>());
    }
    Some(canvas.finish())
}

/// Reads a scan of means, or a refinement scan with one more bit of each mean.
fn read_means(frame: &Frame, scan: &Scan<'_>, tables: &Tables, components: &mut [Means]) -> Option<()> {
    let (before, after) = scan.header.approximation;
    let (mut along, mut down) = frame.units();
    let mut scanned = Vec::new();
    for (n, means) in components.iter_mut().enumerate() {
        let is_this = |component: &ScanComponent| component.index == n;
        let Some(place) = scan.header.components.iter().position(is_this) else { continue };
        let mut blocks = means.shape.blocks;
        if scan.header.components.len() == 1 {
            (along, down) = frame.blocks(frame.components[n]);
            blocks = (1, 1);
        }
        let differences = match before {
            0 => Some(tables.dc.get(usize::from(scan.header.components[place].dc))?.as_ref()?),
            _ => None,
        };
        if means.inverse.is_none() {
            let quantiser = tables.quantisers.get(usize::from(frame.components[n].quantiser))?.as_ref()?;
            means.inverse = Some(Inverse::new(Points::ONE, quantiser));
        }
        scanned.push((place, Scanned { means, differences, blocks, last: 0 }));
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
                let mean = self.means.values.get_mut(y * self.means.width + x)?;
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
