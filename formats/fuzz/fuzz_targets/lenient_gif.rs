//! The lenient reading of GIF: a header, and as many frames as it counts, whose parts lie in the file.

#![no_main]

use libfuzzer_sys::fuzz_target;
use resizinator_formats::gif;

fuzz_target!(|file: &[u8]| {
    let Ok(read) = gif::read(file) else { return };
    let header = read.header();
    assert!(header.width > 0 && header.height > 0 && header.frames > 0);
    let (mut frames, mut largest, mut cut, mut bytes) = (0, 0, 0, 0);
    for frame in read.frames() {
        frames += 1;
        cut += u32::from(frame.cut);
        largest = largest.max(u64::from(frame.width) * u64::from(frame.height));
        assert!(frame.code_size <= 11 && frame.palette.len() <= 768);
        bytes += frame.data.map(<[u8]>::len).sum::<usize>();
    }
    assert_eq!((frames, largest), (header.frames, read.largest_frame));
    assert!(cut <= 1 && (cut == 0 || read.ended_early));
    assert!(bytes < file.len());
});
