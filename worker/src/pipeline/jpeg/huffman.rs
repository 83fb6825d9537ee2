//! The codes of a scan; in tables that tell what was read, and in ones that tell how far to go on.

use super::bits::{BitReader, signed};

/// Bits that a table is looked up by.
const WINDOW: u32 = 12;
const WINDOWS: usize = 1 << WINDOW;

/// The codes of one DHT table.
pub(super) struct Codes {
    /// For each length, from 1 bit on: its first code, how many there are, and the index of its first symbol.
    lengths: [(u32, u32, usize); 16],
    symbols: Vec<u8>,
    /// The symbol and the length of the code that each window begins with; 0 if it is longer than that, or none.
    windows: Box<[(u8, u8); WINDOWS]>,
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
            // A code of nothing but ones is none.
            if code >= 1 << bits {
                return None;
            }
            code <<= 1;
        }
        let (symbols, rest) = rest.split_at_checked(index)?;

        let mut windows = Box::new([(0, 0); WINDOWS]);
        for (&(first, count, index), length) in lengths.iter().zip(1..=WINDOW) {
            for (code, &symbol) in (first..).zip(&symbols[index..index + count as usize]) {
                let same_code = 1 << (WINDOW - length);
                windows[code as usize * same_code..][..same_code].fill((symbol, length as u8));
            }
        }
        Some((Self { lengths, symbols: symbols.to_vec(), windows }, rest))
    }

    /// The code that 16 bits begin with: its symbol, and its length.
    #[inline(always)]
    fn first_of(&self, bits: u32) -> Option<(u8, u8)> {
        match self.windows[(bits >> (16 - WINDOW)) as usize % WINDOWS] {
            (_, 0) => self.long(bits),
            code => Some(code),
        }
    }

    #[inline(never)]
    fn long(&self, bits: u32) -> Option<(u8, u8)> {
        self.lengths.iter().zip(1_u8..).skip(WINDOW as usize).find_map(|(&(first, count, index), length)| {
            let number = (bits >> (16 - length)).checked_sub(first).filter(|&number| number < count)?;
            Some((self.symbols[index + number as usize], length))
        })
    }

    /// Reads the difference of a DC coefficient from the one before it: up to 31 bits.
    #[inline(always)]
    pub(super) fn difference<'a>(&self, data: BitReader<'a>) -> Option<(i32, BitReader<'a>)> {
        let (size, length) = self.first_of(data.peek(16))?;
        let number = data.after(length.into());
        Some((number.signed(size.into()), number.after(size.into())))
    }

    /// Whether these can be codes of DC differences.
    pub(super) fn are_sizes(&self) -> bool {
        self.symbols.iter().all(|&symbol| symbol < 16)
    }
}

/// AC coefficients that follow one another.
#[derive(Clone, Copy)]
struct Group {
    /// Codes and numbers, at most [`Group::LONGEST`].
    bits: u8,
    /// How many, with the zeros before them, and [`Group::END`]. The end of the block counts as one more, so that a
    /// block of which all coefficients are there already has no place for it.
    passed: u8,
}

impl Group {
    const END: u8 = 1 << 7;
    /// A code that fits in a window, and a number that may not.
    const LONGEST: u32 = WINDOW + 15;
    /// Where not even one code fits in a window: more than any block has place for.
    const NONE: Self = Self { bits: 0, passed: AC + 1 };
}

/// The codes of a sequential scan's AC coefficients.
pub(super) struct Coefficients<'c> {
    codes: &'c Codes,
    groups: Box<[Group; WINDOWS]>,
}

/// Of a block.
const AC: u8 = 63;

impl<'c> Coefficients<'c> {
    /// What is passed at the end of a block, or more if it ended with fewer.
    pub(super) const ALL: u8 = AC;

    pub(super) fn new(codes: &'c Codes) -> Self {
        let group = |window: usize| {
            let mut group = Group { bits: 0, passed: 0 };
            while group.passed & Group::END == 0 && u32::from(group.bits) < WINDOW {
                // What is beyond the window is not known; a code that fits in is.
                let (symbol, length) = codes.windows[window << group.bits & (WINDOWS - 1)];
                if length == 0 || u32::from(group.bits + length) > WINDOW {
                    break;
                }
                let Some(one) = one(symbol, length) else { break };
                if group.passed + (one.passed & !Group::END) > AC {
                    break;
                }
                group.passed += one.passed;
                group.bits += one.bits;
            }
            if group.bits > 0 { group } else { Group::NONE }
        };
        Self { codes, groups: Box::new(std::array::from_fn(group)) }
    }

