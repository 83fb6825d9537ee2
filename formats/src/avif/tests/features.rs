//! Tests of the features that are refused by name at upload, and of similar ones that are accepted.

use super::strict::{Meta, sample};
use super::writer::{Av1, Item, file, full, part};
use super::*;
use crate::avif::{Feature, Matrix};
use crate::tests::{is_invalid, refused_as};

/// Fails unless both readings refuse the file because of this feature.
#[track_caller]
fn lacks(bytes: &[u8], feature: Feature) {
    assert_eq!(refused_as(bytes), feature.to_string());
    assert_eq!(leniently(bytes).0.unwrap_err(), AvifFault::Unsupported(feature));
}

/// Fails unless both readings accept the file with the same result.
#[track_caller]
fn taken(bytes: &[u8]) -> Avif {
    let found = leniently(bytes).0.expect("the lenient reading takes it");
    assert_eq!(check(bytes), Ok(found.header()));
    found
}

#[test]
fn what_is_not_decoded_is_refused_by_name() {
    let one = |item: Item| file(&[item]);
    let named = |kind: &[u8; 4]| Item::new(kind, b"data").sized(64, 48);
    for kind in [b"iovl", b"iden", b"tmap", b"sato"] {
        lacks(&one(named(kind)), Feature::DerivedImage);
    }
    for kind in [b"hvc1", b"hev1"] {
        lacks(&one(named(kind)), Feature::Hevc);
    }
    for kind in [b"jpeg", b"avc1", b"vvc1"] {
        lacks(&one(named(kind)), Feature::OtherCoding);
    }
    lacks(&one(Item::av1(64, 48).with(part(b"unkn", b""), true)), Feature::UnknownProperty);
    lacks(&one(Item::av1(64, 48).with(part(b"lsel", &[0, 1]), true)), Feature::ChosenLayer);
    let film = [part(b"ftyp", b"avis\0\0\0\0"), part(b"moov", b"tracks")].concat();
    lacks(&film, Feature::SequenceWithoutStill);

    let grid = Item::grid(1, 2, (128, 64), &[2, 3]);
    let tile = || Item::av1(64, 64);
    lacks(&file(&[grid.clone(), tile(), tile(), Item::grey(64, 64).alpha_of(2)]), Feature::AlphaOfSomeTiles);
    lacks(&file(&[grid.clone(), tile(), tile().with(part(b"unkn", b""), true)]), Feature::UnknownProperty);
    lacks(&file(&[grid, tile(), named(b"hvc1").sized(64, 64)]), Feature::Hevc);
    let alpha = Item::new(b"iden", b"data").sized(64, 48).alpha_of(1);
    lacks(&file(&[Item::av1(64, 48), alpha]), Feature::DerivedImage);
}

#[test]
fn properties_that_may_be_passed_over_are() {
    let item = Item::av1(64, 48).with(part(b"unkn", b""), false).with(part(b"a1lx", &[0; 7]), true);
    let item = item.with(part(b"lsel", &[0xFF, 0xFF]), true).with(part(b"irot", b""), true);
    assert_eq!(taken(&file(&[item])).quarter_turns, 0);
}

#[test]
fn properties_that_are_needed_are_not_cut_off() {
    for property in [full(b"ispe", 0, &[0; 7]), part(b"a1op", b""), part(b"lsel", b"\0")] {
        assert!(is_invalid(&file(&[Item::av1(64, 48).with(property, true)])));
    }
    assert!(is_invalid(&file(&[Item::av1(64, 48).with(part(b"a1op", &[32]), true)])));
}

#[test]
fn layers_may_be_smaller_than_the_largest_of_them() {
    let layered = Av1 { layered: true, ..Av1::new(640, 480) }.data();
    let item = |width, height| Item::new(b"av01", &layered).sized(width, height);
    let found = taken(&file(&[item(320, 240).with(part(b"a1op", &[1]), true)]));
    assert_eq!((found.colour.operating_point, found.header().width), (1, 320));
    taken(&file(&[item(640, 480)]));
    assert!(is_invalid(&file(&[item(641, 480)])));
}

#[test]
fn data_of_another_size_than_the_file_says_is_invalid() {
    let data = Av1::new(64, 48).data();
    for (width, height) in [(63, 48), (64, 47), (65, 48), (1, 1), (64_000, 48_000)] {
        assert!(is_invalid(&file(&[Item::new(b"av01", &data).sized(width, height)])), "{width} × {height}");
    }
    for data in [&b""[..], b"\0", &[0; 2000], &data[..5], &data[..12]] {
        assert!(is_invalid(&file(&[Item::new(b"av01", data).sized(64, 48)])), "{} bytes", data.len());
    }
}

