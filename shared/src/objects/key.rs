//! The type of object keys. No other code builds or parses a key.

use std::fmt;

use resizinator_formats::Format;

use crate::ids::{Generation, ObjectId};
use crate::image::Image;
use crate::variant::VariantKind;

/// The name of an original, without its extension.
const ORIGINAL: &str = "original";

/// An object key: `<2 hex>/<32 hex>/original.<ext>` or `<2 hex>/<32 hex>/<generation>/<variant>.<ext>`.
///
/// It contains the random id of the image, and never the name that the user gave the file. The two digits in front
/// spread the images over several folders.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObjectKey {
    path: String,
    object_id: ObjectId,
    format: Format,
}

impl ObjectKey {
    /// The key of the original.
    pub fn original(image: &Image) -> Self {
        Self::new(&image.object_id, ORIGINAL, image.format)
    }

    /// The key of a variant of one generation, which has the format of those that clients see.
    pub fn variant(image: &Image, generation: Generation, kind: VariantKind) -> Self {
        Self::variant_as(image, generation, kind, image.format_of_variants())
    }

    /// The key of a variant of one generation that has this format.
    pub fn variant_as(image: &Image, generation: Generation, kind: VariantKind, format: Format) -> Self {
        Self::new(&image.object_id, &format!("{generation}/{}", kind.name()), format)
    }

    /// All keys that the image may ever have used.
    pub fn all_of(image: &Image) -> Vec<Self> {
        let generations = image.generation.earlier().chain([image.generation]);
        std::iter::once(Self::original(image)).chain(Self::variants_of(image, generations)).collect()
    }

    /// The keys of all variants of earlier generations than the present one.
    pub fn outdated_of(image: &Image) -> Vec<Self> {
        Self::variants_of(image, image.generation.earlier()).collect()
    }

    fn variants_of(
        image: &Image,
        generations: impl Iterator<Item = Generation>,
    ) -> impl Iterator<Item = Self> {
        // The setting that chooses the format may have changed at any time.
        let kept = image.format.of_variants();
        let formats = std::iter::once(kept).chain((kept != Format::WebP).then_some(Format::WebP));
        let kinds = move || formats.clone().flat_map(|format| VariantKind::ALL.map(|kind| (kind, format)));
        generations.flat_map(move |generation| {
            kinds().map(move |(kind, format)| Self::variant_as(image, generation, kind, format))
        })
    }

    fn new(object_id: &ObjectId, name: &str, format: Format) -> Self {
        let extension = format.extensions()[0];
        let path = format!("{}{name}.{extension}", Self::folder(object_id));
        Self { path, object_id: object_id.clone(), format }
    }

    /// The folder of an image, with a slash at the end. All keys of the image begin with it.
    pub fn folder(object_id: &ObjectId) -> String {
        format!("{}/{object_id}/", object_id.shard())
    }

    /// Parses a key; `None` if the text is not a key that this type could have made.
    pub fn parse(path: &str) -> Option<Self> {
        let object_id: ObjectId = path.split('/').nth(1)?.parse().ok()?;
        let (name, extension) = path.strip_prefix(&Self::folder(&object_id))?.rsplit_once('.')?;
        let format = Format::ALL.into_iter().find(|format| format.extensions()[0] == extension)?;
        let known = match name.split_once('/') {
            None => name == ORIGINAL,
            Some((generation, variant)) => {
                generation.parse::<Generation>().is_ok_and(|number| number.to_string() == generation)
                    && VariantKind::ALL.iter().any(|kind| kind.name() == variant)
            }
        };
        known.then(|| Self { path: path.to_owned(), object_id, format })
    }

    /// The key as a path without a slash in front. It has only ASCII letters, digits, `/` and `.`.
    pub fn as_str(&self) -> &str {
        &self.path
    }

    /// Returns whether the object of this key is an original, and not a variant.
    pub fn is_original(&self) -> bool {
        self.path[Self::folder(&self.object_id).len()..].starts_with(ORIGINAL)
    }

    /// The random id of the image that the object belongs to.
    pub fn object_id(&self) -> &ObjectId {
        &self.object_id
    }

    /// The content type of the object.
    pub fn content_type(&self) -> &'static str {
        self.format.content_type()
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::ObjectKey;

    const ID: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_key_read_back_from_its_path_is_the_same_key() {
        for path in [
            format!("01/{ID}/original.jpg"),
            format!("01/{ID}/12/small.webp"),
            format!("01/{ID}/1/medium.png"),
        ] {
            assert_eq!(ObjectKey::parse(&path).expect("a key").as_str(), path);
        }
    }

    #[test]
    fn what_we_would_not_spell_is_no_key() {
        let upper = ID.to_uppercase();
        let bad = [
            String::new(),
            "01".into(),
            format!("02/{ID}/original.jpg"),
            format!("01/{upper}/original.jpg"),
            format!("01/{ID}/original.exe"),
            format!("01/{ID}/0/small.jpg"),
            format!("01/{ID}/01/small.jpg"),
            format!("01/{ID}/1/large.jpg"),
            format!("01/{ID}/../../etc/passwd.jpg"),
            format!("01/{ID}"),
            format!("01/{ID}/"),
            format!("01/{ID}x"),
        ];
        for path in bad {
            assert_eq!(ObjectKey::parse(&path), None, "{path}");
        }
    }
}
