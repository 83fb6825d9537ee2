//! Tests of the formats that are accepted as an image, and of the refusals of other files.

use image::ImageFormat;

use crate::helpers::{Form, TestApp, encoded, png, png_of_height};

const INVALID: &str =
    "Upload a valid image. The file you uploaded was either not an image or a corrupted image.";

const FORMATS: [(ImageFormat, &str); 6] = [
    (ImageFormat::Jpeg, "image/jpeg"),
    (ImageFormat::Png, "image/png"),
    (ImageFormat::Gif, "image/gif"),
    (ImageFormat::WebP, "image/webp"),
    (ImageFormat::Bmp, "image/bmp"),
    (ImageFormat::Tiff, "image/tiff"),
];

#[tokio::test]
async fn every_accepted_format_comes_back_as_what_it_is_whatever_the_client_calls_it() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (format, content_type) in FORMATS {
        let bytes = encoded(format);
        let disposition = "form-data; name=\"original\"; filename=\"photo.bmp\"";
        let answer = ada.submit(Form::new().part(disposition, "text/html", &bytes)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let served = app.get(answer.json()["original"].as_str().expect("a URL")).await;
        assert_eq!((served.header("content-type"), &served.body), (content_type, &bytes));
    }
}

#[tokio::test]
async fn an_avif_comes_back_byte_for_byte_and_a_damaged_one_is_refused() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let bytes = include_bytes!("helpers/quarters.avif");
    let answer = ada.upload("photo.avif", bytes).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let served = app.get(answer.json()["original"].as_str().expect("a URL")).await;
    assert_eq!((served.header("content-type"), served.body.as_slice()), ("image/avif", &bytes[..]));
    for damaged in [&bytes[..bytes.len() - 1], &bytes[..40], b"\0\0\0\x18ftypavif\0\0\0\0mif1miaf"] {
        ada.upload("photo.avif", damaged).await.assert_refused(INVALID);
    }
}

macro_rules! found {
    ($name:literal) => {
        include_bytes!(concat!("../../../formats/tests/files/", $name)).as_slice()
    };
}

#[tokio::test]
async fn files_that_browsers_show_are_accepted() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (name, file) in [
        ("no_trailer.gif", found!("others/no_trailer.gif")),
        ("double_clears.gif", found!("others/double_clears.gif")),
        ("bad_comment_length.jpg", found!("others/bad_comment_length.jpg")),
        ("apng_frames_invalid.png", found!("others/apng_frames_invalid.png")),
        ("alpha_by_tile.avif", found!("avif/alpha_by_tile.avif")),
    ] {
        let answer = ada.upload(name, file).await;
        assert_eq!(answer.status, 201, "{name}: {}", answer.text());
    }
}

#[tokio::test]
async fn what_cannot_be_decoded_is_refused_by_the_name_of_its_feature() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    ada.upload("fax.tif", found!("tiff/ccitt_g3.tif"))
        .await
        .assert_refused("TIFF with CCITT Group 3 compression is not supported.");
    ada.upload("signed.tif", found!("tiff/signed_8_bits.tif"))
        .await
        .assert_refused("TIFF with signed samples is not supported.");
}

/// A small AVIF that announces 4,096 items, each with 65,535 extents whose entries have no bytes.
fn extents_of_nothing() -> Vec<u8> {
    let part = |kind: &[u8; 4], data: &[u8]| {
        let length = u32::try_from(data.len() + 8).expect("a short box");
        [&length.to_be_bytes()[..], kind, data].concat()
    };
    let extents = (1..=4096_u16).flat_map(|item| [&item.to_be_bytes()[..], &[0, 0, 0xFF, 0xFF]].concat());
    let iloc = [&[0, 0, 0, 0, 0, 0, 0x10, 0], &extents.collect::<Vec<_>>()[..]].concat();
    let infe = part(b"infe", b"\x02\0\0\0\0\x01\0\0av01\0");
    let ispe = part(b"ispe", b"\0\0\0\0\0\0\0\x64\0\0\0\x64");
    let iprp = [part(b"ipco", &ispe), part(b"ipma", b"\0\0\0\0\0\0\0\x01\0\x01\x01\x01")].concat();
    let meta = [
        b"\0\0\0\0".to_vec(),
        part(b"pitm", b"\0\0\0\0\0\x01"),
        part(b"iloc", &iloc),
        part(b"iinf", &[b"\0\0\0\0\0\x01", &infe[..]].concat()),
        part(b"iprp", &iprp),
    ];
    [part(b"ftyp", b"avif\0\0\0\0mif1miaf"), part(b"meta", &meta.concat())].concat()
}

