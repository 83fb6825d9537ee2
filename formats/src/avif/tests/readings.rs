//! Tests that the lenient reading accepts every file that the strict one accepts, with the same result.

use super::writer::{Item, file};
use super::*;
use crate::avif::read;

/// Real files, and files that are made here.
fn samples() -> Vec<Vec<u8>> {
    let grid = Item::grid(1, 2, (100, 60), &[2, 3]);
    let alpha = |to| Item::grey(64, 64).alpha_of(to);
    vec![
        sample(),
        file(&[grid, Item::av1(64, 64), Item::av1(64, 64), alpha(2), alpha(3)]),
        include_bytes!("../../../tests/files/avif/alpha_by_tile.avif").to_vec(),
        include_bytes!("../../../tests/files/avif/alpha_without_size.avif").to_vec(),
        include_bytes!("../../../tests/files/avif/in_idat.avif").to_vec(),
    ]
}

/// Says whether the strict reading takes a file, and fails if the lenient one then does not.
fn is_taken_by_both(bytes: &[u8]) -> bool {
    let Ok(header) = check(bytes) else { return false };
    let image = read(bytes).expect("what is taken at upload is read by the worker");
    assert_eq!(image.header(), header);
    assert!(!image.ended_early);
    true
}

#[test]
fn the_samples_are_taken_by_both() {
    for (index, bytes) in samples().iter().enumerate() {
        assert!(is_taken_by_both(bytes), "{index}: {:?}", check(bytes));
    }
}

#[test]
fn whatever_is_damaged_both_take_the_same() {
    let mut taken = 0;
    for whole in samples() {
        for position in 0..whole.len().min(900) {
            for value in [0, 1, 0x7F, 0xFF, whole[position] ^ 0x10] {
                let mut damaged = whole.clone();
                damaged[position] = value;
                taken += u32::from(is_taken_by_both(&damaged));
            }
        }
    }
    assert!(taken > 1000, "{taken}");
}

#[test]
fn a_file_that_ends_behind_its_image_is_read_and_said_to_end_early() {
    let exif = Item::new(b"Exif", &[7; 100]);
    let bytes = file(&[Item::av1(64, 48), exif]);
    let cut = &bytes[..bytes.len() - 1];
    assert!(!read(&bytes).unwrap().ended_early);
    assert!(read(cut).unwrap().ended_early);
    assert_eq!(check(cut), Err(Refusal::Invalid));
    assert_eq!(read(&bytes[..bytes.len() - 101]), Err(crate::Unreadable::EndedEarly));
}

#[test]
fn every_file_of_the_shared_images_is_taken_by_both_or_refused() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/images/found");
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.extension().is_some_and(|extension| extension == "avif") {
            let taken = is_taken_by_both(&std::fs::read(&path).unwrap());
            assert_eq!(taken, path.ends_with("alpha_beside_grid.avif"), "{path:?}");
        }
    }
}
