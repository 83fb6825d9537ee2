//! What a JPEG file says before its first pixel.

use super::{
    super::RenderError,
    cut_short, damaged,
    icc::Chunks,
    markers::{self, OutOfData, Segment, Segments},
    scale::Scale,
    scans::{self, Scans},
    unsupported,
};
use image::metadata::Orientation;
use resizinator_formats::Format;

/// The channels of the pixels that [`decode`](super::decode) returns, 8 bits each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Colour {
    /// One channel.
    Grey,
    /// Three; stored as luma and chroma, or as they are.
    Rgb,
    /// Four; stored as they are, or all but black as luma and chroma.
    Cmyk {
        /// Whether 255 means no ink in the file, as Adobe's programs write it.
        inverted: bool,
    },
}

impl Colour {
    pub(super) fn channels(self) -> u8 {
        match self {
            Self::Grey => 1,
            Self::Rgb => 3,
            Self::Cmyk { .. } => 4,
        }
    }
}

/// How many samples of a component there are for the most finely sampled one's `most_h × most_v`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Component {
    pub(super) id: u8,
    pub(super) h: u8,
    pub(super) v: u8,
    /// The number of its quantisation table.
    pub(super) quantiser: u8,
}

/// How the coefficients are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// Baseline, or extended to more tables.
    Sequential,
    /// Bit by bit or band by band.
    Progressive,
}

/// The header of a JPEG file.
#[derive(Clone, Debug)]
pub(in super::super) struct Header {
    /// In pixels, as stored.
    pub(in super::super) width: u32,
    /// In pixels, as stored.
    pub(in super::super) height: u32,
    /// Of the decoded pixels.
    pub(in super::super) colour: Colour,
    /// What makes the pixels upright.
    pub(in super::super) orientation: Orientation,
    /// The embedded colour profile; its bytes are not checked.
    pub(in super::super) icc: Option<Vec<u8>>,
    pub(super) components: Vec<Component>,
    pub(super) coding: Coding,
    pub(super) arithmetic: bool,
    /// Where the first scan's data begin.
    pub(super) data: usize,
    /// All scans, unless there is but one with all components: that one's coefficients need no memory.
    pub(super) scans: Option<Scans>,
}

impl Header {
    /// The largest sampling factors, horizontally and vertically.
    pub(super) fn most_sampled(&self) -> (u8, u8) {
        let most = |factor: fn(&Component) -> u8| self.components.iter().map(factor).max().unwrap_or(1);
        (most(|component| component.h), most(|component| component.v))
    }

    /// The blocks of 8 × 8 coefficients of `component`, along and down.
    pub(super) fn blocks(&self, component: Component) -> (u32, u32) {
        let (most_h, most_v) = self.most_sampled();
        let blocks =
            |pixels: u32, factor: u8, most: u8| (pixels * u32::from(factor)).div_ceil(8 * u32::from(most));
        (blocks(self.width, component.h, most_h), blocks(self.height, component.v, most_v))
    }

    /// The units (MCUs) of a scan with all components, along and down.
    pub(super) fn units(&self) -> (u32, u32) {
        if let &[only] = &self.components[..] {
            return self.blocks(only);
        }
        let (most_h, most_v) = self.most_sampled();
        let units = |pixels: u32, most: u8| pixels.div_ceil(8 * u32::from(most));
        (units(self.width, most_h), units(self.height, most_v))
    }

    /// Whether turning the image upright swaps its sides.
    pub(super) fn swaps_sides(&self) -> bool {
        use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
        matches!(self.orientation, Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH)
    }

    /// Bytes that decoding to the height of `wanted_height` upright rows takes, an upper bound: all coefficients if
    /// they come in more than one scan, the decoded pixels, and libjpeg's rows between.
    pub(in super::super) fn decoder_memory(&self, wanted_height: u32) -> u64 {
        const FIXED: u64 = 1 << 20;
        /// Of each component's rows, for a row of blocks, before and after upsampling, with their neighbours.
        const ROWS_HELD: u64 = 4;
        let (most_h, most_v) = self.most_sampled();
        let scale = Scale::choose(self, wanted_height);

        let padded = |blocks: u32, factor: u8| u64::from(blocks.next_multiple_of(u32::from(factor.max(1))));
        let coefficients: u64 = self
            .components
            .iter()
            .map(|&component| {
                let (along, down) = self.blocks(component);
                padded(along, component.h) * padded(down, component.v) * 64 * 2
            })
            .sum();
        let width = u64::from(scale.of(self.width.next_multiple_of(8 * u32::from(most_h))));
        let rows = width * u64::from(scale.eighths()) * u64::from(most_v) * ROWS_HELD;
        let pixels = u64::from(scale.of(self.width)) * u64::from(scale.of(self.height));
        FIXED
            + if self.scans.is_some() { coefficients } else { 0 }
            + rows * self.components.len() as u64
            + pixels * u64::from(self.colour.channels())
    }
}

