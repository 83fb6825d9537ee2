//! Converts the samples of the components to pixels.

use super::{Shape, tables::Colours};

/// The samples of a component for one row of units (MCUs), which becomes one strip of the picture.
pub(super) struct Plane {
    pub(super) samples: Vec<u8>,
    /// The number of samples in a row.
    pub(super) width: usize,
    repeats: (usize, usize),
}

impl Plane {
    /// A plane that is as wide as `units` units of `shape`.
    pub(super) fn new(shape: Shape, units: u32) -> Self {
        let width = units as usize * shape.blocks.0 * shape.points.along;
        let rows = shape.blocks.1 * shape.points.down;
        Self { samples: vec![0; width * rows], width, repeats: shape.repeats }
    }

    /// The number of rows of the picture that the plane covers, which may be more than it has itself.
    fn rows(&self) -> usize {
        self.samples.len() / self.width * self.repeats.1
    }

    /// The samples of the pixels in row `y` of the strip. If samples are repeated along the row, `room` holds the
    /// result.
    fn row<'a>(&'a self, y: usize, room: &'a mut [u8]) -> &'a [u8] {
        let row = &self.samples[y / self.repeats.1 * self.width..][..self.width];
        match self.repeats.0 {
            1 => row,
            along => {
                for (pixels, &sample) in room.chunks_mut(along).zip(row) {
                    pixels.fill(sample);
                }
                room
            }
        }
    }
}

/// The picture, with the rows that are finished so far.
pub(super) struct Canvas {
    width: usize,
    rows_left: usize,
    colours: Colours,
    samples: Vec<u8>,
    /// Space for one row of each component.
    room: [Vec<u8>; 3],
}

impl Canvas {
    pub(super) fn new(width: u32, height: u32, colours: Colours) -> Self {
        let (width, height) = (width as usize, height as usize);
        let (channels, room) = match colours {
            Colours::Grey => (1, 0),
            Colours::YCbCr | Colours::Rgb => (3, width),
        };
        let samples = Vec::with_capacity(width * height * channels);
        Self { width, rows_left: height, colours, samples, room: std::array::from_fn(|_| vec![0; room]) }
    }

    /// Adds a strip at the bottom. The last strip may have more rows than the picture; these are left out.
    pub(super) fn push(&mut self, planes: &[&Plane]) {
        let rows = planes.first().map_or(0, |plane| plane.rows()).min(self.rows_left);
        self.rows_left -= rows;
        for y in 0..rows {
            match (planes, &mut self.room) {
                ([grey, ..], [room, ..]) if self.colours == Colours::Grey => {
                    self.samples.extend_from_slice(&grey.row(y, room)[..self.width]);
                }
                ([a, b, c], [of_a, of_b, of_c]) => {
                    let rows = [a.row(y, of_a), b.row(y, of_b), c.row(y, of_c)].map(|row| &row[..self.width]);
                    let start = self.samples.len();
                    self.samples.resize(start + 3 * self.width, 0);
                    let pixels = self.samples[start..].as_chunks_mut().0;
                    match self.colours {
                        Colours::YCbCr => to_rgb(rows, pixels),
                        _ => interleave(rows, pixels),
                    }
                }
                _ => {}
            }
        }
    }

    /// The finished samples, row by row without gaps.
    pub(super) fn finish(self) -> Vec<u8> {
        self.samples
    }
}

fn interleave([r, g, b]: [&[u8]; 3], pixels: &mut [[u8; 3]]) {
    for (((pixel, &r), &g), &b) in pixels.iter_mut().zip(r).zip(g).zip(b) {
        *pixel = [r, g, b];
    }
}

/// Converts YCbCr to RGB, with the same fixed-point arithmetic as libjpeg.
fn to_rgb([y, cb, cr]: [&[u8]; 3], pixels: &mut [[u8; 3]]) {
    const fn fixed(factor: f64) -> i32 {
        (factor * 65536.0 + 0.5) as i32
    }
    const HALF: i32 = 1 << 15;
    for (((pixel, &y), &cb), &cr) in pixels.iter_mut().zip(y).zip(cb).zip(cr) {
        let (y, cb, cr) = (i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128);
        let red = y + ((fixed(1.402) * cr + HALF) >> 16);
        let green = y + ((HALF - fixed(0.34414) * cb - fixed(0.71414) * cr) >> 16);
        let blue = y + ((fixed(1.772) * cb + HALF) >> 16);
        *pixel = [red, green, blue].map(|value| value.clamp(0, 255) as u8);
    }
}
