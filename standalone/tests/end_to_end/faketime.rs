//! The wall clock of one process, which libfaketime reads from a file. The monotonic clock stays right.

use std::path::Path;

/// The environment variables that make a process follow the clock in `file`, which contains an offset like `+1h`.
pub(crate) fn variables(file: &Path) -> Vec<(String, String)> {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut libraries = folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"));
    let library = libraries.find(|library| library.is_file());
    let library = library.expect("libfaketime is there: `make test` installs it");
    let pairs = [
        ("LD_PRELOAD", library.to_str().expect("UTF-8")),
        ("FAKETIME_TIMESTAMP_FILE", file.to_str().expect("UTF-8")),
        ("FAKETIME_NO_CACHE", "1"),
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}
