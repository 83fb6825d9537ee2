//! The reception of a file from the request. It needs the same memory whatever the size of the file.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::web::Payload;
use futures_util::StreamExt;
use resizinator_shared::settings::Settings;

use super::plain_body::{self, has_body, media_type, unsupported};
use super::spool::{Received, Spool};
use crate::error::ApiError;

const FIELD: &str = "original";
const NO_FILE: &str = "No file was submitted.";
const NOT_A_FILE: &str = "The submitted data was not a file. Check the encoding type on the form.";

/// How many bytes the other fields, the headers and the boundaries may take in addition to the file.
const OVERHEAD: u64 = 1 << 20;

/// A file that has arrived, and the name that the client gave it.
#[derive(Debug)]
pub(crate) struct ReceivedFile {
    pub(crate) name: String,
    pub(crate) received: Received,
}

pub(crate) async fn receive(
    request: &HttpRequest,
    payload: Payload,
    settings: &Settings,
) -> Result<ReceivedFile, ApiError> {
    if !has_body(request) {
        return Err(ApiError::Original(NO_FILE.into()));
    }
    match media_type(request).as_str() {
        "multipart/form-data" => receive_multipart(request, payload, settings).await,
        "application/json" | "application/x-www-form-urlencoded" => {
            let body = plain_body::collect(payload).await?;
            let fields = plain_body::fields(request, &body)?;
            let message = if fields.contains_key(FIELD) { NOT_A_FILE } else { NO_FILE };
            Err(ApiError::Original(message.into()))
        }
        _ => Err(unsupported(request)),
    }
}

async fn receive_multipart(
    request: &HttpRequest,
    payload: Payload,
    settings: &Settings,
) -> Result<ReceivedFile, ApiError> {
    let mut parts = Multipart::new(request.headers(), payload);
    let mut budget = settings.limits.bytes + OVERHEAD;
    let mut last = Err(ApiError::Original(NO_FILE.into()));
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(malformed)?;
        let is_ours = part.name() == Some(FIELD);
        let file_name = part
            .content_disposition()
            .and_then(|disposition| {
                let extended = disposition.get_filename_ext();
                let plain = disposition.get_filename().map(str::to_owned);
                plain.or_else(|| extended.map(|name| String::from_utf8_lossy(&name.value).into_owned()))
            })
            .filter(|name| !name.is_empty());
        last = match file_name {
            // If there are several files, the last one counts.
            Some(name) if is_ours => {
                let received = receive_file(&mut part, settings, &mut budget).await?;
                Ok(ReceivedFile { name, received })
            }
            _ => {
                while let Some(chunk) = part.next().await {
                    spend(&mut budget, chunk.map_err(malformed)?.len(), settings)?;
                }
                // A text field of the same name is ignored if there is a file too, before or after it.
                if is_ours && last.is_err() { Err(ApiError::Original(NOT_A_FILE.into())) } else { last }
            }
        };
    }
    last
}

async fn receive_file(part: &mut Field, settings: &Settings, budget: &mut u64) -> Result<Received, ApiError> {
    let mut spool = Spool::new(&settings.temporary_folder());
    while let Some(chunk) = part.next().await {
        let chunk = chunk.map_err(malformed)?;
        spend(budget, chunk.len(), settings)?;
        if spool.len() + chunk.len() as u64 > settings.limits.bytes {
            return Err(too_large(settings));
        }
        spool.write(&chunk).await.map_err(temporary_file)?;
    }
    spool.finish().await.map_err(temporary_file)
}

fn spend(budget: &mut u64, len: usize, settings: &Settings) -> Result<(), ApiError> {
    *budget = budget.checked_sub(len as u64).ok_or_else(|| too_large(settings))?;
    Ok(())
}

fn too_large(settings: &Settings) -> ApiError {
    let limit = settings.limits.bytes;
    ApiError::TooLarge(format!("The limit max_bytes is {limit} bytes, and the upload has more."))
}

fn malformed(error: MultipartError) -> ApiError {
    match error {
        MultipartError::BoundaryMissing => {
            ApiError::Parse("Multipart form parse error - Invalid boundary in multipart: None".into())
        }
        error => ApiError::Parse(format!("Multipart form parse error - {error}")),
    }
}

fn temporary_file(error: std::io::Error) -> ApiError {
    ApiError::Unavailable(format!("the folder for temporary files: {error}"))
}
