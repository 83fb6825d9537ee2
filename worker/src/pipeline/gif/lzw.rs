//! The compressed pixels of a GIF's frame.

use resizinator_formats::gif::Frame;
use weezl::{BitOrder, LzwStatus, decode::Decoder};

/// How many clear codes that follow another one are taken besides one for each pixel. Each makes the decoder build its
/// table anew, and a file could consist of nothing else.
const SPARE_CLEAR_CODES: usize = 4096;

/// The colours' indices of a frame of `pixels` pixels; returns how many of them came.
pub(super) fn decompress(frame: &Frame<'_>, pixels: usize, indices: &mut Vec<u8>) -> usize {
    indices.clear();
    indices.resize(pixels, 0);
    if !(1..=11).contains(&frame.code_size) {
        return 0;
    }
    let mut decoder = Decoder::new(BitOrder::Lsb, frame.code_size);
    let mut came = 0;
    let mut clear_codes = pixels.saturating_add(SPARE_CLEAR_CODES);
    // The decoder may hold back what it has decoded until it is asked again.
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
            // Where a clear code follows a pixel, the decoder takes it from the bits that it holds, and reports no
            // progress all the same. Of several clear codes, it takes one each time and reports progress.
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
