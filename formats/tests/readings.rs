//! Tests of both readings with every image file of this repository, and with an optional folder of images beside it.

use std::fs;
use std::path::{Path, PathBuf};

use resizinator_formats::{Format, Header, ImageLimits, InspectError, Reading, Refusal, inspect, read};

/// Every file with an extension of an accepted format below `folder`.
fn images(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let is_dir = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_dir && name != "target" && !name.to_string_lossy().starts_with('.') {
            found.extend(images(&path));
        } else if path.extension().is_some_and(|extension| {
            Format::ALL.iter().any(|format| format.extensions().iter().any(|known| *known == extension))
        }) {
            found.push(path);
        }
    }
    found
}

fn strictly(file: &[u8]) -> Result<Header, Refusal> {
    inspect(&mut { file }, &ImageLimits::default()).map_err(|error| match error {
        InspectError::Refused(refusal) => refusal,
        InspectError::Source(never) => match never {},
    })
}

#[test]
fn what_the_strict_reading_accepts_the_lenient_one_reads_alike() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the folder of the workspace");
    let beside = repository.parent().map(|folder| folder.join("shared/images"));
    let files =
        [Some(repository.to_owned()), beside].into_iter().flatten().flat_map(|folder| images(&folder));
    let mut accepted = 0;
    for path in files {
        let file = fs::read(&path).expect("a file that can be read");
        let Ok(header) = strictly(&file) else { continue };
        accepted += 1;
        let reading = read(header.format, &file);
        let shown = path.display();
        let Ok(Reading { header: leniently, ended_early }) = reading else { panic!("{shown}: {reading:?}") };
        assert_eq!(leniently, header, "{shown}");
        // The strict reading of a JPEG ends with the data of the first scan, and a GIF may lack its trailer.
        let may_end_early = matches!(header.format, Format::Jpeg | Format::Gif);
        assert!(!ended_early || may_end_early, "{shown} is accepted and ends early");
    }
    assert!(accepted >= 10, "only {accepted} files were accepted: those of this repository are not there");
}
