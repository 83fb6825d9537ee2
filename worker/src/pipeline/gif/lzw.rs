//! The compressed pixels of a GIF's frame.

use resizinator_formats::gif::Frame;
use weezl::{BitOrder, LzwStatus, decode::Decoder};

/// The colours' indices of a frame of `pixels` pixels; returns how many of them came.
pub(super) fn decompress(frame: &Frame<'_>, pixels: usize, indices: &mut Vec<u8>) -> usize {
    indices.clear();
    indices.resize(pixels, 0);
    if !(1..=11).contains(&frame.code_size) {
        return 0;
    }
    let mut decoder = Decoder::new(BitOrder::Lsb, frame.code_size);
    let mut came = 0;
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
            let no_progress = matches!(step.status, Ok(LzwStatus::NoProgress));
            if step.consumed_in == 0 && step.consumed_out == 0 && no_progress {
                // Where a clear code follows a pixel, the decoder takes it from the bits that it holds and reports no
                // progress all the same. Of several clear codes, it takes one each time and reports progress.
                if idle {
                    break;
                }
                idle = true;
            } else {
                idle = false;
            }
        }
    }
    came
}
