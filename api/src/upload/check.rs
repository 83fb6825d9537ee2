//! Is it an image that we take? Signature, header and structure, before anything is stored.

use std::fs::File;
use std::io::{BufReader, Cursor, Seek, SeekFrom};

use resizinator_shared::image::Format;
use resizinator_shared::objects::Source;
use resizinator_shared::settings::Limits;

use super::file_name::{base_name, check_extension, check_length};
use super::receive::ReceivedFile;
use super::spool::Received;
use crate::error::ApiError;
use crate::structure::{self, Header, StructureError};

const BUFFER: usize = 64 << 10;

/// A file that we take.
#[derive(Debug)]
pub(crate) struct CheckedFile {
    pub(crate) name: String,
    pub(crate) format: Format,
    pub(crate) received: Received,
}

pub(crate) async fn check(file: ReceivedFile, limits: &Limits) -> Result<CheckedFile, ApiError> {
    let ReceivedFile { name, mut received } = file;
    let name = base_name(&name);
    if received.len == 0 {
        return Err(refused("The submitted file is empty."));
    }
    check_length(&name)?;
    let within = structure::Limits { frames: limits.frames };
    let header;
    (header, received.content.source) = inspect(received.content.source, within).await?;
    check_extension(&name)?;
    check_limits(&header, limits)?;
    Ok(CheckedFile { name, format: header.format, received })
}

async fn inspect(source: Source, limits: structure::Limits) -> Result<(Header, Source), ApiError> {
    match source {
        Source::Bytes(bytes) => {
            let header = structure::inspect(&mut Cursor::new(&bytes), &limits).map_err(invalid)?;
            Ok((header, Source::Bytes(bytes)))
        }
        Source::File { file, len } => {
            let work = move || inspect_file(file, &limits);
            let (header, file) = tokio::task::spawn_blocking(work)
                .await
                .map_err(|error| ApiError::Internal(error.to_string()))?
                .map_err(invalid)?;
            Ok((header, Source::File { file, len }))
        }
    }
}

fn inspect_file(mut file: File, limits: &structure::Limits) -> Result<(Header, File), StructureError> {
    file.seek(SeekFrom::Start(0))?;
    let mut reader = BufReader::with_capacity(BUFFER, file);
    let header = structure::inspect(&mut reader, limits)?;
    let mut file = reader.into_inner();
    file.seek(SeekFrom::Start(0))?;
    Ok((header, file))
}

fn check_limits(header: &Header, limits: &Limits) -> Result<(), ApiError> {
    let pixels = u64::from(header.width) * u64::from(header.height);
    if pixels > limits.pixels {
        let Header { width, height, .. } = header;
        return Err(ApiError::Original(format!(
            "The limit max_pixels is {}, and the image has {pixels} ({width} × {height}).",
            limits.pixels
        )));
    }
    let side = header.width.max(header.height);
    if side > limits.side {
        return Err(ApiError::Original(format!(
            "The limit max_side is {}, and the image is {side} pixels long ({} × {}).",
            limits.side, header.width, header.height
        )));
    }
    if header.frames > limits.frames {
        return Err(ApiError::Original(format!(
            "The limit max_frames is {}, and the animation has {} or more.",
            limits.frames, header.frames
        )));
    }
    let of_all_frames = pixels.saturating_mul(header.frames.into());
    if header.frames > 1 && of_all_frames > limits.animation_pixels {
        return Err(ApiError::Original(format!(
            "The limit max_animation_pixels is {}, and the animation has {of_all_frames} ({} × {} × {}).",
            limits.animation_pixels, header.width, header.height, header.frames
        )));
    }
    Ok(())
}

fn invalid(error: StructureError) -> ApiError {
    match error {
        StructureError::Invalid => refused(
            "Upload a valid image. The file you uploaded was either not an image or a corrupted image.",
        ),
        StructureError::Unsupported(name) => {
            let message = format!(
                "{name} is not supported. Accepted formats are: JPEG, PNG, GIF, WebP, BMP, TIFF, AVIF."
            );
            ApiError::Original(message)
        }
        StructureError::Io(error) => ApiError::Unavailable(format!("a temporary file: {error}")),
    }
}

fn refused(message: &str) -> ApiError {
    ApiError::Original(message.into())
}
