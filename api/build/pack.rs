//! Compression of files for the way to the browser.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

/// Writes a file and, under its name with `.gz` at the end, the same compressed by gzip, whose path it gives.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> PathBuf {
    const MADE: &str = "cargo's folder can be written";
    std::fs::write(path, bytes).expect(MADE);
    let mut packed = path.as_os_str().to_owned();
    packed.push(".gz");
    let mut encoder = GzEncoder::new(File::create(&packed).expect(MADE), Compression::best());
    encoder.write_all(bytes).expect(MADE);
    encoder.finish().expect(MADE);
    packed.into()
}
