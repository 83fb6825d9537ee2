//! The reader of an upload for its inspection. It shows one window of the temporary file at a time.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use resizinator_formats::Source;

/// How much of a file is read at once, in bytes.
const WINDOW: usize = 16 << 10;

/// A temporary file that is read through one window in memory. The file is not mapped, since an error of the disk has
/// to end in a 503 and not in a signal that ends the process.
pub(crate) struct FileWindows<'f> {
    file: &'f File,
    length: u64,
    window: Vec<u8>,
    /// Where the window begins in the file.
    start: u64,
}

impl<'f> FileWindows<'f> {
    pub(crate) fn new(file: &'f File, length: u64) -> Self {
        Self { file, length, window: Vec::new(), start: 0 }
    }

    /// The index of `offset` in the window; `None` if the window does not contain it.
    fn at_hand(&self, offset: u64) -> Option<usize> {
        let index = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        (index < self.window.len()).then_some(index)
    }
}

impl Source for FileWindows<'_> {
    type Error = io::Error;

    fn length(&self) -> u64 {
        self.length
    }

    fn window(&mut self, offset: u64) -> io::Result<&[u8]> {
        if let Some(index) = self.at_hand(offset) {
            return Ok(&self.window[index..]);
        }
        let left = self.length.saturating_sub(offset);
        self.window.resize(usize::try_from(left).unwrap_or(WINDOW).min(WINDOW), 0);
        self.start = offset;
        if let Err(error) = self.file.read_exact_at(&mut self.window, offset) {
            self.window.clear();
            return Err(error);
        }
        Ok(&self.window)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(bytes).expect("written");
        file
    }

    #[test]
    fn a_window_begins_at_its_offset_and_none_follows_the_end() {
        let bytes: Vec<u8> = (0..WINDOW * 3).map(|index| (index % 251) as u8).collect();
        let file = file(&bytes);
        let mut windows = FileWindows::new(&file, bytes.len() as u64);
        for offset in [0, 1, WINDOW - 1, WINDOW, 7, WINDOW * 3 - 1, WINDOW * 2] {
            let window = windows.window(offset as u64).expect("read");
            assert!(!window.is_empty() && bytes[offset..].starts_with(window), "{offset}");
        }
        for offset in [WINDOW * 3, WINDOW * 4] {
            assert!(windows.window(offset as u64).expect("nothing to read").is_empty());
        }
    }

    #[test]
    fn a_file_that_is_shorter_than_it_should_be_is_an_error_of_the_disk() {
        let file = file(b"short");
        let mut windows = FileWindows::new(&file, 100);
        assert_eq!(windows.window(0).expect_err("cannot be read").kind(), io::ErrorKind::UnexpectedEof);
    }
}
