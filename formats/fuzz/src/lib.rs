//! What the fuzz targets of the formats share: each format has one for the strict reading, which runs unconfined in
//! the api, and one for the lenient reading.

use std::convert::Infallible;

use libfuzzer_sys::Corpus;
use resizinator_formats::{
    Format, Header, ImageLimits, InspectError, Refusal, Signature, Source, Unreadable, detect, inspect,
};

/// Inspects `input` as the api does, through windows of it. Only files with the signature of `format` are kept.
///
/// `read` is the lenient reading, which has to agree where the strict one accepts.
///
/// # Panics
/// If the two readings disagree, the header is none of `format`, or the inspection takes more steps than there are bytes.
pub fn strict(format: Format, input: &[u8], read: impl Fn(&[u8]) -> Result<Header, Unreadable>) -> Corpus {
    if detect(input) != Signature::Image(format) {
        return Corpus::Reject;
    }
    let limits = ImageLimits { frames: 20, ..ImageLimits::default() };
    let mut source = Windows { bytes: input, taken: 0 };
    match inspect(&mut source, &limits) {
        Ok(header) => {
            assert_eq!(header.format, format);
            assert!(header.width > 0 && header.height > 0 && header.frames > 0, "{header:?}");
            // Neither reading counts much beyond the limit of frames.
            if header.frames <= limits.frames {
                assert_eq!(
                    read(input),
                    Ok(header),
                    "what the strict reading accepts, the lenient one reads alike"
                );
            }
        }
        Err(InspectError::Refused(Refusal::Format(name))) => assert!(!name.is_empty()),
        Err(InspectError::Refused(Refusal::Feature(feature))) => {
            assert!(feature.contains(format.title()), "{feature:?} does not name the format");
        }
        Err(InspectError::Refused(Refusal::Invalid)) => {}
    }
    // Numbers of a few bytes are read one by one.
    assert!(source.taken <= 4 * input.len() as u64 + 100, "{} steps for {} bytes", source.taken, input.len());
    Corpus::Keep
}

/// Reads `input` leniently. Only files with the signature of `format` are kept.
///
/// # Panics
/// If the header is none of `format`.
pub fn lenient(format: Format, input: &[u8], read: impl Fn(&[u8]) -> Result<Header, Unreadable>) -> Corpus {
    if detect(input) != Signature::Image(format) {
        return Corpus::Reject;
    }
    match read(input) {
        Ok(header) => {
            assert_eq!(header.format, format);
            assert!(header.width > 0 && header.height > 0 && header.frames > 0, "{header:?}");
        }
        Err(unreadable) => assert!(!unreadable.to_string().is_empty()),
    }
    Corpus::Keep
}

/// A file in windows that are smaller than most of what is read, which counts them.
struct Windows<'a> {
    bytes: &'a [u8],
    taken: u64,
}

impl Source for Windows<'_> {
    type Error = Infallible;

    fn length(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn window(&mut self, offset: u64) -> Result<&[u8], Infallible> {
        self.taken += 1;
        let rest =
            usize::try_from(offset).ok().and_then(|offset| self.bytes.get(offset..)).unwrap_or_default();
        Ok(&rest[..rest.len().min(7)])
    }
}
