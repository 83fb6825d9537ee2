//! Decodes a file whose coefficients are all in one scan. Each row of units becomes pixels as soon as it is read.

use super::{
    super::{bits::BitReader, scale::Scale},
    Shape,
    canvas::{Canvas, Plane},
    groups::Coefficients,
    huffman::Codes,
    inverse::Inverse,
    lowest::Lowest,
    tables::Tables,
};
use resizinator_formats::jpeg::{self, Jpeg, ScanComponent, marker};

/// A component while the scan is decoded.
struct Component<'c> {
    differences: &'c Codes,
    coefficients: &'c Coefficients<'c>,
    reading: Reading<'c>,
    shape: Shape,
    inverse: Inverse,
    /// The mean of the component's last block.
    mean: i32,
    plane: Plane,
}

/// The coefficients that are read of a block.
enum Reading<'c> {
    Mean,
    /// The coefficients for 2 × 2 pixels.
    Four(&'c Lowest<'c>),
    Several,
}

pub(super) fn decode(jpeg: &Jpeg<'_>, scale: Scale) -> Option<Vec<u8>> {
    let (frame, scan) = (&jpeg.frame, &jpeg.first_scan);
    let mut tables = Tables::default();
    tables.read(jpeg.tables)?;
    let in_order = scan.components.iter().map(|component| component.index).eq(0..frame.components.len());
    if scan.band != (0, 63) || scan.approximation != (0, 0) || !in_order {
        return None;
    }
    let coefficients = tables.ac.each_ref().map(|codes| codes.as_ref().map(Coefficients::new));
    let lowest = tables.ac.each_ref().map(|codes| codes.as_ref().map(Lowest::new));
    let (along, down) = frame.units();
    let component = |(&component, numbers): (&jpeg::Component, &ScanComponent)| {
        let shape = Shape::new(component, frame, scale)?;
        let quantiser = tables.quantisers.get(usize::from(component.quantiser))?.as_ref()?;
        Some(Component {
            differences: tables.dc.get(usize::from(numbers.dc))?.as_ref()?,
            coefficients: coefficients.get(usize::from(numbers.ac))?.as_ref()?,
            reading: match (shape.points.along, shape.points.down) {
                (1, 1) => Reading::Mean,
                (2, 2) => Reading::Four(lowest.get(usize::from(numbers.ac))?.as_ref()?),
                _ => Reading::Several,
            },
            shape,
            inverse: Inverse::new(shape.points, quantiser),
            mean: 0,
            plane: Plane::new(shape, along),
        })
    };
    let components = frame.components.iter().zip(&scan.components).map(component);
    let mut components = components.collect::<Option<Vec<_>>>()?;
    let colours = tables.colours(&frame.components)?;
    let mut canvas = Canvas::new(scale.of(frame.width), scale.of(frame.height), colours);

    let mut data = BitReader::from(jpeg.data, 0);
    let mut units_left = tables.restart_interval;
    let mut restarts = (marker::RST0..).take(8).cycle();
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
        canvas.push(&planes);
    }
    data.behind(marker::EOI)?;
    Some(canvas.finish())
}

impl Component<'_> {
    /// Reads the component's blocks of a unit, and writes their pixels to the plane.
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
        // libjpeg keeps the same number of bits.
        let mean = self.mean as i16;
        let width = self.plane.width;
        let pixels = self.plane.samples.get_mut(at..)?;
        let mut passed = 0;
        match &self.reading {
            Reading::Mean => *pixels.first_mut()? = self.inverse.one(mean),
            Reading::Four(lowest) => {
                let coefficients;
                (coefficients, passed, data) = lowest.read(data)?;
                let [upper, lower] = self.inverse.four(mean, coefficients);
                *pixels.first_chunk_mut()? = upper;
                *pixels.get_mut(width..)?.first_chunk_mut()? = lower;
            }
            Reading::Several => {
                let mut spectrum = self.inverse.spectrum(mean);
                while passed < self.inverse.last {
                    let (coefficient, value);
                    (coefficient, value, data) = self.coefficients.next(data.filled())?;
                    passed += coefficient;
                    self.inverse.add(&mut spectrum, passed, value);
                }
                self.inverse.write(&spectrum, pixels, width);
            }
        }
        if passed < Coefficients::ALL {
            data = self.coefficients.pass(data, passed)?;
        }
        data.unless_beyond_the_end()
    }
}
