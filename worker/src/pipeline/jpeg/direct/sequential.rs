//! A file whose coefficients come in one scan: the pixels of a row of units as soon as it is read.

use super::{
    super::{
        bits::BitReader,
        header::{self, Header},
        huffman::{Codes, Coefficients},
        markers,
        scale::Scale,
        scans::ScanHeader,
    },
    Shape,
    canvas::{Canvas, Plane},
    inverse::Inverse,
    tables::Tables,
};

/// A component while it is decoded.
struct Component<'c> {
    differences: &'c Codes,
    coefficients: &'c Coefficients<'c>,
    shape: Shape,
    inverse: Inverse,
    /// The mean of its last block.
    mean: i32,
    plane: Plane,
}

pub(super) fn decode(input: &[u8], header: &Header, scale: Scale) -> Option<Vec<u8>> {
    let mut tables = Tables::default();
    let scan = ScanHeader::read(&tables.read(input, 2)?)?;
    if scan.band != (0, 63) || scan.approximation != (0, 0) || scan.selectors.len() != header.components.len() {
        return None;
    }
    let coefficients = tables.ac.each_ref().map(|codes| codes.as_ref().map(Coefficients::new));
    let (along, down) = header.units();
    let component = |(&component, &[id, numbers]): (&header::Component, &[u8; 2])| {
        (id == component.id).then_some(())?;
        let shape = Shape::new(component, header, scale)?;
        let quantiser = tables.quantisers.get(usize::from(component.quantiser))?.as_ref()?;
        Some(Component {
            differences: tables.dc.get(usize::from(numbers >> 4))?.as_ref()?,
            coefficients: coefficients.get(usize::from(numbers & 15))?.as_ref()?,
            shape,
            inverse: Inverse::new(shape.points, quantiser),
            mean: 0,
            plane: Plane::new(shape, along),
        })
    };
    let components = header.components.iter().zip(scan.selectors).map(component);
    let mut components = components.collect::<Option<Vec<_>>>()?;
    let colours = tables.colours(&header.components)?;
    let mut canvas = Canvas::new(scale.of(header.width), scale.of(header.height), colours);
    let rows = usize::from(header.most_sampled().1 * scale.eighths());

    let mut data = BitReader::from(input, header.data);
    let mut units_left = tables.restart_interval;
    let mut restarts = (markers::RST0..).take(8).cycle();
    for _ in 0..down {
        for column in 0..along as usize {
            if tables.restart_interval > 0 {
                if units_left == 0 {
                    data = data.behind(restarts.next()?)?;
                    units_left = tables.restart_interval;
                    components.iter_mut().for_each(|component| component.mean = 0);
                }
                units_left -= 1;
            }
            for component in &mut components {
                data = component.unit(data, column)?;
            }
        }
        let planes: Vec<_> = components.iter().map(|component| &component.plane).collect();
        canvas.push(rows, &planes);
    }
    data.behind(markers::EOI)?;
    Some(canvas.finish())
}

impl Component<'_> {
    /// Reads its blocks of a unit, and writes their pixels to the plane.
    #[inline(always)]
    fn unit<'a>(&mut self, mut data: BitReader<'a>, column: usize) -> Option<BitReader<'a>> {
        let (along, down) = self.shape.blocks;
        for y in 0..down {
            for x in column * along..(column + 1) * along {
                let at = y * self.shape.points.down * self.plane.width + x * self.shape.points.along;
                data = self.block(data, at)?;
            }
        }
        Some(data)
    }

    #[inline(always)]
    fn block<'a>(&mut self, data: BitReader<'a>, at: usize) -> Option<BitReader<'a>> {
        let (difference, mut data) = self.differences.difference(data.filled())?;
        self.mean = self.mean.wrapping_add(difference);
        // libjpeg keeps as many bits.
        let mean = self.mean as i16;
        if self.inverse.last == 0 {
            *self.plane.samples.get_mut(at)? = self.inverse.one(mean);
            return self.coefficients.pass(data, 0);
        }
        let mut lowest = self.inverse.lowest(mean);
        let mut passed = 0;
        while passed < self.inverse.last {
            let (coefficient, value);
            (coefficient, value, data) = self.coefficients.next(data.filled())?;
            passed += coefficient;
            self.inverse.add(&mut lowest, passed, value);
        }
        self.inverse.write(&lowest, self.plane.samples.get_mut(at..)?, self.plane.width);
        if passed < Coefficients::ALL { self.coefficients.pass(data, passed) } else { Some(data) }
    }
}
