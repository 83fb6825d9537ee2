//! The bytes that a process wrote to disk (`/proc/<pid>/io`).

use anyhow::Context;

use super::read;

/// The bytes that went to the storage layer. Bytes for a pipe, a socket or a file in memory do not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProcessIo {
    /// The bytes of file pages that became dirty. If the file system uses large folios (ext4 since Linux 6.16), the
    /// whole folio counts although only its changed blocks are written.
    written: u64,
    /// The part of `written` that never reached the disk, because the file was removed or shortened before.
    cancelled: u64,
}

impl ProcessIo {
    /// Reads the counters of a process. This needs the right to trace it: the same user, or root.
    pub(crate) fn of(pid: u32) -> anyhow::Result<Self> {
        Self::parse(&read(&format!("/proc/{pid}/io"))?).with_context(|| format!("/proc/{pid}/io"))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let value = |name: &str| -> anyhow::Result<u64> {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            line.and_then(|number| number.trim().parse().ok()).with_context(|| format!("no {name}"))
        };
        Ok(Self { written: value("write_bytes")?, cancelled: value("cancelled_write_bytes")? })
    }

    pub(crate) fn net(self) -> u64 {
        self.written.saturating_sub(self.cancelled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "rchar: 1\nwchar: 2\nsyscr: 3\nsyscw: 4\nread_bytes: 5\nwrite_bytes: 8192\ncancelled_write_bytes: 4096\n";

    #[test]
    fn what_was_removed_before_it_reached_the_disk_does_not_count() {
        let io = ProcessIo::parse(TEXT).expect("all fields");
        assert_eq!(io, ProcessIo { written: 8192, cancelled: 4096 });
        assert_eq!(io.net(), 4096);
    }

    #[test]
    fn a_missing_field_is_an_error_and_not_a_zero() {
        let error =
            ProcessIo::parse(&TEXT.replace("\nwrite_bytes", "\nwritten")).expect_err("no write_bytes");
        assert_eq!(error.to_string(), "no write_bytes");
    }
}
