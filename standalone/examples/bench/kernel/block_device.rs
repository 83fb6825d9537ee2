//! The bytes that all programs wrote to the disk that holds a folder (`/sys/dev/block/<major>:<minor>/stat`).

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::Context;

/// The unit of the counter in bytes, which does not depend on the device's own sectors.
const SECTOR: u64 = 512;

/// The bytes written since the machine started, or `None` if the folder is on no block device, as in some containers.
pub(crate) fn written_to_device_of(folder: &Path) -> anyhow::Result<Option<u64>> {
    let device = fs::metadata(folder).with_context(|| folder.display().to_string())?.dev();
    let path = format!("/sys/dev/block/{}:{}/stat", rustix::fs::major(device), rustix::fs::minor(device));
    if !Path::new(&path).exists() {
        return Ok(None);
    }
    Ok(Some(parse(&super::read(&path)?).with_context(|| path.clone())?))
}

/// Parses the seventh number, which counts the written sectors.
fn parse(text: &str) -> anyhow::Result<u64> {
    let sectors = text.split_whitespace().nth(6).context("no seventh number")?;
    Ok(sectors.parse::<u64>()? * SECTOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seventh_number_counts_sectors_of_512_bytes() {
        let text = "    9053     2116   826242     4110     9128    16063   600000    33101        0    12856    37212\n";
        assert_eq!(parse(text).expect("a line"), 307_200_000);
        assert!(parse("1 2 3").is_err());
    }

    #[test]
    fn a_folder_without_a_block_device_has_no_count_rather_than_zero() {
        assert_eq!(written_to_device_of(Path::new("/proc")).expect("a folder"), None);
    }
}
