//! The lowest AC coefficients of a block, some at a time, in a table that tells their values.

use super::{
    super::bits::{BitReader, signed},
    groups::{next, one},
    huffman::{Codes, WINDOW},
};

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
/// how many coefficients pass, as a [`Group`](super::groups::Group)'s; and 16 for each of the three values.
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

    /// Reads the three coefficients; and tells how many have passed then, see [`next`].
    #[inline(always)]
    pub(super) fn read<'a>(&self, mut data: BitReader<'a>) -> Option<([i16; 3], u8, BitReader<'a>)> {
        let (mut passed, mut values) = (0, 0);
        while usize::from(passed) < LAST_LOWEST {
            data = data.with(RUN_WINDOW);
            let Run(run) = self.runs[usize::from(passed) << RUN_WINDOW | data.peek(RUN_WINDOW) as usize];
            if run & 0xFF == 0 {
                let (coefficient, value);
                (coefficient, value, data) = next(self.codes, data.filled())?;
                passed += coefficient;
                values |= place(passed, value);
                continue;
            }
            values |= run;
            passed += (run >> 8) as u8;
            data = data.after((run & 0xFF) as u32);
        }
        let value = |n: u32| (values >> (16 * n)) as i16;
        Some(([value(1), value(2), value(3)], passed, data))
    }
}
