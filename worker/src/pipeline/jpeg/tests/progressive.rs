//! Tests that a progressive file has the same pixels as a sequential file with the same coefficients.

use super::{
    super::{direct, scale::Scale},
    direct::{eighths, same_as_libjpeg_turbos},
    trimming::{SAMPLINGS, scaled, scripts},
    writer::{Picture, Scan, usual_script},
    *,
};
use resizinator_formats::jpeg::marker::RST0;

/// Compares the scans of `script` with one scan of all coefficients. Returns whether a fraction was compared.
#[track_caller]
fn same_as_its_twin(picture: &Picture, script: &[Scan<'_>], what: &str) -> bool {
    let (file, twin) = (picture.progressive(script), picture.sequential());
    let (opened, twin_opened) = (open(&file).expect("readable"), open(&twin).expect("readable"));
    let whole = [scaled(&file, &opened, Scale::FULL), scaled(&twin, &twin_opened, Scale::FULL)];
    assert!(whole.iter().all(|it| it.problem.is_none()), "{what} is written wrong");
    assert!(whole[0].samples == whole[1].samples, "{what} is not what is in the twin");
    let mut was_compared = false;
    for eighth in [1, 2] {
        let Some(scale) = eighths(&opened, eighth) else { continue };
        if eighth == 1 && direct::is_exact(&opened.jpeg.frame, scale) {
            same_as_libjpeg_turbos(&file, what);
            continue;
        }
        let expected = direct::decode(&twin_opened, scale).expect("the twin is decoded");
        let samples = direct::decode(&opened, scale);
        let samples = samples.unwrap_or_else(|| panic!("{what} is not decoded at {eighth} / 8"));
        assert!(samples == expected, "{what}: other pixels than the twin's at {eighth} / 8");
        was_compared = true;
    }
    was_compared
}

#[test]
fn a_progressive_file_has_its_sequential_twins_pixels_in_every_sampling_and_script() {
    for (sampling, factors) in SAMPLINGS {
        for (script_name, script) in scripts() {
            for size in [(200, 120), (203, 117), (130, 300)] {
                for restart in [0, 1, 7] {
                    let mut picture = Picture::noise(size, &factors);
                    picture.restart = restart;
                    let what = format!("{sampling}, {script_name}, {size:?}, restart {restart}");
                    assert!(same_as_its_twin(&picture, &script, &what), "{what} is not compared");
                }
            }
        }
    }
}

/// Numbers of chance that are always the same.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    /// Cuts the coefficients from 1 to 63 into bands.
    fn bands(&mut self) -> Vec<(usize, usize)> {
        let mut cuts: Vec<usize> = (0..self.below(4)).map(|_| 1 + self.below(12)).collect();
        cuts.extend([1, 64]);
        cuts.sort_unstable();
        cuts.dedup();
        cuts.windows(2).map(|pair| (pair[0], pair[1] - 1)).collect()
    }

    /// A scan script for `components` components, which refines each one in bands of its own.
    fn script(&mut self, components: &'static [usize]) -> Vec<Scan<'static>> {
        // The scans of each component in their order, and those of the means, which come first.
        let depth = self.below(3) as u32;
        let means = (0..=depth).rev().map(|bit| {
            let scan: Scan<'_> = (components, 0..=0, if bit == depth { 0 } else { bit + 1 }, bit);
            scan
        });
        let mut queues = vec![means.collect::<Vec<_>>()];
        let first = queues[0].remove(0);
        for component in components {
            let component = std::slice::from_ref(component);
            let depth = self.below(4) as u32;
            let mut queue: Vec<Scan<'_>> = Vec::new();
            for bit in (0..=depth).rev() {
                let before = if bit == depth { 0 } else { bit + 1 };
                let bands = self.bands();
                queue.extend(bands.into_iter().map(|(start, end)| (component, start..=end, before, bit)));
            }
            queues.push(queue);
        }
        let mut script = vec![first];
        while queues.iter().any(|queue| !queue.is_empty()) {
            let queue = self.below(queues.len());
            if !queues[queue].is_empty() {
                script.push(queues[queue].remove(0));
            }
        }
        script
    }
}

#[test]
fn scans_of_any_bands_in_any_order_have_the_twins_pixels() {
    let mut chance = Chance(0x2545_F491_4F6C_DD1D);
    for number in 0..150 {
        let script = chance.script(&[0, 1, 2]);
        let factors = SAMPLINGS[chance.below(SAMPLINGS.len())].1;
        let restart = [0, 0, 3][chance.below(3)];
        // From nearly empty blocks, with long runs, to blocks without zeros.
        let (density, size) = (1 + chance.below(40), 1 << (1 + chance.below(9)));
        let mut picture = Picture::new((120 + chance.below(90), 110), &factors, |_, _, _| {
            let mut block = [0; 64];
            for coefficient in &mut block {
                if chance.below(40) < density {
                    *coefficient = chance.below(2 * size) as i32 - size as i32;
                }
            }
            block
        });
        picture.restart = restart;
        same_as_its_twin(&picture, &script, &format!("script {number}: {script:?}"));
    }
}

#[test]
fn a_run_over_more_blocks_than_a_code_can_count_has_the_twins_pixels() {
    let nearly_flat = Picture::new((2100, 2000), &[(2, 2), (1, 1), (1, 1)], |component, x, y| {
        let mut block = [0; 64];
        block[0] = (x * 300.0) as i32 - 150;
        if x > 0.99 && y > 0.99 {
            block[1] = 40 + component as i32;
        }
        block
    });
    assert!(same_as_its_twin(&nearly_flat, &usual_script(), "nearly flat"));
}

#[test]
fn a_grey_progressive_file_has_the_twins_pixels() {
    let picture = Picture::noise((203, 117), &[(2, 2)]);
    assert!(same_as_its_twin(&picture, &Chance(77).script(&[0]), "grey"));
}

#[test]
fn coefficients_up_to_the_largest_have_the_twins_pixels() {
    let mut sign = 1;
    let picture = Picture::new((160, 120), &[(1, 1); 3], |_, _, _| {
        sign = -sign;
        let mut block = [0; 64];
        (block[1], block[2], block[4], block[63]) = (16_383 * sign, 9, -16_383 * sign, sign);
        block
    });
    assert!(same_as_its_twin(&picture, &usual_script(), "large coefficients"));
}

#[test]
fn scans_that_are_not_needed_are_not_read() {
    let mut script = usual_script();
    script[4] = (&[0], 6..=63, 0, 0);
    script[5] = (&[0], 1..=5, 2, 1);
    script[9] = (&[0], 1..=5, 1, 0);
    let picture = Picture::noise((203, 117), &[(1, 1); 3]);
    let mut file = picture.progressive(&script);
    let opened = open(&file).expect("the header is readable");
    let scale = eighths(&opened, 2).expect("the scale is chosen");
    let expected = direct::decode(&opened, scale).expect("it is decoded");
    let scans = opened.jpeg.scans.as_ref().expect("several scans");
    let start = |n: usize| scans.list[n].data.as_ptr() as usize - file.as_ptr() as usize;
    let (not_needed, needed) = (start(4), start(5));
    // Sixteen bits of nothing but ones are no code.
    let all_ones = [0xFF, 0, 0xFF, 0, 0xFF, 0];
    let mut other = file.clone();
    file[not_needed..not_needed + 6].copy_from_slice(&all_ones);
    other[needed..needed + 6].copy_from_slice(&all_ones);
    assert!(direct::decode(&open(&file).expect("readable"), scale) == Some(expected), "not needed");
    assert_eq!(direct::decode(&open(&other).expect("readable"), scale), None, "needed");
}

#[test]
fn a_damaged_progressive_file_is_left_to_libjpeg_turbo() {
    let mut picture = Picture::noise((203, 117), &[(2, 2), (1, 1), (1, 1)]);
    picture.restart = 7;
    let file = picture.usual_progressive();
    let opened = open(&file).expect("the header is readable");
    let scans = opened.jpeg.scans.as_ref().expect("several scans");
    for (number, scan) in scans.list.iter().enumerate() {
        let start = scan.data.as_ptr() as usize - file.as_ptr() as usize;
        let end = start + scan.data.len();
        let directly = |file: &[u8]| {
            let opened = open(file).expect("the header is readable");
            direct::decode(&opened, eighths(&opened, 2).expect("the scale is chosen"))
        };
        let mut swapped = file.clone();
        let is_restart = |pair: &[u8]| pair[0] == 0xFF && (RST0..RST0 + 8).contains(&pair[1]);
        let restart = start + scan.data.windows(2).position(is_restart).expect("a restart marker");
        swapped[restart + 1] ^= 1;
        assert_eq!(directly(&swapped), None, "another restart marker in scan {number}");
        let shorter = [&file[..end - 4], &file[end..]].concat();
        assert_eq!(directly(&shorter), None, "scan {number} ends early");
        let longer = [&file[..end], &[0x55; 4], &file[end..]].concat();
        assert_eq!(directly(&longer), None, "scan {number} ends late");
    }
}
