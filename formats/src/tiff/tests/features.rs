//! Tests that features which are not supported are refused by name at upload.

use super::*;

#[test]
fn each_compression_that_is_not_decoded_is_refused_by_its_name() {
    for (number, name) in [
        (2, "CCITT run-length compression"),
        (3, "CCITT Group 3 compression"),
        (6, "old-style JPEG compression"),
        (32_809, "ThunderScan compression"),
        (34_712, "JPEG 2000 compression"),
        (34_925, "LZMA compression"),
        (50_000, "Zstandard compression"),
        (50_001, "WebP compression"),
        (0, "the unknown compression 0"),
        (60_000, "the unknown compression 60000"),
    ] {
        assert_eq!(refused_as(&with(259, SHORT, 1, number)), format!("TIFF with {name}"));
    }
    for decoded in [1, 5, 7, 8, 32_946, 32_773] {
        assert_eq!(extent(&with(259, SHORT, 1, decoded)), (4, 2, 1), "{decoded}");
    }
}

#[test]
fn each_colour_space_that_is_not_decoded_is_refused_by_its_name() {
    for (number, name) in [
        (4, "a transparency mask as its image"),
        (8, "CIE L*a*b* colours"),
        (9, "ICC L*a*b* colours"),
        (32_803, "a colour filter array"),
        (32_845, "SGI LogLuv colours"),
        (7, "the unknown colour space 7"),
    ] {
        assert_eq!(refused_as(&with(262, SHORT, 1, number)), format!("TIFF with {name}"));
    }
    assert_eq!(refused_as(&without(262)), "TIFF with colours of an unknown kind");
}

#[test]
fn each_kind_of_sample_that_is_not_decoded_is_refused_by_its_name() {
    assert_eq!(refused_as(&with(339, SHORT, 1, 2)), "TIFF with signed samples");
    assert_eq!(refused_as(&with(339, SHORT, 1, 5)), "TIFF with complex samples");
    assert_eq!(refused_as(&with(339, SHORT, 1, 9)), "TIFF with the unknown sample format 9");
    assert_eq!(refused_as(&with(258, SHORT, 1, 17)), "TIFF with samples of 17 bits");
    assert_eq!(refused_as(&with(339, SHORT, 1, 3)), "TIFF with floating-point samples of 8 bits");
    let unequal = (258, SHORT, 2, 8 | 9 << 16);
    assert_eq!(refused_as(&with_all(&[unequal, (277, SHORT, 1, 2)])), "TIFF with samples of different kinds");
    assert!(is_invalid(&with(258, SHORT, 1, 0)));
    assert!(is_invalid(&with(277, SHORT, 1, 0)));
    for bits in 1..=8 {
        assert_eq!(extent(&with(258, SHORT, 1, bits)), (4, 2, 1), "{bits}");
    }
    // Undefined samples are plain numbers.
    assert_eq!(extent(&with(339, SHORT, 1, 4)), (4, 2, 1));
}

#[test]
fn a_coding_that_does_not_fit_the_samples_is_refused_by_its_name() {
    let (bits, fax, jpeg, lzw) =
        (|bits| (258, SHORT, 1, bits), (259, SHORT, 1, 4), (259, SHORT, 1, 7), (259, SHORT, 1, 5));
    let name = |entries: &[_]| refused_as(&with_all(entries));
    assert_eq!(name(&[fax]), "TIFF with CCITT Group 4 compression of more than 1 bit");
    assert_eq!(name(&[jpeg, bits(12)]), "TIFF with JPEG compression of 12 bits");
    assert_eq!(name(&[lzw, bits(12), (317, SHORT, 1, 2)]), "TIFF with a predictor for samples of 12 bits");
    assert_eq!(name(&[lzw, (317, SHORT, 1, 3)]), "TIFF with a floating-point predictor for integers");
    assert_eq!(name(&[lzw, (317, SHORT, 1, 4)]), "TIFF with the unknown predictor 4");
    let tall = [fax, bits(1), (257, LONG, 1, 65_536)];
    assert_eq!(name(&tall), "TIFF with CCITT Group 4 strips of more than 65,535 rows or columns");
    // Where there is no predictor, its number means nothing.
    assert_eq!(extent(&with(317, SHORT, 1, 2)), (4, 2, 1));
}

#[test]
fn a_coding_that_does_not_fit_the_colours_is_refused_by_its_name() {
    let three = (277, SHORT, 1, 3);
    let ycbcr = [(262, SHORT, 1, 6), three];
    assert_eq!(refused_as(&with_all(&ycbcr)), "TIFF with subsampled YCbCr that is not JPEG");
    let jpeg = with_all(&[ycbcr[0], three, (259, SHORT, 1, 7)]);
    assert_eq!(extent(&jpeg), (4, 2, 1));
    let palette = [(262, SHORT, 1, 3), (258, SHORT, 1, 16), (320, SHORT, 1 << 20, 0)];
    assert!(is_invalid(&with_all(&palette)));
    assert!(is_invalid(&with(262, SHORT, 1, 3)));
    assert!(is_invalid(&with(262, SHORT, 1, 2)));
    assert!(is_invalid(&with_all(&[three, (284, SHORT, 1, 3)])));
}

#[test]
fn pieces_that_are_left_out_or_of_unknown_length_are_refused_by_name() {
    assert_eq!(refused_as(&without(279)), "TIFF with strips or tiles of unknown length");
    let left_out = with_all(&[(273, LONG, 1, 0), (279, LONG, 1, 0)]);
    assert_eq!(refused_as(&left_out), "TIFF with strips or tiles that are left out");
    let empty = with_all(&[(259, SHORT, 1, 5), (279, LONG, 1, 0)]);
    assert_eq!(refused_as(&empty), "TIFF with strips or tiles that are left out");
}

#[test]
fn lzw_as_it_was_first_written_is_refused_by_name() {
    let mut bytes = with(259, SHORT, 1, 5);
    let strip = bytes.len() - 8;
    bytes[strip..][..2].copy_from_slice(&[0, 1]);
    assert_eq!(refused_as(&bytes), "TIFF with the LZW compression of before 1988");
    bytes[strip..][..2].copy_from_slice(&[0x80, 0]);
    assert_eq!(extent(&bytes), (4, 2, 1));
}

#[test]
fn tiles_whose_rows_end_within_a_byte_are_refused_by_name_if_others_lie_beside_them() {
    let bytes = CLASSIC.file(|end| {
        let mut entries = tile(end);
        entries.retain(|entry| ![258, 322, 324, 325].contains(&entry.0));
        // Two tiles of 2 pixels of 1 bit; their places and lengths stand in the entries.
        entries.extend([(258, SHORT, 1, 1), (322, SHORT, 1, 2)]);
        entries.extend([(324, SHORT, 2, end | end << 16), (325, SHORT, 2, 2 | 2 << 16)]);
        entries
    });
    assert_eq!(refused_as(&bytes), "TIFF with tiles whose rows end within a byte");
}

#[test]
fn files_of_other_projects_are_refused_by_the_name_of_their_feature() {
    let fax = include_bytes!("../../../tests/files/tiff/ccitt_g3.tif");
    assert_eq!(refused_as(fax), "TIFF with CCITT Group 3 compression");
    let signed = include_bytes!("../../../tests/files/tiff/signed_8_bits.tif");
    assert_eq!(refused_as(signed), "TIFF with signed samples");
}
