//! The symbols of a scan and the bits that follow each of them.

use super::super::bits::BitReader;
use super::lookup::{Found, Lookup};

/// The tables of a scan: DC and AC for the luma, then for the chroma.
pub(super) const TABLES: usize = 4;

/// How many symbols all tables have together.
pub(super) const ALL: usize = TABLES * 256;

/// The coefficients of a block, of which the first is the DC coefficient.
const COEFFICIENTS: u32 = 64;

/// The most bits that a code and the bits after it take.
const MOST_BITS: u32 = 16 + 15;

/// A symbol, and the bits that follow it.
#[derive(Clone, Copy)]
pub(super) struct Token(u32);

impl Token {
    /// The number of the symbol among [`ALL`] of them.
    #[inline(always)]
    pub(super) fn symbol(self) -> usize {
        self.0 as usize % ALL
    }

    /// The bits that follow it, and how many they are.
    #[inline(always)]
    pub(super) fn bits(self) -> (u32, u32) {
        (self.0 >> 16, self.0 & 15)
    }
}

/// The tokens of a scan, and how often each symbol occurs in them.
pub(super) struct Tokens {
    pub(super) list: Vec<Token>,
    pub(super) frequencies: [u32; ALL],
}

impl Tokens {
    /// Reads the tokens of `units` units of the scan that `data` begins with. In each unit there is a block for each item of
    /// `blocks`, which is 0 for the luma and 1 for the chroma. Returns `None` if the data end before.
    pub(super) fn read(
        data: &[u8],
        lookups: &[Lookup; TABLES],
        blocks: &[usize],
        units: usize,
    ) -> Option<Self> {
        // A token takes four bits or more, but for a few.
        let mut tokens = Self { list: Vec::with_capacity(data.len() * 2), frequencies: [0; ALL] };
        let mut reader = BitReader::from(data, 0);
        for _ in 0..units {
            for &component in blocks {
                reader = tokens.read_block(reader, lookups, component * 2)?;
            }
        }
        Some(tokens)
    }

    #[inline(always)]
    fn read_block<'a>(
        &mut self,
        reader: BitReader<'a>,
        lookups: &[Lookup; TABLES],
        table: usize,
    ) -> Option<BitReader<'a>> {
        let (_, mut reader) = self.read_token(reader, &lookups[table], table)?;
        let (table, lookup) = (table + 1, &lookups[table + 1]);
        let mut coefficient = 1;
        while coefficient < COEFFICIENTS {
            let (symbol, after) = self.read_token(reader, lookup, table)?;
            reader = after;
            // Without bits, fewer than fifteen zeros mean that only zeros are left.
            let ends = symbol & 15 == 0 && symbol < 0xF0;
            coefficient += if ends { COEFFICIENTS } else { u32::from(symbol >> 4) + 1 };
        }
        reader.unless_beyond_the_end()
    }

    #[inline(always)]
    fn read_token<'a>(
        &mut self,
        reader: BitReader<'a>,
        lookup: &Lookup,
        table: usize,
    ) -> Option<(u8, BitReader<'a>)> {
        let reader = reader.with(MOST_BITS);
        let Found { symbol, length, with_bits } = lookup.first_of(reader.peek(16))?;
        let bits = reader.after(length.into()).peek(16) >> (16 - u32::from(symbol & 15));
        let token = Token((table << 8) as u32 | u32::from(symbol) | bits << 16);
        self.list.push(token);
        self.frequencies[token.symbol()] += 1;
        Some((symbol, reader.after(with_bits.into())))
    }
}
