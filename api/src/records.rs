//! Makes the record that clients see from the row of an image.

use resizinator_shared::image::{Image, ImageRecord};
use resizinator_shared::objects::{ObjectError, ObjectKey, ObjectStore};
use resizinator_shared::variant::VariantKind;

pub(crate) async fn record(
    objects: &dyn ObjectStore,
    base_url: &str,
    image: &Image,
) -> Result<ImageRecord, ObjectError> {
    // Both variants depend on one column, so that a client never sees one without the other.
    let variant = async |kind| match image.visible_generation {
        Some(generation) => {
            let key = ObjectKey::variant(image, generation, kind);
            objects.signed_url(&key, base_url).await.map(Some)
        }
        None => Ok(None),
    };
    Ok(ImageRecord {
        id: image.id,
        original: objects.signed_url(&ObjectKey::original(image), base_url).await?,
        small: variant(VariantKind::Small).await?,
        medium: variant(VariantKind::Medium).await?,
        updated_at: image.updated_at,
        created_at: image.created_at,
        user: image.user_id,
    })
}
