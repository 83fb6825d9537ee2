//! AC coefficients that nobody looks at: their codes, some at a time, in a table that tells how far to go on.

use super::{
    super::bits::BitReader,
    huffman::{Codes, WINDOW, WINDOWS},
};

/// AC coefficients of a block.
const AC: u8 = 63;

/// AC coefficients that follow one another.
#[derive(Clone, Copy)]
pub(super) struct Group {
    /// Codes and numbers, at most [`Group::LONGEST`].
    pub(super) bits: u8,
    /// How many, with the zeros before them, and [`Group::END`]. The end of the block counts as one more, so that a
    /// block of which all coefficients are there already has no place for it.
    pub(super) passed: u8,
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

    /// See [`next`].
    #[inline(always)]
    pub(super) fn next<'a>(&self, data: BitReader<'a>) -> Option<(u8, i32, BitReader<'a>)> {
        next(self.codes, data)
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

/// Reads the next coefficient that is not 0: how many it is on from the last one, 1 to 16, and its value. At the end of
/// a block [`ALL`](Coefficients::ALL) or more on; and after 16 zeros, that.
#[inline(always)]
pub(super) fn next<'a>(codes: &Codes, data: BitReader<'a>) -> Option<(u8, i32, BitReader<'a>)> {
    let (symbol, length) = codes.first_of(data.peek(16))?;
    let passed = one(symbol, length)?.passed;
    let number = data.after(length.into());
    let size = u32::from(symbol & 15);
    Some((passed, number.signed(size), number.after(size)))
}

/// A code and what follows it. Symbols that sequential coding does not know are `None`.
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
