//! The best Huffman codes for symbols that occur with given frequencies (T.81, K.2).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The symbols of a table.
const SYMBOLS: usize = 256;

/// The length of the longest code that a file may have, in bits.
const LONGEST: usize = 16;

/// A code: its bits and how many they are. It has no bits if the symbol does not occur.
pub(super) type Code = (u32, u32);

/// The codes of a table.
pub(super) struct Best {
    /// The codes of all symbols.
    pub(super) codes: [Code; SYMBOLS],
    /// The table as a DHT segment has it: the number of codes of each length, and the symbols from the shortest code on.
    pub(super) table: Vec<u8>,
}

impl Best {
    /// The codes with which a file takes the fewest bits in which each symbol occurs as often as `frequencies` says. They
    /// are the ones that libjpeg-turbo finds too.
    pub(super) fn of(frequencies: &[u32]) -> Self {
        let lengths = lengths(frequencies);
        let mut symbols: Vec<u8> = (0..=u8::MAX).filter(|&symbol| lengths[usize::from(symbol)] > 0).collect();
        symbols.sort_by_key(|&symbol| lengths[usize::from(symbol)]);
        let counts = counts(&lengths);
        let mut codes = [(0, 0); SYMBOLS];
        let (mut code, mut next) = (0, symbols.iter());
        for (&count, length) in counts.iter().zip(1..) {
            for &symbol in next.by_ref().take(count.into()) {
                codes[usize::from(symbol)] = (code, length);
                code += 1;
            }
            code <<= 1;
        }
        Self { codes, table: [&counts, symbols.as_slice()].concat() }
    }
}

/// The length of each symbol's code by Huffman's algorithm, which may be more than a file may have. The last one belongs to no
/// symbol: it stands for the code of ones alone, which a file must not use.
fn lengths(frequencies: &[u32]) -> [usize; SYMBOLS + 1] {
    let mut lengths = [0; SYMBOLS + 1];
    let occurring = (0..).zip(frequencies).filter(|&(_, &frequency)| frequency > 0);
    let with_ones_alone =
        occurring.map(|(symbol, &frequency)| (symbol, u64::from(frequency))).chain([(SYMBOLS, 1)]);
    // Of equal frequencies, the one with the larger number comes first, as in libjpeg-turbo.
    let mut rarest: BinaryHeap<_> = with_ones_alone
        .map(|(symbol, frequency)| (Reverse((frequency, Reverse(symbol))), vec![symbol]))
        .collect();
    while let Some((Reverse((frequency, number)), mut members)) = rarest.pop()
        && let Some((Reverse((more, _)), others)) = rarest.pop()
    {
        members.extend(others);
        for &member in &members {
            lengths[member] += 1;
        }
        rarest.push((Reverse((frequency + more, number)), members));
    }
    lengths
}

/// How many symbols have a code of each length that a file may have, starting with 1 bit.
fn counts(lengths: &[usize; SYMBOLS + 1]) -> [u8; LONGEST] {
    let mut counts = [0_u32; SYMBOLS + 2];
    for &length in lengths.iter().filter(|&&length| length > 0) {
        counts[length] += 1;
    }
    // Two codes that are too long and differ in their last bit make room: one becomes a bit shorter, the other one and a
    // shorter code share what was that shorter code, with a bit more (T.81, figure K.3).
    for length in (LONGEST + 1..counts.len()).rev() {
        while counts[length] > 0 {
            let shorter = (1..length - 1).rev().find(|&shorter| counts[shorter] > 0);
            let shorter = shorter.expect("not all codes have the greatest length but one");
            counts[length] -= 2;
            counts[length - 1] += 1;
            counts[shorter + 1] += 2;
            counts[shorter] -= 1;
        }
    }
    // The code of ones alone is one of the longest.
    if let Some(longest) = counts.iter_mut().rev().find(|count| **count > 0) {
        *longest -= 1;
    }
    std::array::from_fn(|index| counts[index + 1] as u8)
}
