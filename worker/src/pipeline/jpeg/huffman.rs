//! The codes of a sequential scan, in tables that tell how far to go on rather than what was read.

use super::bits::BitReader;

/// Bits that a table is looked up by.
const WINDOW: u32 = 12;
const WINDOWS: usize = 1 << WINDOW;

/// The codes of one DHT table.
pub(super) struct Codes {
    /// For each length, from 1 bit on: its first code, how many there are, and the index of its first symbol.
    lengths: [(u32, u32, usize); 16],
    symbols: Vec<u8>,
}

impl Codes {
    /// Reads a table's numbers of codes for each length, and its symbols; returns what follows them too.
    pub(super) fn read(body: &[u8]) -> Option<(Self, &[u8])> {
        let (counts, rest) = body.split_first_chunk::<16>()?;
        let mut lengths = [(0, 0, 0); 16];
        let (mut code, mut index) = (0_u32, 0);
        for ((length, bits), &count) in lengths.iter_mut().zip(1..).zip(counts) {
            *length = (code, u32::from(count), index);
            code += u32::from(count);
            index += usize::from(count);
            if code > 1 << bits {
                return None;
            }
            code <<= 1;
        }
        let (symbols, rest) = rest.split_at_checked(index)?;
        Some((Self { lengths, symbols: symbols.to_vec() }, rest))
    }

    /// The code that 16 bits begin with: its symbol, and its length.
    fn first_of(&self, bits: u32) -> Option<(u8, u32)> {
        self.lengths.iter().zip(1..).find_map(|(&(first, count, index), length)| {
            let number = (bits >> (16 - length)).checked_sub(first).filter(|&number| number < count)?;
            Some((self.symbols[index + number as usize], length))
        })
    }

    /// The code of `symbol`, and its length.
    fn of(&self, symbol: u8) -> Option<(u32, u32)> {
        let at = self.symbols.iter().position(|&known| known == symbol)?;
        self.lengths.iter().zip(1..).find_map(|(&(first, count, index), length)| {
            let number = at.checked_sub(index).filter(|&number| number < count as usize)?;
            Some((first + number as u32, length))
        })
    }

    /// The symbol and the length of the code that each window begins with, as far as it fits in.
    fn windows(&self) -> Vec<Option<(u8, u32)>> {
        let whole = |window| self.first_of(window << (16 - WINDOW)).filter(|&(_, length)| length <= WINDOW);
        (0..WINDOWS as u32).map(whole).collect()
    }
}

/// The DC differences of a scan's component.
pub(super) struct Differences {
    codes: Codes,
    /// For each window: the length of a code and of the number behind it; 0 if the code does not fit in.
    lengths: Vec<u8>,
}

impl Differences {
    pub(super) fn new(codes: Codes) -> Self {
        let length = |window: Option<(u8, u32)>| match window {
            Some((size @ ..16, length)) => size + length as u8,
            _ => 0,
        };
        let lengths = codes.windows().into_iter().map(length).collect();
        Self { codes, lengths }
    }

    /// The bits of the next difference, whose code and number are at most 31; `None` if there is none.
    #[inline]
    pub(super) fn next(&self, data: &mut BitReader<'_>) -> Option<u32> {
        data.fill();
        match self.lengths[data.peek(WINDOW) as usize] {
            0 => match self.codes.first_of(data.peek(16))? {
                (size @ ..16, length) => Some(u32::from(size) + length),
                _ => None,
            },
            bits => Some(u32::from(bits)),
        }
    }
}

/// AC coefficients that follow one another.
#[derive(Clone, Copy, Default)]
struct Group {
    /// Codes and numbers; 0 if not even one code fits in a window.
    bits: u8,
    /// With the zeros before them. The end of the block counts as one more, so that a block of which all
    /// coefficients are there already has no place for it.
    coefficients: u8,
    ends: bool,
}

/// The AC coefficients of a scan's component.
pub(super) struct Coefficients {
    codes: Codes,
    groups: Vec<Group>,
    /// The code that ends a block before its last coefficient, and its length.
    pub(super) end: (u32, u32),
}

/// Of a block.
const AC: u8 = 63;

impl Coefficients {
    /// `None` if no code ends a block early.
    pub(super) fn new(codes: Codes) -> Option<Self> {
        let end = codes.of(0)?;
        let windows = codes.windows();
        let group = |window: usize| {
            let mut group = Group::default();
            while !group.ends && u32::from(group.bits) < WINDOW {
                // What is beyond the window is not known; a code that fits in is.
                let known = WINDOW - u32::from(group.bits);
                let next = windows[window << group.bits & (WINDOWS - 1)];
                let Some((symbol, length)) = next.filter(|&(_, length)| length <= known) else { break };
                let Some((coefficients, size)) = step(symbol) else { break };
                if group.coefficients + coefficients > AC {
                    break;
                }
                group.coefficients += coefficients;
                group.bits += length as u8 + size;
                group.ends = symbol == 0;
            }
            group
        };
        let groups = (0..WINDOWS).map(group).collect();
        Some(Self { codes, groups, end })
    }

    /// Goes over the coefficients of a block and hands its bits, group by group, to `each`: at most 31, and how many.
    #[inline]
    pub(super) fn pass(&self, data: &mut BitReader<'_>, mut each: impl FnMut(u32, u32)) -> Option<()> {
        let mut passed = 0;
        while passed < AC {
            data.fill();
            let group = self.groups[data.peek(WINDOW) as usize];
            let group = if group.bits > 0 && passed + group.coefficients <= AC {
                group
            } else {
                self.one(data).filter(|one| passed + one.coefficients <= AC)?
            };
            let bits = u32::from(group.bits);
            each(data.peek(bits), bits);
            data.skip(bits)?;
            if group.ends {
                break;
            }
            passed += group.coefficients;
        }
        Some(())
    }

    /// The next code with its number.
    #[cold]
    fn one(&self, data: &BitReader<'_>) -> Option<Group> {
        let (symbol, length) = self.codes.first_of(data.peek(16))?;
        let (coefficients, size) = step(symbol)?;
        Some(Group { bits: length as u8 + size, coefficients, ends: symbol == 0 })
    }
}

/// How many coefficients a symbol stands for, and how many bits follow its code. Symbols that sequential coding does
/// not know are `None`.
fn step(symbol: u8) -> Option<(u8, u8)> {
    let (run, size) = (symbol >> 4, symbol & 15);
    match (run, size) {
        (0, 0) => Some((1, 0)),
        (15, 0) => Some((16, 0)),
        (_, 0) => None,
        _ => Some((run + 1, size)),
    }
}