#[test]
fn matrices_are_known_by_the_file_or_by_the_data_and_the_file_goes_first() {
    let coloured = |matrix| Av1 { colours: Some([9, 16, matrix]), ..Av1::new(64, 48) }.data();
    let item = |matrix| Item::new(b"av01", &coloured(matrix)).sized(64, 48);
    let nclx = |matrix: u8| part(b"colr", &[b'n', b'c', b'l', b'x', 0, 9, 0, 16, 0, matrix, 0x80]);
    for matrix in [10, 11, 13, 14, 15, 18, 200] {
        lacks(&file(&[item(matrix)]), Feature::Matrix);
        lacks(&file(&[item(6).with(nclx(matrix), false)]), Feature::Matrix);
        taken(&file(&[item(matrix).with(nclx(9), false)]));
    }
    let found = |matrix| taken(&file(&[item(matrix)])).matrix;
    assert_eq!(found(8), Matrix::YCgCo);
    assert_eq!(found(16), Matrix::YCgCoR { added_bits: 2 });
    assert_eq!(found(17), Matrix::YCgCoR { added_bits: 1 });
    // Whole numbers have no limited range.
    let limited = Av1 { colours: Some([1, 13, 16]), full_range: false, ..Av1::new(64, 48) }.data();
    lacks(&file(&[Item::new(b"av01", &limited).sized(64, 48)]), Feature::Matrix);
    // Three of four pixels would have no red and no blue.
    assert!(is_invalid(&file(&[item(6).with(nclx(0), false)])));
    // Grey has no matrix.
    let grey = Av1 { grey: true, colours: Some([1, 13, 14]), ..Av1::new(64, 48) }.data();
    taken(&file(&[Item::new(b"av01", &grey).sized(64, 48)]));
}

#[test]
fn alpha_lies_beside_a_grid_as_one_item_as_another_grid_or_by_the_tile() {
    let grid = Item::grid(1, 2, (100, 60), &[2, 3]);
    let colour = [grid, Item::av1(64, 64), Item::av1(64, 64)];
    let with = |alpha: &[Item]| taken(&file(&[&colour[..], alpha].concat())).alpha.expect("an alpha channel");
    assert_eq!(with(&[Item::grey(100, 60).alpha_of(1)]).tiles.len(), 1);
    let alpha = Item::grid(2, 1, (100, 60), &[5, 6]).alpha_of(1);
    assert_eq!(with(&[alpha, Item::grey(100, 32), Item::grey(100, 32)]).columns, 1);
    let alpha = with(&[Item::grey(64, 64).alpha_of(2), Item::grey(64, 64).alpha_of(3)]);
    assert_eq!((alpha.tiles.len(), alpha.columns, alpha.size.width), (2, 2, 100));
    let alpha = Item::grid(1, 2, (100, 60), &[3, 4]).alpha_of(1);
    let one = file(&[Item::av1(100, 60), alpha, Item::grey(64, 64), Item::grey(64, 64)]);
    assert_eq!(taken(&one).alpha.map(|alpha| alpha.tiles.len()), Some(2));
}

#[test]
fn alpha_without_a_size_is_as_large_as_the_image_and_of_another_size_is_invalid() {
    let data = Av1 { grey: true, ..Av1::new(64, 48) }.data();
    taken(&file(&[Item::av1(64, 48), Item::new(b"av01", &data).alpha_of(1)]));
    assert!(is_invalid(&file(&[Item::av1(64, 48), Item::grey(64, 49).alpha_of(1)])));
    assert!(is_invalid(&file(&[Item::av1(65, 48), Item::new(b"av01", &data).alpha_of(1)])));
}

#[test]
fn tiles_that_do_not_make_up_the_grid_are_invalid() {
    let with = |grid: Item, tile: Item| is_invalid(&file(&[grid, Item::av1(64, 64), tile]));
    let good = || Item::grid(1, 2, (100, 64), &[2, 3]);
    assert!(!with(good(), Item::av1(64, 64)));
    assert!(with(Item::grid(1, 2, (129, 64), &[2, 3]), Item::av1(64, 64)));
    assert!(with(Item::grid(1, 2, (64, 64), &[2, 3]), Item::av1(64, 64)));
    assert!(with(Item::grid(2, 2, (100, 90), &[2, 3]), Item::av1(64, 64)));
    assert!(with(Item::grid(1, 2, (100, 64), &[2, 7]), Item::av1(64, 64)));
    assert!(with(Item::grid(1, 2, (100, 64), &[]), Item::av1(64, 64)));
    assert!(with(Item::grid(1, 2, (100, 64), &[1, 2]), Item::av1(64, 64)));
    assert!(with(good(), Item::av1(64, 60)));
    assert!(with(good(), Item::grey(64, 64)));
    // Colours that are stored for two by two pixels do not end in the middle of them.
    let odd = [Item::grid(1, 2, (100, 63), &[2, 3]), Item::av1(63, 63), Item::av1(63, 63)];
    assert!(is_invalid(&file(&odd)));
}

#[test]
fn tiles_beyond_the_limits_of_an_image_are_refused_by_name() {
    let tile = |side: u32| file(&[Item::grid(1, 1, (64, 64), &[2]), Item::av1(side, side)]);
    taken(&tile(512));
    assert_eq!(refused_as(&tile(20_000)), Feature::LargeTiles.to_string());
}

#[test]
fn an_item_of_several_pieces_is_read_across_them() {
    let data = Av1::new(300, 200).data();
    let whole = sample();
    let start = whole.len() - data.len();
    // The header of the data lies in both pieces, and a byte between them belongs to neither.
    let (first, second) = data.split_at(5);
    let mut meta = Meta::new(b"av01");
    let mut iloc = |start: usize| {
        let pieces = [start, first.len(), start + first.len() + 1, second.len()];
        let pieces = pieces.map(|number| (number as u32).to_be_bytes()).concat();
        meta.iloc = full(b"iloc", 0, &[&[0x44, 0, 0, 1, 0, 1, 0, 0, 0, 2][..], &pieces].concat());
        let file = meta.file();
        [&file[..file.len() - data.len()], first, b"?", second].concat()
    };
    let longer = iloc(start).len() - 1 - whole.len();
    let bytes = iloc(start + longer);
    assert_eq!(taken(&bytes).colour.tiles[0].bytes(&bytes), data);
}
