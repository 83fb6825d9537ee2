//! Files for the tests.

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use std::io::Cursor;

pub(in crate::pipeline) const RED: [u8; 3] = [220, 30, 30];
pub(in crate::pipeline) const GREEN: [u8; 3] = [30, 200, 30];
pub(in crate::pipeline) const BLUE: [u8; 3] = [30, 30, 220];
pub(in crate::pipeline) const YELLOW: [u8; 3] = [220, 220, 30];

pub(in crate::pipeline) fn file(image: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.into().write_to(&mut bytes, format).expect("the image encodes");
    bytes.into_inner()
}

pub(in crate::pipeline) fn plain(width: u32, height: u32, colour: [u8; 3]) -> RgbImage {
    RgbImage::from_pixel(width, height, Rgb(colour))
}

/// Red, green, blue and yellow quarters: top left, top right, bottom left, bottom right.
pub(in crate::pipeline) fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb(match (x < width / 2, y < height / 2) {
            (true, true) => RED,
            (false, true) => GREEN,
            (true, false) => BLUE,
            (false, false) => YELLOW,
        })
    })
}

/// The colours in the middle of the four quarters, in the order of [`quarters`].
pub(in crate::pipeline) fn middles(image: &RgbImage) -> [[u8; 3]; 4] {
    let (left, top) = (image.width() / 4, image.height() / 4);
    let (right, bottom) = (image.width() - 1 - left, image.height() - 1 - top);
    [(left, top), (right, top), (left, bottom), (right, bottom)].map(|(x, y)| image.get_pixel(x, y).0)
}

pub(in crate::pipeline) fn jpeg(image: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    image.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 95)).expect("the image encodes");
    bytes
}

/// An Exif block that says nothing but `orientation`.
pub(in crate::pipeline) fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"MM\0\x2a\0\0\0\x08".to_vec();
    block.extend(b"\0\x01"); // one entry:
    block.extend(b"\x01\x12\0\x03\0\0\0\x01"); // Orientation, one SHORT
    block.extend([0, orientation, 0, 0]);
    block.extend([0; 4]); // and no further directory
    block
}

/// `jpeg` with an APP1 segment after its start marker.
pub(in crate::pipeline) fn with_exif(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut segment = b"Exif\0\0".to_vec();
    segment.extend(exif(orientation));
    let length = u16::try_from(segment.len() + 2).expect("a short segment");

    let (start, rest) = jpeg.split_at(2);
    let mut bytes = start.to_vec();
    bytes.extend([0xff, 0xe1]);
    bytes.extend(length.to_be_bytes());
    bytes.extend(segment);
    bytes.extend(rest);
    bytes
}

/// A PNG chunk by chunk, for what the encoder does not write.
pub(in crate::pipeline) struct Png(Vec<u8>);

impl Png {
    /// `colour` is 0 for grey, 2 for RGB, 3 for a palette, 6 for RGBA.
    pub(in crate::pipeline) fn new(width: u32, height: u32, depth: u8, colour: u8) -> Self {
        let mut header = width.to_be_bytes().to_vec();
        header.extend(height.to_be_bytes());
        header.extend([depth, colour, 0, 0, 0]);
        Self(b"\x89PNG\r\n\x1a\n".to_vec()).chunk(b"IHDR", &header)
    }

    pub(in crate::pipeline) fn chunk(mut self, kind: &[u8; 4], data: &[u8]) -> Self {
        let length = u32::try_from(data.len()).expect("a short chunk");
        let mut body = kind.to_vec();
        body.extend(data);
        self.0.extend(length.to_be_bytes());
        self.0.extend(&body);
        self.0.extend(crc32(&body).to_be_bytes());
        self
    }

    /// The rows, each with its filter byte in front, stored without compression; and the end.
    pub(in crate::pipeline) fn rows(self, rows: &[u8]) -> Vec<u8> {
        let length = u16::try_from(rows.len()).expect("one stored block");
        let mut data = vec![0x78, 0x01, 1];
        data.extend(length.to_le_bytes());
        data.extend((!length).to_le_bytes());
        data.extend(rows);
        data.extend(adler32(rows).to_be_bytes());
        self.chunk(b"IDAT", &data).chunk(b"IEND", &[]).0
    }
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 * (crc & 1)))
    })
}

fn adler32(data: &[u8]) -> u32 {
    let (a, b) = data.iter().fold((1, 0), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    (b << 16) | a
}
