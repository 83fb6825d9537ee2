//! Tests of files that try to keep a reader busy, for example with counts at their maximum. The cost is counted in
//! steps, which are reads.

use super::strict::{Meta, ispe};
use super::writer::{Av1, Item, file, full, part};
use super::*;

/// Fails unless both readings refuse the file after at most this many steps.
#[track_caller]
fn is_refused_within(steps: u64, bytes: &[u8]) {
    let (found, strict) = strictly(bytes);
    assert_eq!(found, Err(Refusal::Invalid));
    let (found, lenient) = leniently(bytes);
    assert!(matches!(found, Err(AvifFault::Damaged(_) | AvifFault::EndedEarly)), "{found:?}");
    assert!(strict <= steps && lenient <= steps, "{strict} and {lenient} steps");
}

/// Fails unless both readings accept the file after at most this many steps.
#[track_caller]
fn is_taken_within(steps: u64, bytes: &[u8]) {
    let ((strict, strict_steps), (lenient, lenient_steps)) = (strictly(bytes), leniently(bytes));
    assert_eq!(strict.unwrap(), lenient.unwrap().header());
    assert!(strict_steps <= steps && lenient_steps <= steps, "{strict_steps} and {lenient_steps} steps");
}

/// A generous number of steps for an ordinary file.
const FEW: u64 = 500;
/// A generous number of steps for a file with one box more than is allowed.
const ALL_BOXES: u64 = 3 * 4096 + FEW;

#[test]
fn a_million_empty_boxes_are_not_all_opened() {
    let whole = Meta::new(b"av01").file();
    let empty = part(b"free", b"").repeat(1_000_000);
    is_refused_within(ALL_BOXES, &[&whole[..20], &empty, &whole[20..]].concat());
    let mut meta = Meta::new(b"av01");
    meta.more = empty.clone();
    is_refused_within(ALL_BOXES, &meta.file());
    meta.more = full(b"iref", 0, &empty);
    is_refused_within(ALL_BOXES, &meta.file());
    let mut meta = Meta::new(b"av01");
    meta.ipco = part(b"ipco", &empty);
    is_refused_within(ALL_BOXES, &meta.file());
    let mut meta = Meta::new(b"av01");
    meta.iinf = full(b"iinf", 0, &[&[0, 1][..], &empty].concat());
    is_refused_within(ALL_BOXES, &meta.file());
}

#[test]
fn boxes_inside_of_boxes_are_not_followed() {
    let mut nested = Vec::new();
    for _ in 0..10_000 {
        nested.splice(0..0, (nested.len() as u32 + 12).to_be_bytes().into_iter().chain(*b"meta\0\0\0\0"));
    }
    is_refused_within(FEW, &[part(b"ftyp", b"avif\0\0\0\0mif1"), nested].concat());
}

/// `iloc` of `items`, each with so many extents, of numbers of 4 bytes or of none.
fn places(items: u32, extents: u16, wide: bool) -> Vec<u8> {
    let sizes = if wide { 0x44 } else { 0 };
    let mut data = vec![sizes, 0];
    data.extend(items.to_be_bytes());
    for id in 1..=items {
        data.extend(id.to_be_bytes());
        data.extend([0; 4]);
        data.extend(extents.to_be_bytes());
        if wide {
            data.extend([0, 0, 0, 0, 0, 0, 0, 1].repeat(extents.into()));
        }
    }
    full(b"iloc", 2, &data)
}

#[test]
fn extents_of_no_bytes_cost_nothing() {
    let mut meta = Meta::new(b"av01");
    meta.iloc = places(4096, 65_535, false);
    is_refused_within(FEW, &meta.file());
}

#[test]
fn extents_of_some_bytes_are_passed_over_up_to_a_limit() {
    let mut meta = Meta::new(b"av01");
    meta.iloc = places(2, 65_535, true);
    is_refused_within(FEW, &meta.file());
    // All of one item overlap; they are followed as long as they are fewer bytes than the file.
    meta.iloc = places(1, 65_535, true);
    let file = meta.file();
    is_refused_within(4 * file.len() as u64, &file);
}

#[test]
fn a_size_of_numbers_that_does_not_exist_is_refused() {
    for size in [1, 2, 3, 5, 15] {
        let mut meta = Meta::new(b"av01");
        meta.iloc[12] = size << 4 | 4;
        is_refused_within(FEW, &meta.file());
    }
}

