//! The log of every binary, which goes to standard error. `RUST_LOG` says what it contains.

use env_logger::{Builder, Env, Logger};
use log::{LevelFilter, Log, Metadata, Record};

/// Starts the log of this process.
pub fn init() {
    let logger = Builder::new()
        // These libraries log only if `RUST_LOG` names them. lapin logs an error for each queue that it looks for and
        // does not find, and our own connections already log what happens to them; tracing logs the start of each span.
        .filter_module("actix_server", LevelFilter::Warn)
        .filter_module("lapin", LevelFilter::Off)
        .filter_module("tracing", LevelFilter::Off)
        .parse_env(Env::default().default_filter_or("info"))
        // At the level debug, rusoto prints requests with their signatures.
        .filter_module("rusoto_core", LevelFilter::Info)
        .filter_module("rusoto_signature", LevelFilter::Info)
        .build();
    log::set_max_level(logger.filter());
    log::set_boxed_logger(Box::new(WithoutFalseAlarm(logger))).expect("the first to start to log");
}

/// A logger that leaves out one error, which the HTTP server logs at each shutdown because its socket has stopped
/// listening. That is what a shutdown does on purpose.
struct WithoutFalseAlarm(Logger);

impl WithoutFalseAlarm {
    fn is_false_alarm(record: &Record<'_>) -> bool {
        record.target() == "actix_server::accept" && record.args().to_string().ends_with("(os error 22)")
    }
}

impl Log for WithoutFalseAlarm {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.0.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if self.0.matches(record) && !Self::is_false_alarm(record) {
            self.0.log(record);
        }
    }

    fn flush(&self) {
        self.0.flush();
    }
}