#[tokio::test]
async fn uploads_that_announce_endless_extents_are_refused_and_hold_up_nobody() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let bytes = extents_of_nothing();
    let upload = || ada.upload("photo.avif", &bytes);
    let (first, second, third, alive, fourth) =
        tokio::join!(upload(), upload(), upload(), app.get("/healthz"), upload());
    for answer in [first, second, third, fourth] {
        answer.assert_refused(INVALID);
    }
    alive.assert_is(200, r#"{"status":"alive"}"#);
    assert_eq!(app.objects(), Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn what_is_no_image_is_refused() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let mut damaged = png();
    damaged[20] ^= 1;
    let cut_off = png()[..40].to_vec();
    for bytes in [&b"Dear diary"[..], &damaged, &cut_off, b"\x89PNG\r\n\x1A\n", b"\xFF\xD8\xFF", b"BM", b"\0"]
    {
        ada.upload("photo.png", bytes).await.assert_refused(INVALID);
    }
    assert_eq!(app.objects(), Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn known_formats_that_are_not_read_are_refused_by_name() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    for (name, bytes) in [
        ("HEIC", &b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..]),
        ("SVG", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("PDF", b"%PDF-1.7"),
    ] {
        let message =
            format!("{name} is not supported. Accepted formats are: JPEG, PNG, GIF, WebP, BMP, TIFF, AVIF.");
        ada.upload("photo", bytes).await.assert_refused(&message);
        ada.upload("photo.jpg", bytes).await.assert_refused(&message);
    }
    // The extension of the format does not hide which format it is.
    let refused = ada.upload("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic").await;
    assert!(refused.status == 422 && refused.text().contains("HEIC"), "{}", refused.text());
    let refused = ada.upload("photo.svg", b"<svg/>").await;
    assert!(refused.status == 422 && refused.text().contains("SVG"), "{}", refused.text());
}

#[tokio::test]
async fn a_jpeg_in_a_coding_that_is_not_read_is_refused_by_name() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let jpeg = encoded(ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|marker| marker == [0xFF, 0xC0]).expect("a frame header");
    for (coding, marker, precision) in [("rithmetic", 0xC9, 8), ("ossless", 0xC3, 8), ("12", 0xC1, 12)] {
        let mut bytes = jpeg.clone();
        (bytes[frame + 1], bytes[frame + 4]) = (marker, precision);
        let answer = ada.upload("photo.jpg", &bytes).await;
        assert_eq!(answer.status, 422, "{coding}");
        assert!(answer.text().contains(coding), "{coding}: {}", answer.text());
    }
}

#[tokio::test]
async fn a_jpeg_without_its_end_passes() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let jpeg = encoded(ImageFormat::Jpeg);
    assert_eq!(ada.upload("photo.jpg", &jpeg[..jpeg.len() - 2]).await.status, 201);
}

#[tokio::test]
async fn more_pixels_than_allowed_are_refused_with_the_limit() {
    let app = TestApp::start_with(|settings| settings.limits.image.pixels = 400).await;
    let ada = app.user("ada").await;
    assert_eq!(ada.upload("photo.png", &png_of_height(100)).await.status, 201);
    ada.upload("photo.png", &png_of_height(101))
        .await
        .assert_refused("The limit max_pixels is 400, and the image has 404 (4 × 101).");
}

#[tokio::test]
async fn more_frames_than_allowed_are_refused_with_the_limit() {
    let app = TestApp::start_with(|settings| settings.limits.image.frames = 3).await;
    let ada = app.user("ada").await;
    assert_eq!(ada.upload("film.gif", &animation(3)).await.status, 201);
    let answer = ada.upload("film.gif", &animation(4)).await;
    answer.assert_refused("The limit max_frames is 3, and the animation has 4 or more.");
}

#[tokio::test]
async fn a_longer_side_than_allowed_is_refused_with_the_limit() {
    let app = TestApp::start_with(|settings| settings.limits.image.side = 100).await;
    let ada = app.user("ada").await;
    assert_eq!(ada.upload("photo.png", &png_of_height(100)).await.status, 201);
    ada.upload("photo.png", &png_of_height(101))
        .await
        .assert_refused("The limit max_side is 100, and the image is 101 pixels long (4 × 101).");
}

#[tokio::test]
async fn more_pixels_in_all_frames_than_allowed_are_refused_with_the_limit() {
    let app = TestApp::start_with(|settings| settings.limits.image.animation_pixels = 12).await;
    let ada = app.user("ada").await;
    assert_eq!(ada.upload("film.gif", &animation(3)).await.status, 201);
    let answer = ada.upload("film.gif", &animation(4)).await;
    answer.assert_refused("The limit max_animation_pixels is 12, and the animation has 16 (2 × 2 × 4).");
}

fn animation(frames: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
    for _ in 0..frames {
        encoder.encode_frame(image::Frame::new(image::RgbaImage::new(2, 2))).expect("encodes");
    }
    drop(encoder);
    bytes
}
