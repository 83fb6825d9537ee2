//! The strict reading of WebP: what it accepts, the lenient one reads with the same header.

#![no_main]

use libfuzzer_sys::fuzz_target;
use resizinator_formats::{Format, ImageLimits, inspect, webp};

fuzz_target!(|file: &[u8]| {
    let limits = ImageLimits { frames: 20, ..ImageLimits::default() };
    let Ok(header) = inspect(&mut { file }, &limits) else { return };
    if header.format != Format::WebP {
        return;
    }
    assert!(header.width > 0 && header.height > 0 && header.frames > 0);
    let read = webp::read(file).expect("what is accepted can be read");
    assert!(!read.ended_early);
    if header.frames <= limits.frames {
        assert_eq!(read.header(), header);
        if let webp::Content::Animation(animation) = read.content {
            let size = |frame: webp::Frame<'_>| (frame.width, frame.height);
            let picture = |frame: webp::Frame<'_>| (frame.picture.width, frame.picture.height);
            for frame in animation.frames() {
                let frame = frame.expect("every frame can be read");
                assert_eq!(size(frame), picture(frame));
            }
        }
    } else {
        // The strict reading stopped there.
        assert_eq!(header.frames, limits.frames + 1);
        assert!(read.header().frames >= header.frames);
        assert_eq!((read.header().width, read.header().height), (header.width, header.height));
    }
});
