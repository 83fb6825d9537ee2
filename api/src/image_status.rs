//! What became of an image, as clients see it.

use chrono::{DateTime, SecondsFormat, Utc};
use resizinator_formats::Format;
use resizinator_shared::ids::ImageId;
use resizinator_shared::image::{Image, State};
use resizinator_shared::placeholder::Placeholder;
use resizinator_shared::variant::StoredVariant;
use serde::Serialize;
use utoipa::ToSchema;

/// What became of an image, and what its files are.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImageStatus {
    #[schema(value_type = i64, minimum = 1)]
    id: ImageId,
    #[schema(value_type = ShownState)]
    state: &'static str,
    /// How many tries to render the image ended without a result. The try that is running counts too.
    attempts: i32,
    /// Why the image failed; null unless it did.
    #[schema(required)]
    error: Option<Failure>,
    /// The name that the client gave to the file.
    file_name: String,
    /// SHA-256 of the original in hexadecimal digits.
    sha256: String,
    original: File,
    /// Null until both variants are ready.
    #[schema(required)]
    small: Option<File>,
    /// Null until both variants are ready.
    #[schema(required)]
    medium: Option<File>,
    /// A ThumbHash in base64, from which a client paints the image before it has loaded a variant.
    #[schema(value_type = Option<String>, required)]
    placeholder: Option<Placeholder>,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime, required)]
    accepted_at: Option<String>,
    /// When the image became ready or failed.
    #[schema(format = DateTime, required)]
    finished_at: Option<String>,
    #[schema(format = DateTime)]
    updated_at: String,
}

/// The states of images that clients see.
#[derive(ToSchema)]
#[schema(as = State, rename_all = "lowercase")]
#[expect(dead_code, reason = "it is only described")]
enum ShownState {
    Pending,
    Processing,
    Ready,
    Failed,
}

/// Why an image failed.
#[derive(Serialize, ToSchema)]
struct Failure {
    /// A stable code.
    code: String,
    /// A sentence for people.
    #[schema(required)]
    detail: Option<String>,
    /// Whether the image may become ready if it is rendered once more, with `retry/`.
    retryable: bool,
}

/// What is known of a file. Numbers are null if an earlier release stored the file and did not record them.
#[derive(Serialize, ToSchema)]
struct File {
    format: &'static str,
    /// In pixels. Those of the original are as its file stores them, before its orientation is applied.
    #[schema(required)]
    width: Option<u32>,
    /// In pixels.
    #[schema(required)]
    height: Option<u32>,
    /// 1 for a still image.
    #[schema(required)]
    frames: Option<u32>,
    #[schema(required)]
    bytes: Option<i64>,
}

impl ImageStatus {
    pub(crate) fn of(image: Image) -> Self {
        let failed = image.state == State::Failed;
        let known = image.variants.as_ref();
        let variant = |size: Option<StoredVariant>| {
            image.visible_generation.map(|_| File {
                format: image.format_of_variants().name(),
                width: size.map(|size| size.width),
                height: size.map(|size| size.height),
                frames: known.and_then(|known| known.frames),
                bytes: size.map(|size| size.bytes.into()),
            })
        };
        Self {
            id: image.id,
            state: image.state.name(),
            attempts: image.attempts,
            error: image.error_code.as_ref().filter(|_| failed).map(|code| Failure {
                code: code.name().to_owned(),
                detail: image.error_detail.clone(),
                retryable: code.may_pass_later(),
            }),
            original: original(&image, image.format),
            small: variant(known.map(|known| known.small)),
            medium: variant(known.map(|known| known.medium)),
            placeholder: known.and_then(|known| known.placeholder.clone()),
            created_at: text(image.created_at),
            accepted_at: image.accepted_at.map(text),
            finished_at: image.finished_at.map(text),
            updated_at: text(image.updated_at),
            file_name: image.file_name,
            sha256: image.sha256,
        }
    }
}

fn original(image: &Image, format: Format) -> File {
    File {
        format: format.name(),
        width: image.header.map(|header| header.width),
        height: image.header.map(|header| header.height),
        frames: image.header.map(|header| header.frames),
        bytes: Some(image.bytes),
    }
}

fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}
