//! The Huffman codes of a DHT segment.

use super::super::bits::BitReader;

/// The number of bits that a lookup table is indexed by.
pub(super) const WINDOW: u32 = 12;
pub(super) const WINDOWS: usize = 1 << WINDOW;

/// The Huffman codes of one DHT table.
pub(super) struct Codes {
    /// For each length, starting with 1 bit: its first code, the number of its codes, and the index of its first
    /// symbol.
    lengths: [(u32, u32, usize); 16],
    symbols: Vec<u8>,
    /// The symbol and the length of the code that each window begins with. The length is 0 if there is no code, or if
    /// it is longer than a window.
    pub(super) windows: Box<[(u8, u8); WINDOWS]>,
}

impl Codes {
    /// Reads the number of codes for each length and the symbols of a table. Returns the codes and the bytes after
    /// them.
    pub(super) fn read(body: &[u8]) -> Option<(Self, &[u8])> {
        let (counts, rest) = body.split_first_chunk::<16>()?;
        let mut lengths = [(0, 0, 0); 16];
        let (mut code, mut index) = (0_u32, 0);
        for ((length, bits), &count) in lengths.iter_mut().zip(1..).zip(counts) {
            *length = (code, u32::from(count), index);
            code += u32::from(count);
            index += usize::from(count);
            // A code that consists only of ones is not allowed.
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

    /// The symbol and the length of the code that 16 bits begin with.
    #[inline(always)]
    pub(super) fn first_of(&self, bits: u32) -> Option<(u8, u8)> {
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

    /// Reads the difference between a DC coefficient and the one before it, which takes up to 31 bits.
    #[inline(always)]
    pub(super) fn difference<'a>(&self, data: BitReader<'a>) -> Option<(i32, BitReader<'a>)> {
        let (size, length) = self.first_of(data.peek(16))?;
        let number = data.after(length.into());
        Some((number.signed(size.into()), number.after(size.into())))
    }

    /// Whether these codes can be codes of DC differences.
    pub(super) fn are_sizes(&self) -> bool {
        self.symbols.iter().all(|&symbol| symbol < 16)
    }
}
