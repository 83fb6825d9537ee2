//! Entropy-coded data, bit by bit: a zero follows every 0xFF, and ones fill the last byte.

/// Whether one of the bytes is 0xFF.
fn has_ff(bytes: u64) -> bool {
    const LOW: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let zero_for_ff = !bytes;
    zero_for_ff.wrapping_sub(LOW) & !zero_for_ff & HIGH != 0
}

/// Reads up to the next marker, or the end of the file.
pub(super) struct BitReader<'a> {
    input: &'a [u8],
    at: usize,
    /// The next bits, from the highest on.
    pending: u64,
    /// How many of those are there for sure.
    count: u32,
}

impl<'a> BitReader<'a> {
    pub(super) fn from(input: &'a [u8], at: usize) -> Self {
        Self { input, at, pending: 0, count: 0 }
    }

    /// Makes 32 bits ready, unless the data end before.
    #[inline]
    pub(super) fn fill(&mut self) {
        if self.count >= 32 {
            return;
        }
        if let Some(bytes) = self.input.get(self.at..).and_then(|rest| rest.first_chunk()) {
            let bytes = u64::from_be_bytes(*bytes);
            if !has_ff(bytes) {
                // Where a byte fits in part only, those bits are there early and come again.
                self.pending |= bytes >> self.count;
                let whole = (63 - self.count) / 8;
                self.at += whole as usize;
                self.count += 8 * whole;
                return;
            }
        }
        while self.count <= 56 {
            let (byte, length) = match self.input.get(self.at..) {
                Some(&[0xFF, 0, ..]) => (0xFF, 2),
                Some(&[byte, ..]) if byte != 0xFF => (byte, 1),
                _ => return,
            };
            self.pending |= u64::from(byte) << (56 - self.count);
            self.at += length;
            self.count += 8;
        }
    }

    /// The next `count` bits, 1 to 32; zeros beyond the end.
    #[inline]
    pub(super) fn peek(&self, count: u32) -> u32 {
        (self.pending >> (64 - count)) as u32
    }

    /// Goes on by `count` bits, unless there are fewer.
    #[inline]
    pub(super) fn skip(&mut self, count: u32) -> Option<()> {
        self.count = self.count.checked_sub(count)?;
        self.pending <<= count;
        Some(())
    }

    /// Where the marker stands that ends the data, if less than a byte was left.
    pub(super) fn end(mut self) -> Option<usize> {
        self.fill();
        (self.count < 8).then_some(self.at)
    }
}

pub(super) struct BitWriter<'a> {
    file: &'a mut Vec<u8>,
    pending: u64,
    count: u32,
}

impl<'a> BitWriter<'a> {
    pub(super) fn new(file: &'a mut Vec<u8>) -> Self {
        Self { file, pending: 0, count: 0 }
    }

    /// Appends the lowest `count` bits of `bits`, at most 32; the others are 0.
    #[inline]
    pub(super) fn write(&mut self, bits: u32, count: u32) {
        self.pending = self.pending << count | u64::from(bits);
        self.count += count;
        if self.count >= 32 {
            self.count -= 32;
            let word = (self.pending >> self.count) as u32;
            if has_ff(u64::from(word)) {
                word.to_be_bytes().into_iter().for_each(|byte| self.push(byte));
            } else {
                self.file.extend_from_slice(&word.to_be_bytes());
            }
        }
    }

    fn push(&mut self, byte: u8) {
        self.file.push(byte);
        if byte == 0xFF {
            self.file.push(0);
        }
    }

    pub(super) fn finish(mut self) {
        let padding = (8 - self.count % 8) % 8;
        self.write((1 << padding) - 1, padding);
        while self.count > 0 {
            self.count -= 8;
            self.push((self.pending >> self.count) as u8);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of 1 to 31 bits, many of them all ones, which makes bytes of 0xFF.
    fn numbers() -> Vec<(u32, u32)> {
        let number = |n: u32| {
            let count = n * 7 % 31 + 1;
            let bits = if n % 3 == 0 { u32::MAX } else { n.wrapping_mul(2_654_435_761) };
            (bits & ((1 << count) - 1), count)
        };
        (0..5000).map(number).collect()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut file = Vec::new();
        let mut writer = BitWriter::new(&mut file);
        numbers().into_iter().for_each(|(bits, count)| writer.write(bits, count));
        writer.finish();
        let length = file.len();
        file.extend([0xFF, 0xD9]);
        assert!(file[..length].windows(2).all(|pair| pair[0] != 0xFF || pair[1] == 0));

        let mut reader = BitReader::from(&file, 0);
        for (bits, count) in numbers() {
            reader.fill();
            assert_eq!(reader.peek(count), bits);
            reader.skip(count).expect("the bits are there");
        }
        assert_eq!(reader.end(), Some(length));
    }

    #[test]
    fn nothing_is_read_beyond_a_marker() {
        let mut reader = BitReader::from(&[0x12, 0xFF, 0, 0xFF, 0xD0, 0x34], 0);
        reader.fill();
        assert_eq!(reader.peek(16), 0x12FF);
        assert_eq!(reader.skip(17), None);
        reader.skip(8).expect("a byte");
        assert!(reader.end().is_none(), "a whole byte is left");
    }
}
