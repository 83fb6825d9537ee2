//! The check of an uploaded file: its name, signature, header and structure are checked before anything is stored.

use std::io;
use std::sync::Arc;

use resizinator_formats::{Header, ImageLimits, InspectError};
use resizinator_shared::objects::ContentSource;
use resizinator_shared::settings::Limits;

use super::admission::Permit;
use super::disk::Room;
use super::file_name::{check_extension, check_length};
use super::receive::ReceivedFile;
use super::spool::Received;
use super::windows::FileWindows;
use crate::error::ApiError;

/// A file that has passed the checks.
#[derive(Debug)]
pub(crate) struct CheckedFile {
    pub(crate) name: String,
    pub(crate) header: Header,
    pub(crate) received: Received,
    /// Its room on the disk, which is kept until it is stored.
    pub(crate) room: Room,
}

/// Checks a file. The check goes on when its client has gone, and keeps `place` for as long.
pub(crate) async fn check(
    file: ReceivedFile,
    limits: &Limits,
    place: Arc<Permit>,
) -> Result<CheckedFile, ApiError> {
    let ReceivedFile { name, mut received, room } = file;
    if received.len == 0 {
        return Err(ApiError::Original("The submitted file is empty.".into()));
    }
    check_length(&name)?;
    let kept = (place, room);
    let (header, source, (_, room)) = inspect(received.content.source, limits.image, kept).await?;
    received.content.source = source;
    check_extension(&name)?;
    limits.image.check(&header).map_err(|exceeded| ApiError::Original(exceeded.to_string()))?;
    Ok(CheckedFile { name, header, received, room })
}

/// Reads the structure of the file. This runs outside the threads of the event loops, since a hostile file may take
/// long.
async fn inspect<K: Send + 'static>(
    source: ContentSource,
    limits: ImageLimits,
    kept: K,
) -> Result<(Header, ContentSource, K), ApiError> {
    let work = move || {
        let found = match &source {
            ContentSource::Bytes(bytes) => resizinator_formats::inspect(&mut &bytes[..], &limits)
                .map_err(|error| refusal(error, |never| match never {})),
            ContentSource::File { file, len } => {
                resizinator_formats::inspect(&mut FileWindows::new(file, *len), &limits)
                    .map_err(|error| refusal(error, temporary_file))
            }
        };
        found.map(|header| (header, source, kept))
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| ApiError::Internal(error.to_string()))?
}

fn refusal<E>(error: InspectError<E>, unavailable: impl FnOnce(E) -> ApiError) -> ApiError {
    match error {
        InspectError::Refused(refusal) => ApiError::Original(refusal.to_string()),
        InspectError::Source(error) => unavailable(error),
    }
}

fn temporary_file(error: io::Error) -> ApiError {
    ApiError::Unavailable(format!("a temporary file: {error}"))
}
