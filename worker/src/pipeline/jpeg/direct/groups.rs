//! Skips AC coefficients that are not needed, several at a time. A lookup table says how many bits to skip.

use super::{
    super::bits::BitReader,
    huffman::{Codes, WINDOW, WINDOWS},
};

/// The number of AC coefficients of a block.
const AC: u8 = 63;

/// A group of consecutive AC coefficients.
#[derive(Clone, Copy)]
pub(super) struct Group {
    /// The bits of their codes and values, at most [`Group::LONGEST`].
    pub(super) bits: u8,
    /// How many coefficients are passed, including the zeros before them, and the flag [`Group::END`]. The end of the
    /// block counts as one more coefficient, because it must not follow a block that is already complete.
    pub(super) passed: u8,
}

impl Group {
    const END: u8 = 1 << 7;
    /// The most bits of a group: a code that fits into a window, and a value that may not.
    const LONGEST: u32 = WINDOW + 15;
    /// The entry of a window that does not even hold one code. It passes more coefficients than a block has.
    const NONE: Self = Self { bits: 0, passed: AC + 1 };
}

/// The codes of the AC coefficients of a sequential scan.
pub(super) struct Coefficients<'c> {
    codes: &'c Codes,
    groups: Box<[Group; WINDOWS]>,
}

impl<'c> Coefficients<'c> {
    /// The number of coefficients that have been passed at the end of a block. It is exceeded if the block ends early.
    pub(super) const ALL: u8 = AC;

    pub(super) fn new(codes: &'c Codes) -> Self {
        let group = |window: usize| {
            let mut group = Group { bits: 0, passed: 0 };
            while group.passed & Group::END == 0 && u32::from(group.bits) < WINDOW {
                // The bits beyond the window are unknown, so only a code that fits into it is known.
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

    /// Reads the next coefficient, see [`next`].
    #[inline(always)]
    pub(super) fn next<'a>(&self, data: BitReader<'a>) -> Option<(u8, i32, BitReader<'a>)> {
        next(self.codes, data)
    }

    /// Skips the rest of a block after `passed` coefficients, which must be fewer than [`ALL`](Self::ALL).
    #[inline(always)]
    pub(super) fn pass<'a>(&self, mut data: BitReader<'a>, mut passed: u8) -> Option<BitReader<'a>> {
        loop {
            for _ in 0..2 {
                data = data.with(Group::LONGEST);
                let mut group = self.groups[data.peek(WINDOW) as usize];
                if (passed + group.passed) & !Group::END > AC {
                    // The group goes beyond the end of the block, or its first code is too long for a window.
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

/// Reads the next coefficient that is not 0. Returns how many places it is after the last one, 1 to 16, and its
/// value. At the end of a block the number is larger than [`ALL`](Coefficients::ALL). A code for 16 zeros gives 16
/// and the value 0.
#[inline(always)]
pub(super) fn next<'a>(codes: &Codes, data: BitReader<'a>) -> Option<(u8, i32, BitReader<'a>)> {
    let (symbol, length) = codes.first_of(data.peek(16))?;
    let passed = one(symbol, length)?.passed;
    let number = data.after(length.into());
    let size = u32::from(symbol & 15);
    Some((passed, number.signed(size), number.after(size)))
}

/// The group of a single code and its value, or `None` for a symbol that sequential coding does not have.
pub(super) fn one(symbol: u8, length: u8) -> Option<Group> {
    let (run, size) = (symbol >> 4, symbol & 15);
    let passed = match (run, size) {
        (0, 0) => 1 | Group::END,
        (15, 0) => 16,
        (_, 0) => return None,
        _ => run + 1,
    };
    Some(Group { bits: length + size, passed })
}
