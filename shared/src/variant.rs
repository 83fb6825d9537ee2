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
