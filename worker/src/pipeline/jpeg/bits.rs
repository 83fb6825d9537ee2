//! Reading and writing entropy-coded data bit by bit. In it, a zero byte follows every 0xFF, and ones fill the last
//! byte.

/// Whether one of the bytes is 0xFF.
fn has_ff(bytes: u64) -> bool {
    const LOW: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let zero_for_ff = !bytes;
    zero_for_ff.wrapping_sub(LOW) & !zero_for_ff & HIGH != 0
}

/// A reader of the bits up to the next marker or the end of the file. Beyond that it reads zeros.
///
/// Its methods take and return it by value instead of borrowing it, so that its fields stay in registers in the loops
/// that read.
#[derive(Clone, Copy)]
pub(super) struct BitReader<'a> {
    input: &'a [u8],
    at: usize,
    /// The next bits, starting with the highest.
    pending: u64,
    /// How many bits of `pending` are valid, up to 63. If bits beyond the end were read, it is negative by their
    /// number.
    count: i32,
}

impl<'a> BitReader<'a> {
    pub(super) fn from(input: &'a [u8], at: usize) -> Self {
        Self { input, at, pending: 0, count: 0 }
    }

    /// The reader with at least 56 valid bits, unless the data end before.
    #[inline(always)]
    pub(super) fn filled(mut self) -> Self {
        match self.input.get(self.at..).and_then(|rest| rest.first_chunk()).map(|&b| u64::from_be_bytes(b)) {
            Some(bytes) if !has_ff(bytes) => {
                // If a byte only fits in part, its upper bits are stored now and stored again with the next fill.
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

    /// The next `count` bits, 1 to 32, without advancing. Bits beyond the end are zeros.
    #[inline(always)]
    pub(super) fn peek(self, count: u32) -> u32 {
        (self.pending >> (64 - count)) as u32
    }

    /// The reader advanced by `count` bits, up to 63.
    #[inline(always)]
    pub(super) fn after(mut self, count: u32) -> Self {
        self.count -= count as i32;
        self.pending <<= count;
        self
    }

    /// The reader with at least `count` valid bits, up to 56, unless the data end before. It is faster than
    /// [`filled`](Self::filled) only if the bits are usually there already.
    #[inline(always)]
    pub(super) fn with(self, count: u32) -> Self {
        if self.count < count as i32 { self.filled() } else { self }
    }

    /// The reader, or `None` if it has read beyond the end.
    #[inline(always)]
    pub(super) fn unless_beyond_the_end(self) -> Option<Self> {
        (self.count >= 0).then_some(self)
    }

    /// The signed number in the next `size` bits, see [`signed`].
    #[inline(always)]
    pub(super) fn signed(self, size: u32) -> i32 {
        signed(self.pending, size)
    }

    /// A reader of what follows `marker`, if that comes next and less than a byte was left before it.
    pub(super) fn behind(self, marker: u8) -> Option<Self> {
        let end = self.end()?;
        (self.input.get(end..end + 2)? == [0xFF, marker]).then(|| Self::from(self.input, end + 2))
    }

    /// The offset of the marker that ends the data, if less than a byte was left before it.
    pub(super) fn end(self) -> Option<usize> {
        let rest = self.filled();
        (0..8).contains(&rest.count).then_some(rest.at)
    }
}

/// The signed number in the highest `size` bits, at most 31. One that begins with a 0 is negative (T.81, F.2.2.1).
#[inline(always)]
pub(super) fn signed(bits: u64, size: u32) -> i32 {
    let number = (bits >> 1 >> (63 - size)) as i32;
    let is_negative = !((bits as i64 >> 63) as i32);
    number - (is_negative & ((1 << size) - 1))
}

/// Does the work of [`BitReader::filled`] near a 0xFF or the end. It is not inlined, and does not borrow the reader, so
/// that the reader's fields stay in registers.
#[inline(never)]
fn filled_byte_by_byte(input: &[u8], mut at: usize, mut pending: u64, mut count: i32) -> (usize, u64, i32) {
    if count < 0 {
        return (at, pending, count);
    }
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

/// A writer of bits behind what a file has already.
pub(super) struct BitWriter<'a> {
    file: &'a mut Vec<u8>,
    /// The bits that are not in the file yet are the lowest ones.
    pending: u64,
    /// How many they are, up to 31 between two calls.
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
            let bytes = (self.pending >> self.count) as u32;
            if has_ff(bytes.into()) {
                bytes.to_be_bytes().into_iter().for_each(|byte| self.push(byte));
            } else {
                self.file.extend_from_slice(&bytes.to_be_bytes());
            }
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

    fn push(&mut self, byte: u8) {
        self.file.push(byte);
        if byte == 0xFF {
            self.file.push(0);
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
            reader = reader.after(count).unless_beyond_the_end().expect("the bits are there");
        }
        assert!(reader.behind(0xD9).is_some(), "{length} bytes were written");
    }

    #[test]
    fn nothing_is_read_beyond_a_marker() {
        let reader = BitReader::from(&[0x12, 0xFF, 0, 0xFF, 0xD0, 0x34], 0).filled();
        assert_eq!(reader.peek(16), 0x12FF);
        assert!(reader.after(17).unless_beyond_the_end().is_none());
        assert!(reader.after(8).behind(0xD0).is_none(), "a whole byte is left");
        let part_of_a_byte = reader.after(9);
        assert!(part_of_a_byte.behind(0xD1).is_none(), "another marker");
        let behind = part_of_a_byte.behind(0xD0).expect("the marker").filled();
        assert_eq!(behind.peek(8), 0x34);
    }

    #[test]
    fn numbers_have_their_sign_in_their_first_bit() {
        let first = |byte: u8, size| signed(u64::from_be_bytes([byte; 8]), size);
        assert_eq!((first(0xFF, 0), first(0x00, 0)), (0, 0));
        assert_eq!((first(0x00, 1), first(0x80, 1)), (-1, 1));
        assert_eq!((first(0x00, 2), first(0x40, 2), first(0x80, 2), first(0xC0, 2)), (-3, -2, 2, 3));
        assert_eq!((first(0x00, 15), first(0xFF, 15)), (-32767, 32767));
    }
}
