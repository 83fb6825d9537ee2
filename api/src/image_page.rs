//! One page of the list of images, as clients see it.

use resizinator_shared::image::{Image, ImageRecord};
use resizinator_shared::page::Include;
use serde::Serialize;
use utoipa::ToSchema;

use crate::image_status::ImageStatus;

/// One page of images.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImagePage {
    /// How many images the list has in all.
    #[schema(minimum = 0)]
    pub(crate) count: i64,
    /// The URL of the next page; null on the last page.
    #[schema(format = "uri", required)]
    pub(crate) next: Option<String>,
    /// The URL of the page before; null on the first page.
    #[schema(format = "uri", required)]
    pub(crate) previous: Option<String>,
    /// The images of this page.
    pub(crate) results: Vec<ListedImage>,
}

/// An image of a page: its record, and what else the query asks for.
#[derive(Serialize, ToSchema)]
pub(crate) struct ListedImage {
    #[serde(flatten)]
    record: ImageRecord,
    /// What became of the image; it is there with `include=status`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    status: Option<ImageStatus>,
}

impl ListedImage {
    pub(crate) fn new(record: ImageRecord, image: &Image, include: Include) -> Self {
        let status = match include {
            Include::Nothing => None,
            Include::Status => Some(ImageStatus::of(image.clone())),
        };
        Self { record, status }
    }
}
