//! Tests of the REST contract over real HTTP. Each test starts its own api on a free port, with its own folder for
//! everything that it stores.

mod helpers;

mod account;
mod account_events;
mod authentication;
mod connections;
mod content_encoding;
mod cors;
mod defects;
mod delete_image;
mod delete_images;
mod entity_tags;
mod get_image;
mod headers;
mod health;
mod hosts;
mod idempotency;
mod image_events;
mod image_status;
mod limits;
mod list_filters;
mod list_images;
mod login;
mod openapi;
mod outages;
mod passwords;
mod paths_and_methods;
mod properties;
mod quotas;
mod rates;
mod register;
mod round_trips;
mod signed_urls;
mod tenancy;
mod tokens;
mod upkeep;
mod upload_bounds;
mod upload_disk;
mod upload_formats;
mod upload_image;
mod upload_multipart;
mod upload_refused;
mod uploads_at_once;
mod waiting;
mod webhooks;
