//! What holds for every format, and what the tests of each share.

use std::io::{BufReader, Cursor};

use super::*;

/// Inspects `bytes` with a limit of 10 frames, through a buffer smaller than most of what is read.
pub(super) fn check(bytes: &[u8]) -> Result<Header, StructureError> {
    let mut input = BufReader::with_capacity(7, Cursor::new(bytes));
    inspect(&mut input, &Limits { frames: 10 })
}

/// Width, height and frames of a file that passes.
pub(super) fn extent(bytes: &[u8]) -> Extent {
    let header = check(bytes).expect("the structure holds");
    (header.width, header.height, header.frames)
}

pub(super) fn is_invalid(bytes: &[u8]) -> bool {
    matches!(check(bytes), Err(StructureError::Invalid))
}

/// The name under which a file is refused.
pub(super) fn refused_as(bytes: &[u8]) -> &'static str {
    match check(bytes) {
        Err(StructureError::Unsupported(name)) => name,
        other => panic!("expected a refusal by name, got {other:?}"),
    }
}

/// A small valid file of each format, and how many of its bytes suffice.
fn samples() -> Vec<(Format, Vec<u8>, usize)> {
    let whole = |format, bytes: Vec<u8>| {
        let length = bytes.len();
        (format, bytes, length)
    };
    let (jpeg, enough) = jpeg::tests::sample();
    vec![
        (Format::Jpeg, jpeg, enough),
        whole(Format::Png, png::tests::sample()),
        whole(Format::Gif, gif::tests::sample()),
        whole(Format::WebP, webp::tests::sample()),
        whole(Format::Bmp, bmp::tests::sample()),
        whole(Format::Tiff, tiff::tests::sample()),
        whole(Format::Avif, avif::tests::sample()),
    ]
}

/// A linear congruential generator with the constants of MMIX, for repeatable damage.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

#[test]
fn a_small_file_of_each_format_passes_as_what_it_is() {
    for (format, bytes, _) in samples() {
        assert_eq!(check(&bytes).unwrap().format, format);
    }
}

#[test]
fn bytes_after_the_end_change_nothing() {
    for (format, mut bytes, _) in samples() {
        let before = check(&bytes).unwrap();
        bytes.extend([0x5A; 100]);
        assert_eq!(check(&bytes).unwrap(), before, "{format:?}");
    }
}

#[test]
fn a_file_cut_off_anywhere_is_invalid_until_enough_of_it_is_there() {
    for (format, bytes, enough) in samples() {
        for length in 0..=bytes.len() {
            let passes = check(&bytes[..length]).is_ok();
            assert_eq!(passes, length >= enough, "{format:?} of {length} bytes");
            assert!(passes || is_invalid(&bytes[..length]), "{format:?}");
        }
    }
}

#[test]
fn no_damage_makes_the_inspection_panic_or_hang() {
    let mut chance = Chance(20);
    for (_, bytes, _) in samples() {
        for _ in 0..2000 {
            let mut damaged = bytes.clone();
            for _ in 0..=chance.below(4) {
                let place = chance.below(damaged.len());
                damaged[place] = chance.below(256) as u8;
            }
            let _ = check(&damaged);
        }
    }
}

#[test]
fn noise_behind_a_signature_does_not_panic_or_hang() {
    let mut chance = Chance(21);
    for (_, bytes, _) in samples() {
        for _ in 0..200 {
            let mut noise = bytes[..12].to_vec();
            noise.extend((0..2000).map(|_| chance.below(256) as u8));
            let _ = check(&noise);
        }
    }
}

#[test]
fn the_inspection_starts_at_the_beginning_wherever_the_reader_stands() {
    let mut input = Cursor::new(gif::tests::sample());
    input.set_position(9);
    assert!(inspect(&mut input, &Limits { frames: 10 }).is_ok());
}

#[test]
fn a_text_and_an_empty_file_are_invalid() {
    assert!(is_invalid(b""));
    assert!(is_invalid(b"Dear diary"));
}

#[test]
fn an_error_of_the_disk_is_no_fault_of_the_file() {
    let error = StructureError::from(io::Error::other("disk on fire"));
    assert!(matches!(error, StructureError::Io(_)));
    let error = StructureError::from(io::Error::from(io::ErrorKind::UnexpectedEof));
    assert!(matches!(error, StructureError::Invalid));
}
