//! The lenient reading of WebP: a picture, or as many frames as its header counts.

#![no_main]

use libfuzzer_sys::fuzz_target;
use resizinator_formats::webp::{self, Content, Picture};

fuzz_target!(|file: &[u8]| {
    let Ok(read) = webp::read(file) else { return };
    let header = read.header();
    assert!(header.width > 0 && header.height > 0 && header.frames > 0);
    let holds = |picture: Picture<'_>| {
        assert!((1..=16_384).contains(&picture.width) && (1..=16_384).contains(&picture.height));
        assert!(matches!(&picture.data[..4], b"ALPH" | b"VP8 " | b"VP8L"));
    };
    match read.content {
        Content::Still(picture) => {
            holds(picture);
            assert_eq!((picture.width, picture.height, 1), (header.width, header.height, header.frames));
        }
        Content::Animation(animation) => {
            let mut frames = 0;
            for frame in animation.frames() {
                frames += 1;
                if let Ok(frame) = frame {
                    holds(frame.picture);
                    assert!(u64::from(frame.width) * u64::from(frame.height) <= animation.largest_frame);
                }
            }
            assert_eq!((frames, animation.frames), (header.frames, header.frames));
        }
    }
});
