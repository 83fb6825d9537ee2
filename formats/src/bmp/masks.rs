//! The masks of a BMP, which say the bits of a pixel that each colour takes.

use std::borrow::Cow;

/// The name of an unsupported feature of the masks of red, green, blue and alpha, if there is one. The file states them
/// for pixels of `bits` bits. Only alpha may have no bits.
pub(super) fn unsupported(masks: [u32; 4], bits: u16) -> Option<Cow<'static, str>> {
    if masks[..3].contains(&0) {
        return Some("a mask without bits for a colour".into());
    }
    if masks.iter().any(|&mask| has_gap(mask)) {
        return Some("a mask with a gap between its bits".into());
    }
    if bits < 32 && masks.iter().any(|&mask| mask >> bits != 0) {
        return Some("a mask that is wider than a pixel".into());
    }
    None
}

/// Whether the mask has zeros between its ones.
fn has_gap(mask: u32) -> bool {
    mask != 0 && mask.count_ones() + mask.leading_zeros() + mask.trailing_zeros() != u32::BITS
}
