//! The strict reading of GIF: what it accepts, the lenient one reads with the same header.

#![no_main]

use libfuzzer_sys::fuzz_target;
use resizinator_formats::{Format, ImageLimits, gif, inspect};

fuzz_target!(|file: &[u8]| {
    let limits = ImageLimits { frames: 20, ..ImageLimits::default() };
    let Ok(header) = inspect(&mut { file }, &limits) else { return };
    if header.format != Format::Gif {
        return;
    }
    assert!(header.width > 0 && header.height > 0 && header.frames > 0);
    let read = gif::read(file).expect("what is accepted can be read");
    if header.frames <= limits.frames {
        assert_eq!(read.header(), header);
        assert!(!read.ended_early);
    } else {
        // The strict reading stopped there.
        assert_eq!(header.frames, limits.frames + 1);
        assert!(read.header().frames >= header.frames);
        assert_eq!((read.header().width, read.header().height), (header.width, header.height));
    }
});
