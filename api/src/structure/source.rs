//! A file read forward and by offset, never past its end.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use super::{StructureError, ensure};

/// How much of a file its signature may need: an SVG can start with a long comment.
const OPENING: u64 = 1024;

/// The order of the bytes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Most significant byte first
    Big,
    /// Least significant byte first
    Little,
}

/// A file of known length and the position in it. Whatever would leave the file is `Invalid`.
pub(super) struct Source<'a, R> {
    input: &'a mut R,
    position: u64,
    length: u64,
}

impl<'a, R: BufRead + Seek> Source<'a, R> {
    /// Measures the file and starts at its beginning, wherever `input` stands.
    pub(super) fn new(input: &'a mut R) -> io::Result<Self> {
        let length = input.seek(SeekFrom::End(0))?;
        input.rewind()?;
        Ok(Self { input, position: 0, length })
    }

    /// The first bytes of the file; the position is at its start afterwards.
    pub(super) fn opening(&mut self) -> io::Result<Vec<u8>> {
        let mut opening = Vec::new();
        self.input.rewind()?;
        self.input.take(OPENING).read_to_end(&mut opening)?;
        self.input.rewind()?;
        self.position = 0;
        Ok(opening)
    }

    /// The length of the file.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The offset of the next byte.
    pub(super) fn position(&self) -> u64 {
        self.position
    }

    /// How many bytes follow.
    pub(super) fn remaining(&self) -> u64 {
        self.length.saturating_sub(self.position)
    }

    /// The next `N` bytes.
    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], StructureError> {
        let mut bytes = [0; N];
        self.input.read_exact(&mut bytes)?;
        self.position += N as u64;
        Ok(bytes)
    }

    /// The next byte.
    pub(super) fn byte(&mut self) -> Result<u8, StructureError> {
        self.array().map(|[byte]| byte)
    }

    /// The next 2 bytes.
    pub(super) fn u16(&mut self, order: Order) -> Result<u16, StructureError> {
        let bytes = self.array()?;
        Ok(match order {
            Order::Big => u16::from_be_bytes(bytes),
            Order::Little => u16::from_le_bytes(bytes),
        })
    }

    /// The next 4 bytes.
    pub(super) fn u32(&mut self, order: Order) -> Result<u32, StructureError> {
        let bytes = self.array()?;
        Ok(match order {
            Order::Big => u32::from_be_bytes(bytes),
            Order::Little => u32::from_le_bytes(bytes),
        })
    }

    /// The next 8 bytes.
    pub(super) fn u64(&mut self, order: Order) -> Result<u64, StructureError> {
        let bytes = self.array()?;
        Ok(match order {
            Order::Big => u64::from_be_bytes(bytes),
            Order::Little => u64::from_le_bytes(bytes),
        })
    }

    /// Passes over `count` bytes, all of which must exist, without reading them.
    pub(super) fn skip(&mut self, count: u64) -> Result<(), StructureError> {
        ensure(count <= self.remaining())?;
        let offset = i64::try_from(count).map_err(|_| StructureError::Invalid)?;
        self.input.seek_relative(offset)?;
        self.position += count;
        Ok(())
    }

    /// Moves to an offset from the file's start; the end itself is allowed.
    pub(super) fn go_to(&mut self, target: u64) -> Result<(), StructureError> {
        ensure(target <= self.length)?;
        let offset = i64::try_from(i128::from(target) - i128::from(self.position))
            .map_err(|_| StructureError::Invalid)?;
        self.input.seek_relative(offset)?;
        self.position = target;
        Ok(())
    }

    /// Hands over the next `count` bytes as they lie in the buffer, piece by piece.
    pub(super) fn read_through(
        &mut self,
        count: u64,
        mut piece: impl FnMut(&[u8]),
    ) -> Result<(), StructureError> {
        ensure(count <= self.remaining())?;
        let mut left = count;
        while left > 0 {
            let buffer = match self.input.fill_buf() {
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            ensure(!buffer.is_empty())?;
            let taken = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
            piece(&buffer[..taken]);
            self.input.consume(taken);
            self.position += taken as u64;
            left -= taken as u64;
        }
        Ok(())
    }
}
