//! Reads the lowest AC coefficients of a block, several at a time. A lookup table holds their values.

use super::{
    super::bits::{BitReader, signed},
    groups::{next, one},
    huffman::{Codes, WINDOW},
};

/// A reader of the lowest coefficients of a block: numbers 1, 2 and 4 in zigzag order.
pub(super) struct Lowest<'c> {
    codes: &'c Codes,
    /// The run for each number of coefficients that have been passed, and each value of the next bits.
    runs: Box<[Run; LAST_LOWEST << RUN_WINDOW]>,
}

const LAST_LOWEST: usize = 4;

/// The number of bits that a run is looked up by.
const RUN_WINDOW: u32 = 10;

/// A run of consecutive coefficients, which ends at [`LAST_LOWEST`] or after it.
///
/// The fields, starting with the lowest bit, are: 8 bits for the length of their codes and values in bits, which fit
/// into a window (0 if not even one fits); 8 bits for the number of passed coefficients, as in
/// [`Group`](super::groups::Group); and 16 bits for each of the three values.
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

/// The `value` of coefficient `number`, shifted to its place in a [`Run`].
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

    /// Reads the three coefficients. Also returns how many coefficients have been passed, see [`next`].
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
