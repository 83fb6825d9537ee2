//! Tests of all formats, and helpers that the tests of each format share.

use std::convert::Infallible;

use crate::inspect::Extent;
use crate::{Format, Header, ImageLimits, InspectError, Refusal, Source, inspect};
use crate::{avif, bmp, gif, jpeg, png, tiff, webp};

/// A source with small windows, which counts how many of them are read. This is the number of steps of a reading.
#[derive(Debug)]
pub(crate) struct Windowed<'a> {
    bytes: &'a [u8],
    pub(crate) windows: u64,
}

impl<'a> Windowed<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, windows: 0 }
    }
}

impl Source for Windowed<'_> {
    type Error = Infallible;

    fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn window(&mut self, offset: u64) -> Result<&[u8], Infallible> {
        self.windows += 1;
        let rest =
            usize::try_from(offset).ok().and_then(|offset| self.bytes.get(offset..)).unwrap_or_default();
        Ok(&rest[..rest.len().min(7)])
    }
}

/// Inspects `bytes` with a limit of 10 frames.
pub(crate) fn check(bytes: &[u8]) -> Result<Header, Refusal> {
    let limits = ImageLimits { frames: 10, ..ImageLimits::default() };
    inspect(&mut Windowed::new(bytes), &limits).map_err(|error| match error {
        InspectError::Refused(refusal) => refusal,
        InspectError::Source(never) => match never {},
    })
}

/// The width, height and number of frames of a file that is accepted.
pub(crate) fn extent(bytes: &[u8]) -> Extent {
    let header = check(bytes).expect("the structure holds");
    (header.width, header.height, header.frames)
}

pub(crate) fn is_invalid(bytes: &[u8]) -> bool {
    check(bytes) == Err(Refusal::Invalid)
}

/// The name under which a file is refused.
pub(crate) fn refused_as(bytes: &[u8]) -> String {
    match check(bytes) {
        Err(Refusal::Format(name)) => name.to_owned(),
        Err(Refusal::Feature(feature)) => feature.into_owned(),
        other => panic!("expected a refusal by name, got {other:?}"),
    }
}

/// A small valid file of each format, and the number of its bytes that are enough to accept it.
fn samples() -> Vec<(Format, Vec<u8>, usize)> {
    let whole = |format, bytes: Vec<u8>| {
        let length = bytes.len();
        (format, bytes, length)
    };
    let (jpeg, enough) = jpeg::strict::tests::sample();
    let (gif, gif_enough) = gif::tests::sample();
    vec![
        (Format::Jpeg, jpeg, enough),
        whole(Format::Png, png::strict::tests::sample()),
        (Format::Gif, gif, gif_enough),
        whole(Format::WebP, webp::tests::sample()),
        whole(Format::Bmp, bmp::tests::sample()),
        whole(Format::Tiff, tiff::tests::sample()),
        whole(Format::Avif, avif::tests::sample()),
    ]
}

/// A linear congruential generator with the constants of MMIX, for repeatable damage.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// Damages `file` in thousands of ways, and cuts it off at any place. `readings` returns the headers of the strict
/// and of the lenient reading. If the strict reading accepts a file, the lenient one must return the same header.
pub(crate) fn assert_lenient_agrees(
    file: &[u8],
    readings: impl Fn(&[u8]) -> (Option<Header>, Option<Header>),
) {
    let mut chance = Chance(22);
    let mut accepted = 0;
    let mut compare = |file: &[u8]| {
        let (strict, lenient) = readings(file);
        assert!(strict.is_none() || strict == lenient, "{strict:?} is read as {lenient:?}: {file:x?}");
        accepted += u32::from(strict.is_some());
    };
    compare(file);
    (0..file.len()).for_each(|length| compare(&file[..length]));
    for _ in 0..5_000 {
        let mut damaged = file.to_vec();
        for _ in 0..=chance.below(3) {
            let place = chance.below(damaged.len());
            damaged[place] =
                [chance.below(256) as u8, 0, 1, damaged[place] ^ 1 << chance.below(8)][chance.below(4)];
        }
        compare(&damaged);
    }
    assert!(accepted > 100, "only {accepted} were accepted, which shows little");
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
fn a_text_and_an_empty_file_are_invalid() {
    assert!(is_invalid(b""));
    assert!(is_invalid(b"Once upon a time"));
}

/// A file whose bytes cannot be read.
struct BrokenDisk;

impl Source for BrokenDisk {
    type Error = &'static str;

    fn length(&self) -> u64 {
        100
    }

    fn window(&mut self, _: u64) -> Result<&[u8], &'static str> {
        Err("the disk is on fire")
    }
}

#[test]
fn an_error_of_the_disk_is_no_fault_of_the_file() {
    let found = inspect(&mut BrokenDisk, &ImageLimits::default());
    assert_eq!(found, Err(InspectError::Source("the disk is on fire")));
}
