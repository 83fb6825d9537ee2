//! Tests that a trimmed file decodes to the same pixels as the whole one.

use super::{
    super::{opened::Opened, scale::Scale, trim, turbo},
    writer::{Picture, Scan, segment, usual_script},
    *,
};
use resizinator_formats::jpeg::{MAX_SCANS, marker};
use std::borrow::Cow;

pub(super) const SAMPLINGS: [(&str, [(usize, usize); 3]); 7] = [
    ("4:4:4", [(1, 1), (1, 1), (1, 1)]),
    ("4:2:2", [(2, 1), (1, 1), (1, 1)]),
    ("4:2:0", [(2, 2), (1, 1), (1, 1)]),
    ("4:4:0", [(1, 2), (1, 1), (1, 1)]),
    ("4:1:1", [(4, 1), (1, 1), (1, 1)]),
    ("4:1:0", [(4, 2), (1, 1), (1, 1)]),
    ("chroma finer than luma", [(1, 1), (2, 2), (2, 1)]),
];

/// Scans as other encoders write them.
pub(super) fn scripts() -> Vec<(&'static str, Vec<Scan<'static>>)> {
    vec![
        ("libjpeg's", usual_script()),
        (
            "without successive approximation",
            vec![(&[0, 1, 2], 0..=0, 0, 0), (&[0], 1..=63, 0, 0), (&[1], 1..=63, 0, 0), (&[2], 1..=63, 0, 0)],
        ),
        (
            "every component on its own, chroma last",
            vec![
                (&[0], 0..=0, 0, 0),
                (&[1], 0..=0, 0, 0),
                (&[2], 0..=0, 0, 0),
                (&[0], 1..=8, 0, 2),
                (&[0], 9..=63, 0, 1),
                (&[0], 1..=8, 2, 1),
                (&[0], 1..=63, 1, 0),
                (&[1], 1..=8, 0, 0),
                (&[1], 9..=63, 0, 0),
                (&[2], 1..=8, 0, 0),
                (&[2], 9..=63, 0, 0),
            ],
        ),
        (
            "DC refined after all of AC",
            vec![
                (&[0, 1, 2], 0..=0, 0, 2),
                (&[0], 1..=63, 0, 1),
                (&[1], 1..=63, 0, 1),
                (&[2], 1..=63, 0, 1),
                (&[2], 1..=63, 1, 0),
                (&[1], 1..=63, 1, 0),
                (&[0], 1..=63, 1, 0),
                (&[0, 1, 2], 0..=0, 2, 1),
                (&[0, 1, 2], 0..=0, 1, 0),
            ],
        ),
    ]
}

pub(super) fn scaled(file: &[u8], opened: &Opened<'_>, scale: Scale) -> turbo::Decoded {
    let limits = turbo::DecoderBounds { memory: PLENTY, scans: MAX_SCANS };
    turbo::decode(file, scale, opened.colour, limits).expect("the file decodes")
}

#[track_caller]
fn same_pixels(file: &[u8], what: &str) -> usize {
    let opened = open(file).expect("the header is readable");
    let mut shortest = file.len();
    for wanted in [1, opened.jpeg.frame.height / 5, opened.jpeg.frame.height / 3, opened.jpeg.frame.height] {
        let scale = Scale::choose(&opened, wanted);
        let trimmed = trim::trimmed(file, &opened, scale);
        let (whole, part) = (scaled(file, &opened, scale), scaled(&trimmed, &opened, scale));
        assert_eq!(whole.problem, None, "{what} at {scale:?}");
        assert_eq!(part.problem, None, "{what} at {scale:?}, trimmed");
        assert_eq!((whole.width, whole.height), (part.width, part.height));
        assert!(whole.samples == part.samples, "{what} at {scale:?} is not the same when trimmed");
        shortest = shortest.min(trimmed.len());
    }
    shortest
}

#[test]
fn pixels_stay_the_same_in_every_sampling_and_script() {
    for (sampling, factors) in SAMPLINGS {
        for (script_name, script) in scripts() {
            for size in [(200, 120), (203, 117), (9, 300), (1, 1)] {
                let file = Picture::noise(size, &factors).progressive(&script);
                let shortest = same_pixels(&file, &format!("{sampling}, {script_name}, {size:?}"));
                if size.0 > 100 {
                    assert!(
                        shortest < file.len() * 9 / 10,
                        "{sampling}, {script_name}: nothing was left out"
                    );
                }
            }
        }
    }
}

