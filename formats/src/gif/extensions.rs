//! The extension blocks of GIF, which describe the next frame or the whole animation.

use super::SubBlocks;
use crate::loop_count::LoopCount;

/// The label of a graphic control extension.
pub(crate) const GRAPHIC_CONTROL: u8 = 0xF9;
/// The label of an application extension.
pub(crate) const APPLICATION: u8 = 0xFF;

/// What happens to the area of a frame before the next frame is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Disposal {
    /// The frame stays.
    #[default]
    Keep,
    /// The rectangle of the frame becomes transparent, since viewers do not paint the background colour.
    Background,
    /// The rectangle gets the content back that it had before the frame.
    Previous,
}

/// A graphic control extension (GIF89a § 23), which says how the next frame is shown.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct GraphicControl {
    pub(crate) disposal: Disposal,
    pub(crate) delay_ms: u32,
    pub(crate) transparent: Option<u8>,
}

impl GraphicControl {
    /// Reads the extension. Without its four bytes of content, the result has the default values.
    pub(crate) fn read(mut data: SubBlocks<'_>) -> Self {
        let Some(&[flags, delay_low, delay_high, transparent, ..]) = data.next() else {
            return Self::default();
        };
        let disposal = match flags >> 2 & 0x07 {
            2 => Disposal::Background,
            // Some encoders write 4, because they treat the number as a set of bits.
            3 | 4 => Disposal::Previous,
            _ => Disposal::Keep,
        };
        Self {
            disposal,
            delay_ms: u32::from(u16::from_le_bytes([delay_low, delay_high])) * 10,
            transparent: (flags & 0x01 != 0).then_some(transparent),
        }
    }
}

/// The loop count, if the application extension (GIF89a § 26) is that of Netscape, which states it.
pub(crate) fn loop_count(mut data: SubBlocks<'_>) -> Option<LoopCount> {
    if !matches!(data.next()?, b"NETSCAPE2.0" | b"ANIMEXTS1.0") {
        return None;
    }
    data.find_map(|block| match block {
        &[1, low, high, ..] => Some(match u16::from_le_bytes([low, high]) {
            0 => LoopCount::Forever,
            repeats => LoopCount::Times(u32::from(repeats) + 1),
        }),
        _ => None,
    })
}