/// The frame header: everything of [`Header`] that a SOF segment says.
struct Frame {
    width: u32,
    height: u32,
    components: Vec<Component>,
    coding: Coding,
    arithmetic: bool,
}

/// Reads everything up to the first scan, and finds the others if there are more.
///
/// # Errors
/// For what cannot be decoded: not a JPEG, cut off before the first pixel, not 8 bits, lossless or hierarchical.
pub(in super::super) fn read_header(input: &[u8]) -> Result<Header, RenderError> {
    if !input.starts_with(&[0xFF, markers::SOI]) {
        return Err(damaged("it does not begin with a start-of-image marker"));
    }
    let mut segments = Segments::from(input, 2);
    let mut frame = None;
    let mut orientation = None;
    let mut chunks = Chunks::default();
    let mut adobe = false;

    let (first_scan, data) = loop {
        let segment =
            segments.next().map_err(|OutOfData| cut_short("the file ends before the first scan"))?;
        let Segment { marker, body, place } = segment;
        match marker {
            markers::SOS => break (body, place.end),
            0xC0..=0xC2 | 0xC9 | 0xCA if frame.is_none() => frame = Some(read_frame(marker, body)?),
            0xC3 | 0xC5..=0xC8 | 0xCB | 0xCD..=0xCF => {
                return Err(unsupported("lossless and hierarchical coding"));
            }
            // Later ones belong to a thumbnail or were left behind by a program: readers take the first.
            0xE1 if orientation.is_none() => {
                orientation = body.strip_prefix(b"Exif\0\0").map(Orientation::from_exif_chunk);
            }
            0xE2 => chunks.add(body),
            markers::APP14 if body.starts_with(b"Adobe") && body.len() >= 12 => adobe = true,
            _ if scans::may_stand_anywhere(marker) => {}
            _ => return Err(damaged(format!("marker {marker:#04X} is out of place"))),
        }
    };
    let Frame { width, height, components, coding, arithmetic } =
        frame.ok_or_else(|| damaged("a scan comes before the frame header"))?;

    let colour = match components.len() {
        1 => Colour::Grey,
        3 => Colour::Rgb,
        4 => Colour::Cmyk { inverted: adobe },
        count => return Err(unsupported(format!("{count} components"))),
    };
    let in_first_scan = first_scan.first().copied().unwrap_or(0);
    let several = coding == Coding::Progressive || usize::from(in_first_scan) < components.len();
    let scans = several.then(|| Scans::find(input, &components, coding));
    Ok(Header {
        width,
        height,
        colour,
        orientation: orientation.flatten().unwrap_or(Orientation::NoTransforms),
        icc: chunks.profile(),
        components,
        coding,
        arithmetic,
        data,
        scans,
    })
}

fn read_frame(marker: u8, body: &[u8]) -> Result<Frame, RenderError> {
    let [bits, h0, h1, w0, w1, count, components @ ..] = body else {
        return Err(damaged("the frame header is too short"));
    };
    let (width, height) = (u16::from_be_bytes([*w0, *w1]), u16::from_be_bytes([*h0, *h1]));
    if *bits != 8 {
        return Err(unsupported(format!("{bits} bits per sample")));
    }
    if width == 0 || height == 0 {
        return Err(RenderError::NoPixels {
            format: Format::Jpeg,
            width: width.into(),
            height: height.into(),
        });
    }
    if components.len() != 3 * usize::from(*count) {
        return Err(damaged("the frame header has a wrong length"));
    }
    let components: Vec<_> = components
        .chunks_exact(3)
        .map(|bytes| Component { id: bytes[0], h: bytes[1] >> 4, v: bytes[1] & 15, quantiser: bytes[2] })
        .collect();
    if components.iter().any(|component| !(1..=4).contains(&component.h) || !(1..=4).contains(&component.v)) {
        return Err(damaged("a component has an impossible sampling factor"));
    }
    Ok(Frame {
        width: width.into(),
        height: height.into(),
        components,
        coding: if matches!(marker, 0xC2 | 0xCA) { Coding::Progressive } else { Coding::Sequential },
        arithmetic: marker >= 0xC9,
    })
}
