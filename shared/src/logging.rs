//! The log of every binary: to standard error, as `RUST_LOG` says.

use env_logger::{Builder, Env};
use log::LevelFilter;

/// Without `RUST_LOG`. lapin logs an error for each queue that is looked for and not there; our connections say
/// themselves what becomes of them.
const DEFAULT: &str = "info,actix_server=warn,lapin=off";

/// Starts to log.
pub fn init() {
    Builder::from_env(Env::default().default_filter_or(DEFAULT))
        // At debug it prints requests with their signatures.
        .filter_module("rusoto_core", LevelFilter::Info)
        .filter_module("rusoto_signature", LevelFilter::Info)
        // Beginnings of libraries' spans, which say nothing.
        .filter_module("tracing", LevelFilter::Off)
        .init();
}
