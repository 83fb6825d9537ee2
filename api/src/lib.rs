//! The REST API. It accepts uploads, publishes resize jobs and serves the records of images. Its upkeep finishes what a
//! process left undone when it died.

mod auth;
mod client;
mod console;
mod descriptors;
mod edge;
mod error;
mod etag;
mod events;
mod forwarded;
mod handlers;
mod hashers;
mod image_page;
mod image_status;
mod links;
mod listener;
mod memory;
mod metrics;
mod middleware;
mod openapi;
mod overview;
mod query;
mod rates;
mod records;
mod routes;
mod server;
mod state;
mod token_uses;
mod upkeep;
mod upload;
mod waiting;
mod webhooks;

pub use routes::{Access, URLS, Url};
pub use server::Api;
