//! The coefficients that are kept of a component while the scans of a progressive file are read.

use super::{Shape, canvas::Plane, inverse::Inverse};

/// The kept coefficients of the blocks of a component, row by row.
pub(super) struct Kept {
    /// The lowest coefficients of each block in zigzag order, block after block.
    pub(super) values: Vec<i16>,
    /// How many coefficients are kept of a block.
    pub(super) of_a_block: usize,
    /// For each block, which of its 64 coefficients are known not to be 0: bit `n` stands for coefficient `n` in zigzag
    /// order. It is empty if no refinement scan is read, because nothing else asks for it.
    pub(super) present: Vec<u64>,
    /// The number of blocks in a row, including those that pad the last unit.
    pub(super) width: usize,
    pub(super) shape: Shape,
    /// The transform, which is known after the first scan of the component.
    pub(super) inverse: Option<Inverse>,
}

impl Kept {
    /// Makes room for `rows` rows of `width` blocks. Nothing is known of them yet.
    pub(super) fn new(shape: Shape, (width, rows): (usize, usize), is_refined: bool) -> Self {
        let blocks = width * rows;
        let of_a_block = kept_of_a_block(shape);
        Self {
            values: vec![0; blocks * of_a_block],
            of_a_block,
            present: vec![0; if is_refined { blocks } else { 0 }],
            width,
            shape,
            inverse: None,
        }
    }

    /// The number of bytes that [`Kept::new`] makes room for, for each block.
    pub(super) fn bytes_of_a_block(shape: Shape, is_refined: bool) -> u64 {
        2 * kept_of_a_block(shape) as u64 + if is_refined { 8 } else { 0 }
    }

    /// Writes the pixels of a row of units to `plane`. Returns `None` if the component has no transform.
    pub(super) fn write(&self, row: usize, plane: &mut Plane) -> Option<()> {
        let inverse = self.inverse.as_ref()?;
        let points = self.shape.points;
        let strips = plane.samples.chunks_exact_mut(plane.width * points.down);
        let first = row * self.shape.blocks.1 * self.width * self.of_a_block;
        let rows = self.values.get(first..)?.chunks_exact(self.width * self.of_a_block);
        for (strip, blocks) in strips.zip(rows) {
            for (n, block) in blocks.chunks_exact(self.of_a_block).enumerate() {
                let pixels = strip.get_mut(n * points.along..)?;
                match *block {
                    [mean] => *pixels.first_mut()? = inverse.one(mean),
                    [mean, along, down, _, both] if (points.along, points.down) == (2, 2) => {
                        let [upper, lower] = inverse.four(mean, [along, down, both]);
                        *pixels.first_chunk_mut()? = upper;
                        *pixels.get_mut(plane.width..)?.first_chunk_mut()? = lower;
                    }
                    [mean, ref others @ ..] => {
                        let mut spectrum = inverse.spectrum(mean);
                        for (n, &value) in (1..).zip(others) {
                            inverse.add(&mut spectrum, n, value.into());
                        }
                        inverse.write(&spectrum, pixels, plane.width);
                    }
                    [] => {}
                }
            }
        }
        Some(())
    }
}

fn kept_of_a_block(shape: Shape) -> usize {
    usize::from(shape.points.last()) + 1
}
