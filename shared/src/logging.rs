//! The log of every binary: to standard error, as `RUST_LOG` says.

use env_logger::{Builder, Env, Logger};
use log::{LevelFilter, Log, Metadata, Record};

/// Starts to log.
pub fn init() {
    let logger = Builder::new()
        // What libraries say only if `RUST_LOG` asks for it by their names. lapin logs an error for each queue that is
        // looked for and not there, and our connections say themselves what becomes of them; tracing, the beginnings
        // of spans.
        .filter_module("actix_server", LevelFilter::Warn)
        .filter_module("lapin", LevelFilter::Off)
        .filter_module("tracing", LevelFilter::Off)
        .parse_env(Env::default().default_filter_or("info"))
        // At debug it prints requests with their signatures.
        .filter_module("rusoto_core", LevelFilter::Info)
        .filter_module("rusoto_signature", LevelFilter::Info)
        .build();
    log::set_max_level(logger.filter());
    log::set_boxed_logger(Box::new(WithoutFalseAlarm(logger))).expect("the first to start to log");
}

/// Leaves out what the HTTP server says at each shutdown, when its socket has stopped listening: that is meant.
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
