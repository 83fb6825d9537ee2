//! What the api and the worker have in common: the models, the paginated image schema, the resize
//! job, the settings, and the three seams (metadata, objects, jobs) with two implementations each.
//!
//! This crate knows neither HTTP nor pixels, and it alone names `diesel`, `lapin` and `rusoto`.

pub mod account;
pub mod back_off;
pub mod backends;
pub mod failure_code;
pub mod ids;
pub mod image;
pub mod jobs;
pub mod logging;
pub mod metadata;
pub mod objects;
pub mod page;
pub mod resize_job;
pub mod settings;
pub mod shutdown;
pub mod variant;

mod sql_text;

#[cfg(feature = "testing")]
pub mod testing;
