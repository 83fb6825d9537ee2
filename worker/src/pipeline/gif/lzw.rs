//! The decompression of a frame's pixels in a GIF (LZW).

use resizinator_formats::gif::Frame;
use weezl::{BitOrder, LzwStatus, decode::Decoder};

/// How many repeated clear codes are accepted in addition to one per pixel. Each makes the decoder rebuild its table,
/// and a hostile file could consist of nothing else.
const SPARE_CLEAR_CODES: usize = 4096;

/// Decompresses the colour indices of a frame of `pixels` pixels. Returns how many of them could be read.
pub(super) fn decompress(frame: &Frame<'_>, pixels: usize, indices: &mut Vec<u8>) -> usize {
    indices.clear();
    indices.resize(pixels, 0);
    if !(1..=11).contains(&frame.code_size) {
        return 0;
    }
    let mut decoder = Decoder::new(BitOrder::Lsb, frame.code_size);
    let mut came = 0;
    let mut clear_codes = pixels.saturating_add(SPARE_CLEAR_CODES);
    // The decoder may hold back decoded bytes until the next call, so it gets an empty block at the end.
    for mut block in frame.data.chain([[].as_slice()]) {
        let mut idle = false;
        loop {
            let step = decoder.decode_bytes(block, &mut indices[came..]);
            block = &block[step.consumed_in..];
            came += step.consumed_out;
            if step.status.is_err() || decoder.has_ended() || came == pixels {
                return came;
            }
            if step.consumed_in > 0 || step.consumed_out > 0 {
                idle = false;
                continue;
            }
            // When a clear code follows a pixel, the decoder takes it from its buffered bits but reports no progress.
            // When several clear codes follow each other, it takes one per call and reports progress.
            match step.status {
                Ok(LzwStatus::NoProgress) if idle => break,
                Ok(LzwStatus::NoProgress) => idle = true,
                _ if clear_codes == 0 => return came,
                _ => (idle, clear_codes) = (false, clear_codes - 1),
            }
        }
    }
    came
}
