//! The boxes of an ISO base media file, and the numbers in them; big-endian throughout.
//!
//! Source: ISO/IEC 14496-12, section 4.2. A file that ends early is read as far as it goes.

/// One box.
#[derive(Clone, Copy)]
pub(super) struct Box<'a> {
    pub(super) kind: [u8; 4],
    pub(super) data: &'a [u8],
    /// Its data is shorter than its header says.
    pub(super) cut: bool,
}

/// Box after box, until the bytes end.
#[derive(Clone, Copy)]
pub(super) struct Boxes<'a>(pub(super) &'a [u8]);

impl<'a> Iterator for Boxes<'a> {
    type Item = Box<'a>;

    fn next(&mut self) -> Option<Box<'a>> {
        let mut fields = Fields(self.0);
        let short = fields.u32()?;
        let kind = fields.four()?;
        // 1 stands for a long size behind the name, 0 for all that is left.
        let size = match short {
            0 => self.0.len() as u64,
            1 => fields.u64()?,
            size => size.into(),
        };
        let header = self.0.len() - fields.0.len();
        let length = usize::try_from(size).unwrap_or(usize::MAX).checked_sub(header)?;
        let cut = length > fields.0.len();
        let (data, rest) = fields.0.split_at(length.min(fields.0.len()));
        self.0 = rest;
        Some(Box { kind, data, cut })
    }
}

/// Number after number.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.number(1)?.try_into().ok()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.number(2)?.try_into().ok()
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.number(4)?.try_into().ok()
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.number(8)
    }

    /// A name of four letters.
    pub(super) fn four(&mut self) -> Option<[u8; 4]> {
        self.bytes(4)?.try_into().ok()
    }

    /// A number of `size` bytes, at most 8; of none, 0.
    pub(super) fn number(&mut self, size: usize) -> Option<u64> {
        Some(self.bytes(size)?.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// The version and the flags that a "full" box starts with.
    pub(super) fn version(&mut self) -> Option<(u8, u32)> {
        let version = self.u8()?;
        Some((version, self.number(3)?.try_into().ok()?))
    }
}
