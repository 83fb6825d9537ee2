//! Which symbol a code stands for.

use std::iter;

/// The bits that the table of the frequent codes is indexed by.
const WINDOW: u32 = 10;

/// What data begin with.
#[derive(Clone, Copy, Default)]
pub(super) struct Found {
    pub(super) symbol: u8,
    /// The length of the symbol's code.
    pub(super) length: u8,
    /// The length of the code and of the bits that follow it.
    pub(super) with_bits: u8,
}

/// The codes of a DHT segment's table.
#[derive(Default)]
pub(super) struct Lookup {
    /// What each window begins with. The length is 0 if the code is longer than the window.
    windows: Vec<Found>,
    /// Each code that is longer than a window, and what it stands for.
    longer: Vec<(u32, Found)>,
}

impl Lookup {
    /// Reads a table: the number of codes of each length, and the symbols from the shortest code on.
    pub(super) fn read(table: &[u8]) -> Option<Self> {
        let (counts, symbols) = table.split_first_chunk::<16>()?;
        let (mut windows, mut longer) = (Vec::with_capacity(1 << WINDOW), Vec::new());
        let (mut code, mut next) = (0_u32, symbols.iter());
        for (&count, length) in counts.iter().zip(1_u8..) {
            for &symbol in next.by_ref().take(count.into()) {
                let found = Found { symbol, length, with_bits: length + (symbol & 15) };
                match WINDOW.checked_sub(length.into()) {
                    Some(rest) => windows.extend(iter::repeat_n(found, 1 << rest)),
                    None => longer.push((code, found)),
                }
                code += 1;
            }
            code <<= 1;
        }
        windows.resize(1 << WINDOW, Found::default());
        Some(Self { windows, longer })
    }

    /// What 16 bits begin with, or `None` if that is no code.
    #[inline(always)]
    pub(super) fn first_of(&self, bits: u32) -> Option<Found> {
        match self.windows.get((bits >> (16 - WINDOW)) as usize) {
            Some(found) if found.length > 0 => Some(*found),
            _ => self.longer(bits),
        }
    }

    #[inline(never)]
    fn longer(&self, bits: u32) -> Option<Found> {
        let found = self.longer.iter().find(|(code, found)| bits >> (16 - found.length) == *code);
        found.map(|&(_, found)| found)
    }
}
