//! The two variants of an image.

/// Which variant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VariantKind {
    /// 100 pixels high unless configured otherwise.
    Small,
    /// 300 pixels high unless configured otherwise.
    Medium,
}

impl VariantKind {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Small, Self::Medium];

    /// The name in object keys and in the record.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Medium => "medium",
        }
    }
}

/// The size of a variant in the object store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredVariant {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Of the object, in bytes.
    pub bytes: u32,
}

/// The sizes of both variants of one generation; never is one of them known without the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredVariants {
    /// Of the small variant.
    pub small: StoredVariant,
    /// Of the medium variant.
    pub medium: StoredVariant,
}

/// Heights of the variants in pixels; the width keeps the aspect ratio, up to a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heights {
    /// Height of the small variant.
    pub small: u32,
    /// Height of the medium variant.
    pub medium: u32,
    /// The largest width of a variant, in its target heights; what is wider is scaled down to fit.
    pub max_aspect: u32,
}

impl Default for Heights {
    fn default() -> Self {
        Self { small: 100, medium: 300, max_aspect: 16 }
    }
}
