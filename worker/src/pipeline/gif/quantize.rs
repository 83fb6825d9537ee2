//! Colour quantisation: choosing few colours that represent many.
//!
//! The set of colours is split in two repeatedly, each time where the split reduces the variance most. This is the
//! criterion of X. Wu, "Efficient Statistical Computations for Optimal Color Quantization", Graphics Gems II, 1991,
//! here searched along one axis of one box at a time.

/// The upper bits of a channel that are kept. Colours that agree in them count as one.
const BITS: u32 = 6;
const LEVELS: usize = 1 << BITS;

/// The square roots of the visual weights of a difference in red, green and blue.
pub(super) const WEIGHTS: [f32; 3] = [1.0, 1.2, 0.8];

/// The number of the cell that a colour belongs to, below [`CELLS`].
pub(super) fn cell(rgb: [u8; 3]) -> usize {
    rgb.iter().fold(0, |cell, &channel| cell << BITS | usize::from(channel >> (8 - BITS)))
}

/// The number of cells.
pub(super) const CELLS: usize = 1 << (3 * BITS);

/// The number and the sum of the colours in a cell or in several.
#[derive(Clone, Copy, Default)]
struct Moments {
    count: f32,
    /// The sum of the weighted colours.
    sum: [f32; 3],
}

impl Moments {
    fn add(&mut self, other: &Self) {
        self.count += other.count;
        for (sum, other) in self.sum.iter_mut().zip(other.sum) {
            *sum += other;
        }
    }

    fn without(&self, other: &Self) -> Self {
        let mut rest = *self;
        rest.count -= other.count;
        for (sum, other) in rest.sum.iter_mut().zip(other.sum) {
            *sum -= other;
        }
        rest
    }

    /// The part of the sum of squares that the mean explains.
    fn explained(&self) -> f32 {
        self.sum.iter().map(|sum| sum * sum).sum::<f32>() / self.count.max(1.0)
    }

    fn level(&self, axis: usize) -> usize {
        let channel = self.sum[axis] / (self.count * WEIGHTS[axis]);
        (channel as usize >> (8 - BITS)).min(LEVELS - 1)
    }

    fn mean(&self) -> [u8; 3] {
        std::array::from_fn(|axis| (self.sum[axis] / (self.count * WEIGHTS[axis])).round() as u8)
    }
}

/// A subset of the cells, which becomes one colour unless it is split.
struct Part {
    cells: std::ops::Range<usize>,
    moments: Moments,
    cut: Option<Cut>,
}

/// The best place to split a part: between a level of an axis and the next one.
struct Cut {
    gain: f32,
    axis: usize,
    level: usize,
}

impl Part {
    fn new(cells: std::ops::Range<usize>, all: &[Moments]) -> Self {
        let mut moments = Moments::default();
        all[cells.clone()].iter().for_each(|cell| moments.add(cell));
        let cut = (0..3).filter_map(|axis| Cut::best(axis, &all[cells.clone()], &moments));
        let cut = cut.max_by(|one, other| one.gain.total_cmp(&other.gain));
        Self { cells, moments, cut }
    }
}

impl Cut {
    fn best(axis: usize, cells: &[Moments], total: &Moments) -> Option<Self> {
        if cells.len() < 2 {
            return None;
        }
        let mut levels = [Moments::default(); LEVELS];
        cells.iter().for_each(|cell| levels[cell.level(axis)].add(cell));
        let mut below = Moments::default();
        let mut best: Option<Self> = None;
        for (level, moments) in levels.iter().enumerate() {
            if moments.count == 0.0 {
                continue;
            }
            below.add(moments);
            let above = total.without(&below);
            if above.count < 0.5 {
                break;
            }
            let gain = below.explained() + above.explained() - total.explained();
            if best.as_ref().is_none_or(|best| gain > best.gain) {
                best = Some(Self { gain, axis, level });
            }
        }
        best
    }
}

/// Chooses at most `most` colours that represent the visible ones of `pixels`, RGBA.
pub(super) fn colours(pixels: &[u8], most: usize) -> Vec<[u8; 3]> {
    let mut cells = cells_of(pixels);
    let mut parts = vec![Part::new(0..cells.len(), &cells)];
    while parts.len() < most {
        let gain = |part: &Part| part.cut.as_ref().map_or(0.0, |cut| cut.gain);
        let Some(widest) =
            (0..parts.len()).max_by(|&one, &other| gain(&parts[one]).total_cmp(&gain(&parts[other])))
        else {
            break;
        };
        let Some(Cut { axis, level, .. }) = parts[widest].cut else { break };
        let Part { cells: range, .. } = parts.swap_remove(widest);
        let middle = range.start + partition(&mut cells[range.clone()], |cell| cell.level(axis) <= level);
        parts.push(Part::new(range.start..middle, &cells));
        parts.push(Part::new(middle..range.end, &cells));
    }
    parts.iter().filter(|part| part.moments.count > 0.0).map(|part| part.moments.mean()).collect()
}

fn cells_of(pixels: &[u8]) -> Vec<Moments> {
    // The index of each cell's moments plus one.
    let mut numbers = vec![0_u32; CELLS];
    let mut cells: Vec<Moments> = Vec::new();
    for pixel in pixels.chunks_exact(4).filter(|pixel| pixel[3] != 0) {
        let rgb = [pixel[0], pixel[1], pixel[2]];
        let number = &mut numbers[cell(rgb)];
        if *number == 0 {
            cells.push(Moments::default());
            *number = cells.len() as u32;
        }
        let moments = &mut cells[*number as usize - 1];
        moments.count += 1.0;
        for ((sum, channel), weight) in moments.sum.iter_mut().zip(rgb).zip(WEIGHTS) {
            *sum += f32::from(channel) * weight;
        }
    }
    cells
}

/// Moves the cells for which `first` is true before the others. Returns how many they are.
fn partition(cells: &mut [Moments], first: impl Fn(&Moments) -> bool) -> usize {
    let mut before = 0;
    for at in 0..cells.len() {
        if first(&cells[at]) {
            cells.swap(before, at);
            before += 1;
        }
    }
    before
}
