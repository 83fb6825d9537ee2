//! Entropy-coded data, bit by bit: a zero follows every 0xFF, and ones fill the last byte.

/// Whether one of the bytes is 0xFF.
fn has_ff(bytes: u64) -> bool {
    const LOW: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let zero_for_ff = !bytes;
    zero_for_ff.wrapping_sub(LOW) & !zero_for_ff & HIGH != 0
}

/// Reads up to the next marker, or the end of the file.
///
/// Nothing of it is ever borrowed out of the loops that read, so that its fields stay in registers.
#[derive(Clone, Copy)]
pub(super) struct BitReader<'a> {
    input: &'a [u8],
    at: usize,
    /// The next bits, from the highest on.
    pending: u64,
    /// How many of those are there for sure; up to 63.
    count: u32,
}

impl<'a> BitReader<'a> {
    pub(super) fn from(input: &'a [u8], at: usize) -> Self {
        Self { input, at, pending: 0, count: 0 }
    }

    /// With 56 bits ready, unless the data end before.
    #[inline(always)]
    pub(super) fn filled(mut self) -> Self {
        match self.input.get(self.at..).and_then(|rest| rest.first_chunk()).map(|&b| u64::from_be_bytes(b)) {
            Some(bytes) if !has_ff(bytes) => {
                // Where a byte fits in part only, those bits are there early and come again.
                self.pending |= bytes >> self.count;
                self.at += (63 - self.count) as usize / 8;
                self.count |= 56;
                self
            }
            _ => {
                (self.at, self.pending, self.count) =
                    filled_byte_by_byte(self.input, self.at, self.pending, self.count);
                self
            }
        }
    }

    /// The next `count` bits, 1 to 32; zeros beyond the end.
    #[inline(always)]
    pub(super) fn peek(self, count: u32) -> u32 {
        (self.pending >> (64 - count)) as u32
    }

    /// `count` bits further, up to 63, unless there are fewer.
    #[inline(always)]
    pub(super) fn after(mut self, count: u32) -> Option<Self> {
        self.count = self.count.checked_sub(count)?;
        self.pending <<= count;
        Some(self)
    }

    /// Where the marker stands that ends the data, if less than a byte was left.
    pub(super) fn end(self) -> Option<usize> {
        let rest = self.filled();
        (rest.count < 8).then_some(rest.at)
    }
}

/// [`BitReader::filled`] near a 0xFF or the end; not inlined, and not given the reader, see there.
#[inline(never)]
fn filled_byte_by_byte(input: &[u8], mut at: usize, mut pending: u64, mut count: u32) -> (usize, u64, u32) {
    while count < 56 {
        let (byte, length) = match input.get(at..) {
            Some(&[0xFF, 0, ..]) => (0xFF, 2),
            Some(&[byte, ..]) if byte != 0xFF => (byte, 1),
            _ => break,
        };
        pending |= u64::from(byte) << (56 - count);
        at += length;
        count += 8;
    }
    (at, pending, count)
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
    #[inline(always)]
    pub(super) fn write(&mut self, bits: u32, count: u32) {
        self.pending = self.pending << count | u64::from(bits);
        self.count += count;
        if self.count >= 32 {
            self.count -= 32;
            let word = (self.pending >> self.count) as u32;
            if has_ff(u64::from(word)) {
                push_stuffed(self.file, word);
            } else {
                self.file.extend_from_slice(&word.to_be_bytes());
            }
        }
    }

    pub(super) fn finish(mut self) {
        let padding = (8 - self.count % 8) % 8;
        self.write((1 << padding) - 1, padding);
        while self.count > 0 {
            self.count -= 8;
            push(self.file, (self.pending >> self.count) as u8);
        }
    }
}

#[inline(never)]
fn push_stuffed(file: &mut Vec<u8>, word: u32) {
    word.to_be_bytes().into_iter().for_each(|byte| push(file, byte));
}

fn push(file: &mut Vec<u8>, byte: u8) {
    file.push(byte);
    if byte == 0xFF {
        file.push(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of 1 to 31 bits, many of them all ones, which makes bytes of 0xFF.
    fn numbers() -> Vec<(u32, u32)> {
        let number = |n: u32| {
            let count = n * 7 % 31 + 1;
            let bits = if n.is_multiple_of(3) { u32::MAX } else { n.wrapping_mul(2_654_435_761) };
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
            reader = reader.filled();
            assert_eq!(reader.peek(count), bits);
            reader = reader.after(count).expect("the bits are there");
        }
        assert_eq!(reader.end(), Some(length));
    }

    #[test]
    fn nothing_is_read_beyond_a_marker() {
        let reader = BitReader::from(&[0x12, 0xFF, 0, 0xFF, 0xD0, 0x34], 0).filled();
        assert_eq!(reader.peek(16), 0x12FF);
        assert!(reader.after(17).is_none());
        assert_eq!(reader.after(8).and_then(BitReader::end), None, "a whole byte is left");
        assert_eq!(reader.after(9).and_then(BitReader::end), Some(3));
    }
}
