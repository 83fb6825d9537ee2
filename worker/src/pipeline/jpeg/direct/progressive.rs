//! A progressive file of which the means are all that is needed: every component becomes one pixel a block.
//!
//! Its other scans are not looked at, as little as `trim` does.

use super::{
    super::{
        bits::BitReader,
        header::Header,
        markers,
        scale::Scale,
        scans::{Scan, ScanHeader, Scans},
        trim,
    },
    Shape,
    canvas::{Canvas, Plane},
    huffman::Codes,
    inverse::{Inverse, Points},
    tables::Tables,
};

/// The means of a component, row by row.
struct Means {
    values: Vec<i16>,
    /// Of a row, with those that pad the last unit.
    width: usize,
    shape: Shape,
    /// Since its first scan.
    inverse: Option<Inverse>,
}

/// A component in a scan.
struct Scanned<'s> {
    means: &'s mut Means,
    /// Absent from a scan that refines.
    differences: Option<&'s Codes>,
    /// Of a unit, along and down.
    blocks: (usize, usize),
    last: i32,
}

pub(super) fn decode(input: &[u8], header: &Header, scans: &Scans, scale: Scale) -> Option<Vec<u8>> {
    let means_are_all = trim::superfluous(header, scale).iter().all(|&superfluous| superfluous);
    if !means_are_all || !scans.complete || !trim::refines_to_the_end(&scans.list, header.components.len()) {
        return None;
    }
    let (along, down) = header.units();
    let means = |&component| {
        let Shape { blocks, points, repeats } = Shape::new(component, header, scale)?;
        let repeats = (repeats.0 * points.along, repeats.1 * points.down);
        let width = along as usize * blocks.0;
        let values = vec![0; width * down as usize * blocks.1];
        Some(Means { values, width, shape: Shape { blocks, points: Points::ONE, repeats }, inverse: None })
    };
    let mut components = header.components.iter().map(means).collect::<Option<Vec<_>>>()?;

    let mut tables = Tables::default();
    for scan in &scans.list {
        let sos = ScanHeader::read(&tables.read(input, scan.tables.start)?)?;
        if scan.band.0 == 0 {
            read_means(input, header, scan, &sos, &tables, &mut components)?;
        }
    }

    let colours = tables.colours(&header.components)?;
    let mut canvas = Canvas::new(scale.of(header.width), scale.of(header.height), colours);
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

/// Reads a scan of means, or of one more bit of each.
fn read_means(
    input: &[u8],
    header: &Header,
    scan: &Scan,
    sos: &ScanHeader<'_>,
    tables: &Tables,
    components: &mut [Means],
) -> Option<()> {
    let (before, after) = scan.approximation;
    let (mut along, mut down) = header.units();
    let mut scanned = Vec::new();
    for (n, means) in components.iter_mut().enumerate() {
        let Some(place) = scan.components.iter().position(|&component| component == n) else { continue };
        let [_, numbers] = sos.selectors[place];
        let mut blocks = means.shape.blocks;
        if scan.components.len() == 1 {
            (along, down) = header.blocks(header.components[n]);
            blocks = (1, 1);
        }
        let differences = match before {
            0 => Some(tables.dc.get(usize::from(numbers >> 4))?.as_ref()?),
            _ => None,
        };
        if means.inverse.is_none() {
            let quantiser = tables.quantisers.get(usize::from(header.components[n].quantiser))?.as_ref()?;
            means.inverse = Some(Inverse::new(Points::ONE, quantiser));
        }
        scanned.push((place, Scanned { means, differences, blocks, last: 0 }));
    }
    scanned.sort_by_key(|&(place, _)| place);

    let mut data = BitReader::from(input, scan.data);
    let mut units_left = tables.restart_interval;
    let mut restarts = (markers::RST0..).take(8).cycle();
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
    (data.end()? == scan.place.end).then_some(())
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
