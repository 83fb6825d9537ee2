//! Tests of tiles, crops and turns, and of features that are refused by name.

use super::*;

#[test]
fn tiles_are_put_side_by_side_and_what_stands_out_is_left_out() {
    let grid = Item::grid(1, 2, (100, 48), &[2, 3]);
    let variants = rendered(&File(vec![grid, image(I420), image(PLAIN_RED)]).bytes());
    for variant in [&variants.small, &variants.medium] {
        assert_eq!((variant.width, variant.height), (100, 48));
        let pixels = decoded(variant).into_rgb8();
        assert_close(pixels.get_pixel(10, 40).0, BLUE, 6);
        assert_close(pixels.get_pixel(58, 40).0, YELLOW, 6);
        assert_close(pixels.get_pixel(70, 40).0, RED, 6);
        assert_close(pixels.get_pixel(99, 0).0, RED, 6);
    }
    let grid = Item::grid(2, 1, (64, 90), &[3, 2]);
    let variants = rendered(&File(vec![grid, image(I420), image(PLAIN_RED)]).bytes());
    let pixels = decoded(&variants.medium).into_rgb8();
    assert_close(pixels.get_pixel(40, 20).0, RED, 6);
    assert_close(pixels.get_pixel(40, 60).0, GREEN, 6);
    assert_close(pixels.get_pixel(40, 89).0, YELLOW, 6);
}

#[test]
fn tiles_that_do_not_fit_together_are_damaged() {
    let code = |items: Vec<Item>| refused(&File(items).bytes(), &RenderLimits::default()).code();
    let two = || [image(I420), image(PLAIN_RED)];
    let with = |grid: Item| [vec![grid], two().to_vec()].concat();
    assert_eq!(code(with(Item::grid(1, 2, (129, 48), &[2, 3]))), "decode_failed");
    assert_eq!(code(with(Item::grid(1, 2, (64, 48), &[2, 3]))), "decode_failed");
    assert_eq!(code(with(Item::grid(2, 2, (100, 90), &[2, 3]))), "decode_failed");
    assert_eq!(code(with(Item::grid(1, 2, (100, 48), &[2, 7]))), "decode_failed");
    assert_eq!(code(with(Item::grid(1, 2, (100, 48), &[]))), "decode_failed");
    assert_eq!(code(with(Item::grid(1, 2, (100, 48), &[1, 2]))), "decode_failed");
    let other = vec![Item::grid(1, 2, (100, 48), &[2, 3]), image(I420), image(I444)];
    assert_eq!(code(other), "decode_failed");
}

#[test]
fn turns_and_mirrors_make_the_picture_upright_and_exif_has_no_say() {
    let [red, green, blue, yellow] = ALL;
    let turn = |turns: u8| part(b"irot", &[turns]);
    let mirror = |axis: u8| part(b"imir", &[axis]);
    let shown = |properties: &[Vec<u8>]| {
        let item = properties.iter().cloned().fold(image(I444), Item::with_essential);
        let exif = Item::new(b"Exif", &[&[0; 4][..], &files::exif(6)].concat()).refers(b"cdsc", &[1]);
        rendered(&File(vec![item, exif]).bytes())
    };
    shows(&shown(&[]), (64, 48), ALL);
    // A quarter to the left.
    shows(&shown(&[turn(1)]), (48, 64), [green, yellow, red, blue]);
    shows(&shown(&[turn(2)]), (64, 48), [yellow, blue, green, red]);
    shows(&shown(&[turn(3)]), (48, 64), [blue, red, yellow, green]);
    // 0 swaps top and bottom, 1 left and right; after the turn.
    shows(&shown(&[mirror(0)]), (64, 48), [blue, yellow, red, green]);
    shows(&shown(&[mirror(1)]), (64, 48), [green, red, yellow, blue]);
    shows(&shown(&[turn(1), mirror(0)]), (48, 64), [red, blue, green, yellow]);
    shows(&shown(&[turn(1), mirror(1)]), (48, 64), [yellow, green, blue, red]);
    shows(&shown(&[turn(2), mirror(0)]), (64, 48), [green, red, yellow, blue]);
    shows(&shown(&[turn(3), mirror(1)]), (48, 64), [red, blue, green, yellow]);
}

fn clap(numbers: [i32; 8]) -> Vec<u8> {
    part(b"clap", &numbers.map(i32::to_be_bytes).concat())
}

