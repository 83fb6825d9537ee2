//! A cursor: a position in a file from which bytes and numbers are read.

use std::ops::Range;

use crate::source::Source;

/// The byte order of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The most significant byte comes first.
    Big,
    /// The least significant byte comes first.
    Little,
}

/// The reason why bytes cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadError<E> {
    /// The file, or the part of it that the cursor was made for, ends too early.
    EndedEarly,
    /// The file has the bytes, but its source failed to deliver them.
    Source(E),
}

/// A position in a file or in a part of it. The cursor never leaves that part.
#[derive(Debug)]
pub struct Cursor<'s, S> {
    source: &'s mut S,
    position: u64,
    end: u64,
}

impl<'s, S: Source> Cursor<'s, S> {
    /// A cursor at the start of the whole file.
    pub fn new(source: &'s mut S) -> Self {
        let end = source.length();
        Self { source, position: 0, end }
    }

    /// A cursor at the start of a part of the same file. If `part` reaches beyond the end of this cursor's part, it
    /// is cut off there.
    pub fn within(&mut self, part: Range<u64>) -> Cursor<'_, S> {
        let end = part.end.min(self.end);
        Cursor { source: self.source, position: part.start.min(end), end }
    }

    /// The offset at which the file, or the part of it, ends.
    pub fn length(&self) -> u64 {
        self.end
    }

    /// The offset of the next byte from the start of the file.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The number of bytes that follow.
    pub fn remaining(&self) -> u64 {
        self.end.saturating_sub(self.position)
    }

    /// The next available bytes, without moving the cursor. They are empty only at the end.
    ///
    /// # Errors
    /// An error of the source.
    pub fn window(&mut self) -> Result<&[u8], ReadError<S::Error>> {
        let remaining = usize::try_from(self.remaining()).unwrap_or(usize::MAX);
        if remaining == 0 {
            return Ok(&[]);
        }
        let window = self.source.window(self.position).map_err(ReadError::Source)?;
        Ok(&window[..window.len().min(remaining)])
    }

    /// The next `N` bytes.
    ///
    /// # Errors
    /// If there are fewer, or the source fails. The cursor does not move then.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], ReadError<S::Error>> {
        if self.remaining() < N as u64 {
            return Err(ReadError::EndedEarly);
        }
        let mut bytes = [0; N];
        let mut filled = 0;
        while filled < N {
            let at = self.position + filled as u64;
            let window = self.source.window(at).map_err(ReadError::Source)?;
            if window.is_empty() {
                return Err(ReadError::EndedEarly);
            }
            let count = window.len().min(N - filled);
            bytes[filled..filled + count].copy_from_slice(&window[..count]);
            filled += count;
        }
        self.position += N as u64;
        Ok(bytes)
    }

    /// The next byte.
    ///
    /// # Errors
    /// The same as those of [`Cursor::array`].
    pub fn byte(&mut self) -> Result<u8, ReadError<S::Error>> {
        self.array().map(|[byte]| byte)
    }

    /// The next 2 bytes as a number.
    ///
    /// # Errors
    /// The same as those of [`Cursor::array`].
    pub fn u16(&mut self, order: Order) -> Result<u16, ReadError<S::Error>> {
        let bytes = self.array()?;
        Ok(match order {
            Order::Big => u16::from_be_bytes(bytes),
            Order::Little => u16::from_le_bytes(bytes),
        })
    }

    /// The next 4 bytes as a number.
    ///
    /// # Errors
    /// The same as those of [`Cursor::array`].
    pub fn u32(&mut self, order: Order) -> Result<u32, ReadError<S::Error>> {
        let bytes = self.array()?;
        Ok(match order {
            Order::Big => u32::from_be_bytes(bytes),
            Order::Little => u32::from_le_bytes(bytes),
        })
    }

    /// The next 8 bytes as a number.
    ///
    /// # Errors
    /// The same as those of [`Cursor::array`].
    pub fn u64(&mut self, order: Order) -> Result<u64, ReadError<S::Error>> {
        let bytes = self.array()?;
        Ok(match order {
            Order::Big => u64::from_be_bytes(bytes),
            Order::Little => u64::from_le_bytes(bytes),
        })
    }

    /// Skips `count` bytes, all of which must exist, without reading them, and returns their range in the file.
    ///
    /// # Errors
    /// If there are fewer. The cursor does not move then.
    pub fn skip(&mut self, count: u64) -> Result<Range<u64>, ReadError<S::Error>> {
        if count > self.remaining() {
            return Err(ReadError::EndedEarly);
        }
        let start = self.position;
        self.position += count;
        Ok(start..self.position)
    }

    /// Moves to an offset from the start of the file. The end of the cursor's part is allowed.
    ///
    /// # Errors
    /// If the offset lies beyond the end. The cursor does not move then.
    pub fn go_to(&mut self, offset: u64) -> Result<(), ReadError<S::Error>> {
        if offset > self.end {
            return Err(ReadError::EndedEarly);
        }
        self.position = offset;
        Ok(())
    }

    /// Passes the next `count` bytes, all of which must exist, to a function, piece by piece as the source delivers
    /// them.
    ///
    /// # Errors
    /// If there are fewer, or the source fails.
    pub fn read_through(
        &mut self,
        count: u64,
        mut piece: impl FnMut(&[u8]),
    ) -> Result<(), ReadError<S::Error>> {
        if count > self.remaining() {
            return Err(ReadError::EndedEarly);
        }
        let mut left = count;
        while left > 0 {
            let window = self.window()?;
            if window.is_empty() {
                return Err(ReadError::EndedEarly);
            }
            let taken = usize::try_from(left).map_or(window.len(), |left| left.min(window.len()));
            piece(&window[..taken]);
            self.position += taken as u64;
            left -= taken as u64;
        }
        Ok(())
    }
}
