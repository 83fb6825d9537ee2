//! The reception of a file from the request. It needs the same memory whatever the size of the file.

use std::sync::Arc;

use actix_multipart::Field;
use actix_web::HttpRequest;
use actix_web::web::Payload;
use futures_util::StreamExt;
use resizinator_shared::settings::Settings;

use super::body_limit::{BodyLimit, TooManyBytes, announced};
use super::disk::{Disk, Room};
use super::file_name::base_name;
use super::multipart::{BodyFault, Boundary, Disposition, parts};
use super::plain_body::{self, content_type, has_body, media_type, refuse_encoding, unsupported};
use super::spool::{Received, Spool};
use super::transfer::Transfer;
use crate::error::ApiError;

const FIELD: &str = "original";
pub(crate) const NO_FILE: &str = "No file was submitted.";
pub(crate) const NOT_A_FILE: &str = "The submitted data was not a file. Check the encoding type on the form.";

/// A file that has arrived.
#[derive(Debug)]
pub(crate) struct ReceivedFile {
    /// The name that the client gave it, without folders.
    pub(crate) name: String,
    pub(crate) received: Received,
    /// Its room on the disk, which is kept until it is stored.
    pub(crate) room: Room,
}

pub(crate) async fn receive(
    request: &HttpRequest,
    payload: Payload,
    settings: &Settings,
    disk: &Arc<Disk>,
) -> Result<ReceivedFile, ApiError> {
    if !has_body(request) {
        return Err(ApiError::Original(NO_FILE.into()));
    }
    match media_type(request).as_str() {
        "multipart/form-data" => receive_multipart(request, payload, settings, disk).await,
        "application/json" | "application/x-www-form-urlencoded" => {
            let body = plain_body::collect(request, payload).await?;
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
    disk: &Arc<Disk>,
) -> Result<ReceivedFile, ApiError> {
    refuse_encoding(request)?;
    let boundary = Boundary::of(content_type(request))?;
    let limit = BodyLimit::of(request, settings.limits.bytes)?;
    let mut room = disk.reserve(announced(request)).await?;
    let mut parts = parts(payload, &boundary, limit);
    let mut last = Err(NO_FILE);
    while let Some(part) = parts.next().await {
        let mut part = part.map_err(BodyFault::answer)?;
        let disposition = Disposition::of(part.headers());
        let is_ours = disposition.field.as_deref() == Some(FIELD);
        let is_file = disposition.file_name.is_some();
        match disposition.file_name.as_deref().and_then(base_name) {
            // If there are several files, the last one counts.
            Some(name) if is_ours => {
                let transfer = Transfer::new(disposition.is_base64);
                last = Ok((name, receive_file(&mut part, transfer, settings, &mut room).await?));
            }
            _ => {
                while let Some(chunk) = part.next().await {
                    chunk.map_err(BodyFault::answer)?;
                }
                // A text field of the same name is ignored if there is a file too, before or after it.
                if is_ours && !is_file && last.is_err() {
                    last = Err(NOT_A_FILE);
                }
            }
        }
    }
    let (name, received) = last.map_err(|message| ApiError::Original(message.into()))?;
    Ok(ReceivedFile { name, received, room })
}

async fn receive_file(
    part: &mut Field,
    mut transfer: Transfer,
    settings: &Settings,
    room: &mut Room,
) -> Result<Received, ApiError> {
    let limit = settings.limits.bytes;
    let mut spool = Spool::new(&settings.temporary_folder());
    while let Some(chunk) = part.next().await {
        let chunk = transfer.decode(chunk.map_err(BodyFault::answer)?)?;
        let (len, on_disk) = (spool.len() + chunk.len() as u64, spool.on_disk());
        if len > limit {
            return Err(TooManyBytes::Sent { limit }.into());
        }
        room.fit(len).await?;
        spool.write(&chunk).await.map_err(temporary_file)?;
        room.written(spool.on_disk() - on_disk);
    }
    transfer.finish()?;
    spool.finish().await.map_err(temporary_file)
}

fn temporary_file(error: std::io::Error) -> ApiError {
    ApiError::Unavailable(format!("the folder for temporary files: {error}"))
}