#[test]
fn a_crop_is_around_the_middle_and_comes_before_the_turn() {
    let cropped = image(I444).with_essential(clap([32, 1, 24, 1, 16, 1, 12, 1]));
    shows(&rendered(&File(vec![cropped.clone()]).bytes()), (32, 24), [YELLOW; 4]);
    let turned = cropped.with_essential(part(b"irot", &[1]));
    shows(&rendered(&File(vec![turned]).bytes()), (24, 32), [YELLOW; 4]);
    let left = image(I420).with_essential(clap([63, 2, 48, 1, -1, 4, 0, 1]));
    shows(&rendered(&File(vec![left]).bytes()), (64, 48), ALL);
}

#[test]
fn a_crop_outside_of_the_picture_or_of_nonsense_is_passed_over() {
    for numbers in [
        [32, 1, 24, 1, 17, 1, 0, 1],
        [65, 1, 48, 1, 0, 1, 0, 1],
        [0, 1, 48, 1, 0, 1, 0, 1],
        [-2, 1, 48, 1, 0, 1, 0, 1],
        [32, 0, 24, 1, 0, 1, 0, 1],
        [i32::MIN, -1, i32::MAX, i32::MIN, i32::MIN, i32::MAX, i32::MAX, 1],
    ] {
        let file = File(vec![image(I444).with_essential(clap(numbers))]);
        shows(&rendered(&file.bytes()), (64, 48), ALL);
    }
}

#[test]
fn what_is_made_of_others_or_needs_more_than_is_known_is_refused_by_name() {
    let refused_as = |items: Vec<Item>| refused(&File(items).bytes(), &RenderLimits::default()).code();
    assert_eq!(refused_as(vec![Item::new(b"iovl", b"x").sized(64, 48)]), "unsupported_feature");
    assert_eq!(refused_as(vec![Item::new(b"hvc1", b"x").sized(64, 48)]), "unsupported_feature");
    assert_eq!(refused_as(vec![image(I420).with_essential(part(b"unkn", b""))]), "unsupported_feature");
    assert_eq!(refused_as(vec![image(I420).with_essential(part(b"lsel", &[0, 1]))]), "unsupported_feature");
    let grid = Item::grid(1, 2, (128, 48), &[2, 3]);
    let some = vec![grid, image(I420), image(I420), image(GREY).alpha_of(2)];
    assert_eq!(refused_as(some), "unsupported_feature");
    let film = [part(b"ftyp", b"avis\0\0\0\0"), part(b"moov", b"tracks")].concat();
    assert_eq!(refused(&film, &RenderLimits::default()).code(), "unsupported_feature");
}

#[test]
fn alpha_may_lie_beside_a_grid_as_one_image_or_by_the_tile() {
    let grid = Item::grid(1, 2, (128, 48), &[2, 3]);
    let by_tile = [image(GREY).alpha_of(2), image(GREY).alpha_of(3)];
    let file = File([vec![grid, image(I420), image(PLAIN_RED)], by_tile.to_vec()].concat());
    let seen = decoded(&rendered(&file.bytes()).medium).into_rgba8();
    assert_eq!(seen.dimensions(), (128, 48));
    // Each alpha goes from 0 at the left of its tile to 255 at the right.
    for (x, alpha) in [(1, 4_u8), (62, 251), (65, 4), (126, 251)] {
        assert!(seen.get_pixel(x, 20).0[3].abs_diff(alpha) < 10, "{x}: {:?}", seen.get_pixel(x, 20));
    }
    let one = File(vec![Item::grid(1, 1, (64, 48), &[2]), image(I420), image(GREY).alpha_of(1)]);
    let seen = decoded(&rendered(&one.bytes()).medium).into_rgba8();
    assert!(seen.get_pixel(1, 20).0[3] < 10 && seen.get_pixel(62, 20).0[3] > 245);
}

#[test]
fn real_files_with_alpha_by_the_tile_and_alpha_without_a_size_are_rendered() {
    for bytes in [
        &include_bytes!("../../../../../formats/tests/files/avif/alpha_by_tile.avif")[..],
        include_bytes!("../../../../../formats/tests/files/avif/alpha_without_size.avif"),
    ] {
        let variants = rendered(bytes);
        assert_eq!((variants.medium.width, variants.medium.height), (80, 80));
        let seen = decoded(&variants.medium).into_rgba8();
        let alphas: Vec<u8> = seen.pixels().map(|pixel| pixel.0[3]).collect();
        assert!(alphas.contains(&0) && alphas.contains(&255), "{alphas:?}");
    }
}