/// `ipma` in which so many items have 255 properties each, and the first item the third property.
fn associations(items: u16) -> Vec<u8> {
    let mut data = (u32::from(items) + 1).to_be_bytes().to_vec();
    data.extend([0, 1, 1, 3]);
    for id in 1..=items {
        data.extend(id.to_be_bytes());
        data.push(255);
        data.extend((0..255).map(|index| index % 128));
    }
    full(b"ipma", 0, &data)
}

#[test]
fn associations_are_read_once_however_many_properties_there_are() {
    let mut meta = Meta::new(b"av01");
    let others = [part(b"pixi", b"any"), ispe(9, 9), ispe(300, 200)];
    meta.ipco = part(b"ipco", &[others.concat(), ispe(8, 8).repeat(4000)].concat());
    meta.iloc = full(b"iloc", 0, b"\x44\0\0\0");
    meta.ipma = associations(250);
    // One step each, and two for each property.
    let mut placed = Meta::new(b"av01");
    (placed.ipco, placed.ipma) = (meta.ipco, meta.ipma);
    let start = placed.file().len() - Av1::new(300, 200).data().len();
    placed.iloc = super::strict::iloc(0, start as u32, Av1::new(300, 200).data().len() as u32);
    is_taken_within(250 * 260 + 4000 * 8 + FEW, &placed.file());
    placed.ipma = associations(4096);
    is_refused_within(65_536 * 2 + 4000 * 8 + FEW, &placed.file());
}

#[test]
fn references_are_read_a_fixed_number_of_times_however_many_tiles_there_are() {
    // Each tile has an alpha channel, which refers to all tiles.
    let tiles: Vec<u16> = (2..=101).collect();
    let mut items = vec![Item::grid(10, 10, (640, 640), &tiles)];
    items.extend(tiles.iter().map(|_| Item::av1(64, 64)));
    items.extend(tiles.iter().map(|_| {
        let mut alpha = Item::grey(64, 64).alpha_of(1);
        alpha.references = vec![(*b"auxl", tiles.clone())];
        alpha
    }));
    let bytes = file(&items);
    is_taken_within(3 * bytes.len() as u64, &bytes);

    items[0].references = vec![(*b"dimg", vec![2; 65_535]), (*b"dimg", vec![2; 65_535])];
    is_refused_within(4 * 65_536 + FEW * 201, &file(&items));
}

#[test]
fn more_items_than_any_image_has_are_refused() {
    let mut meta = Meta::new(b"av01");
    let entries = (1..=5000_u16).map(|id| {
        let id = id.to_be_bytes();
        full(b"infe", 2, &[&id[..], b"\0\0av01\0"].concat())
    });
    meta.iinf = full(b"iinf", 0, &[&[0x13, 0x88][..], &entries.collect::<Vec<_>>().concat()].concat());
    is_refused_within(10 * 4096 + FEW, &meta.file());
    let mut meta = Meta::new(b"av01");
    meta.iloc = places(5000, 1, true);
    is_refused_within(10 * 4096 + FEW, &meta.file());
}

#[test]
fn a_description_of_4_megabytes_takes_no_more_steps_than_a_short_one() {
    let data = Av1::new(300, 200).data();
    let mut meta = Meta::new(b"av01");
    meta.iloc = super::strict::iloc(1, 0, data.len() as u32);
    meta.more = part(b"idat", &[data, vec![0; 4 << 20]].concat());
    is_taken_within(FEW, &meta.file());
}

#[test]
fn a_grid_of_hundreds_of_tiles_is_ordinary() {
    let tiles: Vec<u16> = (2..=401).collect();
    let mut items = vec![Item::grid(20, 20, (1280, 1280), &tiles)];
    items.extend(tiles.iter().map(|_| Item::av1(64, 64)));
    let bytes = file(&items);
    is_taken_within(bytes.len() as u64, &bytes);
}

#[test]
fn blank_tiles_may_share_their_bytes_but_long_data_is_not_repeated_for_ever() {
    let shared = |padding: usize| {
        let mut items = vec![Item::grid(20, 20, (1280, 1280), &[2; 400]), Item::av1(64, 64)];
        items[1].data.extend(vec![0; padding]);
        file(&items)
    };
    is_taken_within(400 * 20 + FEW, &shared(0));
    is_refused_within(400 * 20 + FEW, &shared(100_000));
}
