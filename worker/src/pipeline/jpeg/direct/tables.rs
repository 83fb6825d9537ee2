//! The tables and settings that the segments before a scan's data define.

use super::huffman::Codes;
use resizinator_formats::jpeg::{Component, Segments, marker};

/// The tables and settings that apply to the next scan.
#[derive(Default)]
pub(super) struct Tables {
    /// The Huffman codes of DC differences.
    pub(super) dc: [Option<Codes>; 4],
    pub(super) ac: [Option<Codes>; 4],
    /// The quantisation tables in zigzag order.
    pub(super) quantisers: [Option<[u16; 64]>; 4],
    /// The number of units between restart markers, or 0 if there are none.
    pub(super) restart_interval: u32,
    jfif: bool,
    /// The colour transform that Adobe's marker declares.
    adobe: Option<u8>,
}

/// The largest quantisation step that is accepted. No real picture needs a larger one, and with it no sum of four
/// coefficients overflows.
const LARGEST_STEP: u16 = 1 << 13;

/// The colours that the components stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    Grey,
    /// Luma and chroma (the differences of blue and red).
    YCbCr,
    Rgb,
}

impl Tables {
    /// Reads the segments before a scan's header. Returns `None` if there are other bytes between them, or if one of
    /// them is invalid or not supported.
    pub(super) fn read(&mut self, part: &[u8]) -> Option<()> {
        let mut segments = Segments::of(part);
        for segment in &mut segments {
            if segment.skipped > 0 {
                return None;
            }
            match segment.marker {
                marker::DHT => self.read_codes(segment.body)?,
                marker::DQT => self.read_quantisers(segment.body)?,
                marker::DRI => {
                    let &[high, low] = segment.body else { return None };
                    self.restart_interval = u16::from_be_bytes([high, low]).into();
                }
                marker::APP0 if segment.body.starts_with(b"JFIF\0") && segment.body.len() >= 14 => {
                    self.jfif = true;
                }
                marker::APP14 if segment.body.starts_with(b"Adobe") && segment.body.len() >= 12 => {
                    self.adobe = Some(segment.body[11]);
                }
                0xC0..=0xC2 | marker::APP0..=marker::APP15 | marker::COM => {}
                _ => return None,
            }
        }
        segments.rest().is_empty().then_some(())
    }

    fn read_codes(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((&number, table)) = body.split_first() {
            let codes;
            (codes, body) = Codes::read(table)?;
            let tables = match number >> 4 {
                0 if codes.are_sizes() => &mut self.dc,
                1 => &mut self.ac,
                _ => return None,
            };
            *tables.get_mut(usize::from(number & 15))? = Some(codes);
        }
        Some(())
    }

    fn read_quantisers(&mut self, mut body: &[u8]) -> Option<()> {
        while let Some((&number, table)) = body.split_first() {
            let bytes;
            let quantiser = self.quantisers.get_mut(usize::from(number & 15))?;
            let values = if number >> 4 == 0 {
                (bytes, body) = table.split_at_checked(64)?;
                std::array::from_fn(|n| bytes[n].into())
            } else {
                (bytes, body) = table.split_at_checked(128)?;
                std::array::from_fn(|n| u16::from_be_bytes([bytes[2 * n], bytes[2 * n + 1]]))
            };
            if values.iter().any(|&value| value > LARGEST_STEP) {
                return None;
            }
            *quantiser = Some(values);
        }
        Some(())
    }

    /// The colours of the components, chosen by the same rules as in libjpeg.
    pub(super) fn colours(&self, components: &[Component]) -> Option<Colours> {
        let &[first, second, third] = components else { return Some(Colours::Grey) };
        match (self.jfif, self.adobe) {
            (true, _) | (_, Some(1)) => Some(Colours::YCbCr),
            (_, Some(0)) => Some(Colours::Rgb),
            (_, Some(_)) => None,
            (_, None) if [first.id, second.id, third.id] == *b"RGB" => Some(Colours::Rgb),
            (_, None) => Some(Colours::YCbCr),
        }
    }
}