    /// Reads the next coefficient that is not 0: how many it is on from the last one, 1 to 16, and its value. At the
    /// end of a block [`ALL`](Self::ALL) or more on; and after 16 zeros, that.
    #[inline(always)]
    pub(super) fn next<'a>(&self, data: BitReader<'a>) -> Option<(u8, i32, BitReader<'a>)> {
        let (symbol, length) = self.codes.first_of(data.peek(16))?;
        let passed = one(symbol, length)?.passed;
        let number = data.after(length.into());
        let size = u32::from(symbol & 15);
        Some((passed, number.signed(size), number.after(size)))
    }

    /// Goes over what is left of a block, after `passed` coefficients, fewer than [`ALL`](Self::ALL).
    #[inline(always)]
    pub(super) fn pass<'a>(&self, mut data: BitReader<'a>, mut passed: u8) -> Option<BitReader<'a>> {
        loop {
            for _ in 0..2 {
                data = data.with(Group::LONGEST);
                let mut group = self.groups[data.peek(WINDOW) as usize];
                if (passed + group.passed) & !Group::END > AC {
                    // It goes beyond the end of the block, or its first code is a long one.
                    data = data.filled();
                    let (symbol, length) = self.codes.first_of(data.peek(16))?;
                    group = one(symbol, length)?;
                    if (passed + group.passed) & !Group::END > AC {
                        return None;
                    }
                }
                passed += group.passed;
                data = data.after(group.bits.into());
                if passed >= AC {
                    return Some(data);
                }
            }
            data = data.filled();
        }
    }
}

/// The lowest coefficients of a block, with their values: numbers 1, 2 and 4 in zigzag order.
pub(super) struct Lowest<'c> {
    codes: &'c Codes,
    /// For each number of coefficients that passed before, and the bits that come.
    runs: Box<[Run; LAST_LOWEST << RUN_WINDOW]>,
}

const LAST_LOWEST: usize = 4;

/// Bits that a run is looked up by.
const RUN_WINDOW: u32 = 10;

/// Coefficients that follow one another, up to the one after [`LAST_LOWEST`].
///
/// From the lowest bit on: 8 for the bits of their codes and numbers, all of a window, 0 if not even one fits in; 8 for
/// how many coefficients pass, as a [`Group`]'s; and 16 for each of the three values.
#[derive(Clone, Copy)]
struct Run(u64);

impl Run {
    fn new(codes: &Codes, before: u8, window: usize) -> Self {
        let all_bits = (window as u64) << (64 - RUN_WINDOW);
        let (mut bits, mut passed, mut values) = (0, before, 0);
        while usize::from(passed) < LAST_LOWEST {
            let rest = all_bits << bits;
            let (symbol, length) = codes.windows[(rest >> (64 - WINDOW)) as usize];
            let Some(one) = one(symbol, length).filter(|_| length > 0) else { break };
            if u32::from(bits + one.bits) > RUN_WINDOW {
                break;
            }
            bits += one.bits;
            passed += one.passed;
            values |= place(passed, signed(rest << length, u32::from(symbol & 15)));
        }
        Self(values | u64::from(passed - before) << 8 | u64::from(bits))
    }
}

/// The `value` of coefficient `number` where a [`Run`] holds it.
#[inline(always)]
fn place(number: u8, value: i32) -> u64 {
    let value = u64::from(value as u16);
    match number {
        1 => value << 16,
        2 => value << 32,
        4 => value << 48,
        _ => 0,
    }
}

impl<'c> Lowest<'c> {
    pub(super) fn new(codes: &'c Codes) -> Self {
        let run = |n: usize| Run::new(codes, (n >> RUN_WINDOW) as u8, n & ((1 << RUN_WINDOW) - 1));
        Self { codes, runs: Box::new(std::array::from_fn(run)) }
    }

    /// Reads the three coefficients, and how many have passed then: [`Coefficients::ALL`] or more at the end of the
    /// block.
    #[inline(always)]
    pub(super) fn read<'a>(&self, mut data: BitReader<'a>) -> Option<([i16; 3], u8, BitReader<'a>)> {
        let (mut passed, mut values) = (0, 0);
        while usize::from(passed) < LAST_LOWEST {
            data = data.with(RUN_WINDOW);
            let Run(run) = self.runs[usize::from(passed) << RUN_WINDOW | data.peek(RUN_WINDOW) as usize];
            if run & 0xFF == 0 {
                let value;
                (passed, value, data) = self.long(data, passed)?;
                values |= value;
                continue;
            }
            values |= run;
            passed += (run >> 8) as u8;
            data = data.after((run & 0xFF) as u32);
        }
        let value = |n: u32| (values >> (16 * n)) as i16;
        Some(([value(1), value(2), value(3)], passed, data))
    }

    /// One coefficient whose code and number do not fit in a window.
    #[inline(always)]
    fn long<'a>(&self, data: BitReader<'a>, passed: u8) -> Option<(u8, u64, BitReader<'a>)> {
        let data = data.filled();
        let (symbol, length) = self.codes.first_of(data.peek(16))?;
        let passed = passed + one(symbol, length)?.passed;
        let number = data.after(length.into());
        let size = u32::from(symbol & 15);
        Some((passed, place(passed, number.signed(size)), number.after(size)))
    }
}

/// A code and what follows it. Symbols that sequential coding does not know are `None`.
fn one(symbol: u8, length: u8) -> Option<Group> {
    let (run, size) = (symbol >> 4, symbol & 15);
    let passed = match (run, size) {
        (0, 0) => 1 | Group::END,
        (15, 0) => 16,
        (_, 0) => return None,
        _ => run + 1,
    };
    Some(Group { bits: length + size, passed })
}
