//! The two variants of an image.

use resizinator_formats::Format;

use crate::placeholder::Placeholder;

/// The kind of a variant: small or medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VariantKind {
    /// The small variant, which is 100 pixels high by default.
    Small,
    /// The medium variant, which is 300 pixels high by default.
    Medium,
}

impl VariantKind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Small, Self::Medium];

    /// The name of the kind in object keys and in the record.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
        }
    }
}

/// The size of a variant that is in the object store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredVariant {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Size of the object in bytes.
    pub bytes: u32,
}

/// What the row says of both variants of one generation. Either the sizes of both are known, or neither is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVariants {
    /// Size of the small variant.
    pub small: StoredVariant,
    /// Size of the medium variant.
    pub medium: StoredVariant,
    /// How many frames each of them has; `None` for those that a release made which did not record it.
    pub frames: Option<u32>,
    /// The format of both; `None` for those of a release that had no choice, where it follows from the original's.
    pub format: Option<Format>,
    /// What a gallery paints until it has the variant; `None` for those of an earlier release.
    pub placeholder: Option<Placeholder>,
}

/// The heights of the variants. The width follows from the aspect ratio, up to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heights {
    /// Height of the small variant in pixels.
    pub small: u32,
    /// Height of the medium variant in pixels.
    pub medium: u32,
    /// The largest width of a variant, as a multiple of its height above. A wider variant is scaled down to fit.
    pub max_aspect: u32,
}

impl Default for Heights {
    fn default() -> Self {
        Self { small: 100, medium: 300, max_aspect: 16 }
    }
}

/// The format that variants are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum VariantFormat {
    /// The original's format if browsers can show it, else PNG.
    #[default]
    Original,
    /// WebP, which has fewer bytes than the JPEG or PNG file of the same quality and takes more time to make. Animations are
    /// WebP too.
    WebP,
}

impl VariantFormat {
    /// All of them, in the order in which they are declared.
    pub const ALL: [Self; 2] = [Self::Original, Self::WebP];

    /// The name of it in the settings.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::WebP => "webp",
        }
    }

    /// The format of the variants of an original of this format.
    pub const fn of(self, original: Format) -> Format {
        match self {
            Self::Original => original.of_variants(),
            Self::WebP => Format::WebP,
        }
    }
}

/// What the variants of an image are to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Their heights.
    pub heights: Heights,
    /// Their format.
    pub format: VariantFormat,
}

/// Variants of these heights in the original's format.
impl From<Heights> for Wanted {
    fn from(heights: Heights) -> Self {
        Self { heights, format: VariantFormat::Original }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_are_of_a_format_that_browsers_show() {
        for original in Format::ALL {
            assert_eq!(VariantFormat::Original.of(original), original.of_variants());
            assert_eq!(VariantFormat::WebP.of(original), Format::WebP);
        }
    }
}
