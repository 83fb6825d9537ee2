//! The fraction of its full size at which a JPEG is decoded.

use super::opened::Opened;

/// A scale in eighths of the stored size: each side of a block of 8 × 8 coefficients becomes this many pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Scale(u8);

impl Scale {
    pub(super) const FULL: Self = Self(8);

    /// The scales to choose from, smallest first. Only these have an inverse DCT with vector code; the others are
    /// slower than the next larger one of these (CPU time of 12 MP at 3/8 and 4/8: 22.7 and 19.5 ms; of 528 × 396 at
    /// 5/8, 6/8, 7/8 and 8/8: 0.64, 0.75, 0.97 and 0.51 ms).
    const CHOICES: [Self; 4] = [Self(1), Self(2), Self(4), Self::FULL];

    const LEAST: u32 = 12;

    /// The smallest scale at which the upright image has at least 7/6 of `wanted_height`, the height of the medium
    /// variant.
    ///
    /// The reduced inverse DCT is a box filter, which aliases more than Lanczos. Compared with the whole image
    /// resized with Lanczos in one step, seven photographs at one eighth had at least 40.1 dB at this ratio. At a
    /// ratio of 1.1 they had at least 39.1 dB, which leaves other images little margin above the bound of 38 dB.
    /// These figures need the exact edge ([`Self::within`]): if half a row of 374 lies beyond the image, including it
    /// costs 3 dB.
    ///
    /// The shorter side keeps at least [`LEAST`](Self::LEAST) pixels. Otherwise the last column of blocks of a narrow
    /// image, which is partly filled by the encoder, would be too large a part of the result.
    pub(super) fn choose(opened: &Opened<'_>, wanted_height: u32) -> Self {
        let (width, height) = (opened.jpeg.frame.width, opened.jpeg.frame.height);
        let shorter = width.min(height);
        let height = if opened.swaps_sides() { width } else { height };
        let enough = |scale: &Self| {
            6 * u64::from(scale.of(height)) >= 7 * u64::from(wanted_height)
                && scale.of(shorter) >= Self::LEAST
        };
        Self::CHOICES.into_iter().find(enough).unwrap_or(Self::FULL)
    }

    pub(super) fn eighths(self) -> u8 {
        self.0
    }

    /// The number of pixels that a side of `stored` pixels is decoded to. The last one may reach beyond the image.
    pub(super) fn of(self, stored: u32) -> u32 {
        (stored * u32::from(self.0)).div_ceil(8)
    }

    /// How many of those pixels lie within the image, as a fraction.
    pub(super) fn within(self, stored: u32) -> f64 {
        f64::from(stored) * f64::from(self.0) / 8.0
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::opened_of, *};

    #[test]
    fn the_scale_leaves_a_sixth_more_rows_than_are_wanted() {
        let eighths = |height, wanted| Scale::choose(&opened_of(128, height), wanted).eighths();
        assert_eq!(eighths(3168, 300), 1);
        assert_eq!(eighths(2800, 300), 1, "350 rows");
        assert_eq!(eighths(2792, 300), 2, "349 rows");
        assert_eq!(eighths(1400, 300), 2);
        assert_eq!(eighths(1396, 300), 4);
        assert_eq!(eighths(696, 300), 8);
        assert_eq!(eighths(300, 300), 8);
        assert_eq!(eighths(65_500, u32::MAX), 8);
        assert_eq!(eighths(1, 1), 8);
    }

    #[test]
    fn a_strip_keeps_enough_pixels_across() {
        let eighths = |width| Scale::choose(&opened_of(width, 6000), 300).eighths();
        assert_eq!(eighths(89), 1, "12 pixels");
        assert_eq!(eighths(88), 2);
        assert_eq!(eighths(44), 4);
        assert_eq!(eighths(3), 8);
    }
}
