//! The choice of the palette that a frame is written with.

use super::super::animation::Rectangle;
use super::{exact::Exact, reduced::Reduced};

/// The pixels of a frame as indices into a palette.
pub(super) struct Indexed {
    pub(super) indices: Vec<u8>,
    /// The frame's own palette with three bytes per colour, or `None` if it uses the file's global palette.
    pub(super) palette: Option<Vec<u8>>,
    /// Whether some pixels are transparent. They have the index 0.
    pub(super) transparent: bool,
}

/// The palettes of the frames written so far, which later frames may share.
#[derive(Default)]
pub(super) struct Palettes {
    /// The file's global palette, which is that of the first frame.
    file: Option<Vec<[u8; 3]>>,
    exact: Option<Shared<Exact>>,
    reduced: Option<Shared<Reduced>>,
}

struct Shared<P> {
    palette: P,
    /// Whether this is the file's global palette.
    of_file: bool,
}

impl Palettes {
    /// The file's global palette with three bytes per colour.
    pub(super) fn file(&self) -> Vec<u8> {
        self.file.as_deref().unwrap_or_default().concat()
    }

    /// Chooses a palette for `pixels`, RGBA, which are those of `rectangle`, and returns them as indices into it.
    pub(super) fn index(&mut self, pixels: &[u8], rectangle: Rectangle) -> Indexed {
        let transparent = pixels.chunks_exact(4).any(|pixel| pixel[3] == 0);
        // Sharing a palette keeps colours from flickering, which they would do if each frame had its own.
        let serves = self.reduced.as_mut().is_some_and(|reduced| reduced.palette.serves(pixels));
        if !serves && self.has_exact(pixels, transparent) {
            let exact = self.exact.as_ref().expect("it has just been found");
            let palette = (!exact.of_file).then(|| exact.palette.colours.concat());
            return Indexed { indices: exact.palette.indices(pixels), palette, transparent };
        }
        if !serves {
            let palette = Reduced::new(pixels);
            let of_file = self.file.is_none();
            self.file.get_or_insert_with(|| palette.colours.clone());
            self.reduced = Some(Shared { palette, of_file });
        }
        let reduced = self.reduced.as_mut().expect("it serves or has just been made");
        let palette = (!reduced.of_file).then(|| reduced.palette.colours.concat());
        Indexed { indices: reduced.palette.indices(pixels, rectangle), palette, transparent }
    }

    /// Makes sure that the exact palette has the colours of `pixels`. Returns false if they are too many.
    fn has_exact(&mut self, pixels: &[u8], transparent: bool) -> bool {
        if let Some(Shared { palette, of_file }) = &mut self.exact
            && (palette.transparent || !transparent)
            && palette.extend(pixels)
        {
            if *of_file {
                self.file = Some(palette.colours.clone());
            }
            return true;
        }
        for reserved in [true, false] {
            let mut palette = Exact::new(reserved);
            if (reserved || !transparent) && palette.extend(pixels) {
                let of_file = self.file.is_none();
                self.file.get_or_insert_with(|| palette.colours.clone());
                self.exact = Some(Shared { palette, of_file });
                return true;
            }
        }
        false
    }
}
