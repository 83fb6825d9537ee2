//! Tests of the REST contract over real HTTP. Each test starts its own api on a free port, with its own folder for
//! everything that it stores.

mod helpers;

mod authentication;
mod content_encoding;
mod defects;
mod delete_image;
mod get_image;
mod headers;
mod health;
mod list_images;
mod login;
mod outages;
mod paths_and_methods;
mod properties;
mod register;
mod signed_urls;
mod upkeep;
mod upload_bounds;
mod upload_disk;
mod upload_formats;
mod upload_image;
mod upload_multipart;
mod upload_refused;
mod uploads_at_once;
