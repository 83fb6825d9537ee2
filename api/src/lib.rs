//! The REST API: accepts uploads, publishes resize jobs, serves the records, and keeps the rows
//! healthy (upkeep).

mod auth;
mod error;
mod handlers;
mod links;
mod listener;
mod middleware;
mod records;
mod routes;
mod server;
mod state;
mod upkeep;
mod upload;

pub use server::Api;