#[test]
fn pixels_stay_the_same_in_grey_and_in_cmyk() {
    let grey: [Scan<'_>; 4] =
        [(&[0], 0..=0, 0, 1), (&[0], 1..=63, 0, 1), (&[0], 0..=0, 1, 0), (&[0], 1..=63, 1, 0)];
    let file = Picture::noise((203, 117), &[(1, 1)]).progressive(&grey);
    assert!(same_pixels(&file, "grey") < file.len() / 4);
    let file = Picture::noise((203, 117), &[(2, 2)]).progressive(&grey);
    assert!(same_pixels(&file, "grey with factors that mean nothing") < file.len() / 4);

    let cmyk: [Scan<'_>; 5] = [
        (&[0, 1, 2, 3], 0..=0, 0, 0),
        (&[0], 1..=63, 0, 0),
        (&[1], 1..=63, 0, 0),
        (&[2], 1..=63, 0, 0),
        (&[3], 1..=63, 0, 0),
    ];
    for factors in [[(1, 1); 4], [(2, 2), (1, 1), (1, 1), (2, 2)]] {
        let file = Picture::noise((203, 117), &factors).progressive(&cmyk);
        assert!(same_pixels(&file, "CMYK") < file.len() / 2);
    }
}

#[test]
fn pixels_stay_the_same_with_restart_markers_and_long_runs_of_blocks() {
    let mut picture = Picture::noise((203, 117), &SAMPLINGS[2].1);
    picture.restart = 7;
    same_pixels(&picture.usual_progressive(), "restart markers");

    // More blocks than the longest run has.
    let large = Picture::flat((1600, 1500), &SAMPLINGS[2].1, |component, x, y| {
        if component == 0 { (x * 200.0) as u8 } else { (y * 200.0) as u8 }
    });
    same_pixels(&large.usual_progressive(), "more than 32767 blocks");
}

#[test]
fn one_eighth_of_a_usual_file_keeps_dc_and_chroma_but_no_luma() {
    let file = Picture::noise((203, 117), &SAMPLINGS[2].1).usual_progressive();
    let opened = open(&file).expect("the header is readable");
    let trimmed = trim::trimmed(&file, &opened, Scale::choose(&opened, 1));
    let after = open(&trimmed).expect("the header is readable").jpeg.scans.expect("several scans");
    let kept: Vec<(Vec<usize>, _)> = (after.list.iter().map(|scan| &scan.header))
        .map(|header| (header.components.iter().map(|component| component.index).collect(), header.band))
        .collect();
    let (first, chroma) = ((vec![0, 1, 2], (0, 0)), |n| (vec![n], (1, 63)));
    assert_eq!(kept, [first.clone(), chroma(2), chroma(1), first, chroma(2), chroma(1), chroma(0)]);
    assert!(after.complete);
}

#[test]
fn files_that_leave_the_decoder_guessing_are_left_alone() {
    let picture = Picture::noise((203, 117), &SAMPLINGS[2].1);
    let usual = usual_script();
    let (mut never_finished, mut repeated, mut skipped) = (usual.clone(), usual.clone(), usual.clone());
    never_finished.pop();
    repeated.push((&[0], 1..=63, 1, 0));
    skipped.remove(5);
    for script in [never_finished, repeated, skipped] {
        let file = picture.progressive(&script);
        let opened = open(&file).expect("the header is readable");
        assert!(matches!(trim::trimmed(&file, &opened, Scale::choose(&opened, 1)), Cow::Borrowed(_)));
    }
}

#[test]
fn metadata_is_left_out_but_for_what_tells_the_colours() {
    let adobe = segment(marker::APP14, b"Adobe\0\x64\0\0\0\0\0");
    let comment = segment(marker::COM, &[b'x'; 5000]);
    let picture = Picture::noise((203, 117), &SAMPLINGS[0].1);
    let file = picture.file(0xC2, &usual_script(), &[adobe, comment].concat());
    assert!(same_pixels(&file, "RGB by Adobe's marker") < file.len() - 5000);
}

#[test]
fn a_file_with_more_scans_than_the_limit_is_refused_before_it_is_decoded() {
    let mut script: Vec<Scan<'_>> = vec![(&[0], 0..=0, 0, 0)];
    script.extend((0..10_000).map(|_| -> Scan<'_> { (&[0], 1..=63, 0, 0) }));
    let bomb = Picture::flat((64, 64), &[(1, 1)], |_, _, _| 0).progressive(&script);
    let error = decoded(&bomb, 64).expect_err("refused");
    assert_eq!(error.code(), "too_many_scans");

    script.truncate(MAX_SCANS);
    let many = Picture::flat((64, 64), &[(1, 1)], |_, _, _| 77).progressive(&script);
    assert_eq!(samples(&decoded(&many, 64).expect("as many are allowed")), [77; 64 * 64]);
}
