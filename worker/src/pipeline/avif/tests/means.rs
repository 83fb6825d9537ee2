//! Tests that the colours of blocks are the means of the colours of their pixels.

use super::{
    super::{colours::Converter, planes::Planes},
    *,
};
use resizinator_formats::avif;

/// The means of blocks by definition: of each pixel's red, green and blue.
fn by_definition(rows: &[Vec<[f32; 3]>], across: usize) -> Vec<[f32; 3]> {
    let columns = rows[0].len();
    (0..columns)
        .step_by(across)
        .map(|start| {
            let end = columns.min(start + across);
            let pixels = || rows.iter().flat_map(|row| &row[start..end]);
            let mean = |channel: usize| pixels().map(|pixel| pixel[channel]).sum::<f32>();
            [0, 1, 2].map(|channel| mean(channel) / (rows.len() * (end - start)) as f32)
        })
        .collect()
}

#[track_caller]
fn same_as_by_definition(item: Item, is_eight: bool) {
    let file = File(vec![item]).bytes();
    let image = avif::read(&file).expect("the boxes are readable");
    if is_eight { compare::<u8>(&file, &image) } else { compare::<u16>(&file, &image) }
}

#[track_caller]
fn compare<S: super::super::planes::Stored>(file: &[u8], image: &avif::Avif) {
    let colour = Planes::<S>::decode(file, &image.colour, false).map_err(|_| ()).expect("it is decoded");
    let mut converter = Converter::<S, u8>::new(&colour, None, image);
    assert!(converter.is_linear());
    for (top, left, right, down, across) in
        [(0, 0, 64, 1, 1), (0, 0, 64, 3, 5), (1, 3, 60, 2, 2), (5, 0, 61, 43, 64), (47, 63, 64, 1, 7)]
    {
        for start in (top..48).step_by(down) {
            let rows = start..48.min(start + down as u32);
            let mut pixels = Vec::new();
            for row in rows.clone() {
                let [red, green, blue, _] = converter.row(row);
                pixels.push((left..right).map(|x| [red[x], green[x], blue[x]]).collect());
            }
            let expected = by_definition(&pixels, across);
            let [red, green, blue] = converter.means(rows.clone(), left..right, across);
            assert_eq!(red.len(), expected.len());
            for (n, pixel) in expected.into_iter().enumerate() {
                let seen = [red[n], green[n], blue[n]];
                let off = (0..3).map(|channel| (seen[channel] - pixel[channel]).abs()).fold(0.0, f32::max);
                assert!(off < 1e-4, "{rows:?}, {left}, {across}, {n}: {seen:?} instead of {pixel:?}");
            }
        }
    }
}

#[test]
fn the_colour_of_a_block_is_the_mean_of_its_pixels_in_every_subsampling_and_depth() {
    for data in [I420, I422, I444, LIMITED, EXACT, GREY] {
        same_as_by_definition(image(data), true);
    }
    for data in [TEN, TWELVE] {
        same_as_by_definition(image(data), false);
    }
}

#[test]
fn the_colour_of_a_block_is_the_mean_of_its_pixels_with_every_linear_matrix() {
    for matrix in [0, 1, 6, 8, 9] {
        same_as_by_definition(image(EXACT).coloured(1, 13, matrix, true), true);
        same_as_by_definition(image(EXACT).coloured(1, 13, matrix, false), true);
    }
}
