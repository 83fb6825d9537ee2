//! The code that the api and the worker share: the models, the schema of a page of images, the resize job, the
//! settings, and the three backends (metadata, objects and jobs) with two implementations each.
//!
//! This crate handles neither HTTP requests nor pixels. It is the only crate that uses `diesel`, `lapin` and `rusoto`.

pub mod account;
pub mod announce;
pub mod back_off;
pub mod backends;
pub mod dispatch;
pub mod failure_code;
pub mod health_check;
pub mod host;
pub mod idempotency;
pub mod ids;
pub mod image;
pub mod image_event;
pub mod jobs;
pub mod logging;
pub mod metadata;
pub mod objects;
pub mod page;
pub mod placeholder;
pub mod private;
pub mod resize_job;
pub mod runtime;
pub mod settings;
pub mod shutdown;
pub mod trace;
pub mod variant;

mod causes;
mod skew;
mod sql_text;

#[cfg(feature = "testing")]
pub mod testing;
