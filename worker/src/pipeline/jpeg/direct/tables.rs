//! What stands before a scan's data.

use super::huffman::Codes;
use resizinator_formats::jpeg::{Component, Segments, marker};

/// The tables that are in force.
#[derive(Default)]
pub(super) struct Tables {
    /// Of DC differences.
    pub(super) dc: [Option<Codes>; 4],
    pub(super) ac: [Option<Codes>; 4],
    /// In zigzag order.
    pub(super) quantisers: [Option<[u16; 64]>; 4],
    /// Units between restart markers; 0 for none.
    pub(super) restart_interval: u32,
    jfif: bool,
    /// The transform that Adobe's marker names.
    adobe: Option<u8>,
}

/// No picture needs as large steps of quantisation. With these, no sum of four coefficients overflows.
const LARGEST_STEP: u16 = 1 << 13;

/// What the components are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colours {
    Grey,
    /// Luma, and the differences of blue and red.
    YCbCr,
    Rgb,
}

impl Tables {
    /// Takes in the segments in front of a scan's header; `None` unless they follow one another without anything
    /// between, and each makes sense.
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

    /// As libjpeg guesses.
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
