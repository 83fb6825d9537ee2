//! Tests with JPEG files that are made here, coefficient by coefficient.

mod cut_off;
mod direct;
mod odd_files;
mod progressive;
mod trimming;
mod variants;
mod writer;

use super::{opened::Opened, *};

const PLENTY: u64 = 1 << 30;

fn decoded(file: &[u8], wanted_height: u32) -> Result<Scaled, RenderError> {
    decode(file, &open(file)?, wanted_height, PLENTY)
}

/// The samples of each pixel, whatever their channels.
fn samples(scaled: &Scaled) -> &[u8] {
    match &scaled.pixels {
        Pixels::Grey(pixels) => pixels.as_raw(),
        Pixels::Rgb(pixels) => pixels.as_raw(),
        Pixels::Cmyk(pixels) => pixels.as_raw(),
    }
}

/// Where the data of the first scan begin.
fn start_of_data(file: &[u8]) -> usize {
    file.len() - open(file).expect("the header is readable").jpeg.data.len()
}

/// A small file that claims a size.
pub(super) fn opened_of(width: u16, height: u16) -> Opened<'static> {
    let picture = writer::Picture::flat((8, 8), &[(1, 1)], |_, _, _| 9);
    let mut file = picture.sequential();
    let frame = file.windows(2).position(|bytes| bytes == [0xFF, 0xC0]).expect("a frame");
    file[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    file[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    open(file.leak()).expect("the header is readable")
}
