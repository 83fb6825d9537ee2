//! The log of every binary, which goes to standard error. `RUST_LOG` says what it contains, and `RESIZINATOR_LOG` which
//! form it has.

mod json;

use env_logger::{Builder, Env, Logger};
use log::{Level, LevelFilter, Log, Metadata, Record};

/// The libraries through which secrets pass. Below the level info they print requests with their signatures, headers
/// with tokens, frames with passwords, or the parameters of statements, whatever `RUST_LOG` says.
const CONFIDANTS: [&str; 9] = [
    "actix_http",
    "actix_web",
    "amq_protocol",
    "h2",
    "hyper",
    "lapin",
    "rusoto",
    "tokio_postgres",
    "tracing::span",
];

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Plain,
    /// One JSON object a line, for programs.
    Json,
}

impl LogFormat {
    /// The name of the setting.
    pub(crate) const VARIABLE: &str = "RESIZINATOR_LOG";

    pub(crate) fn parse(text: &str) -> Option<Self> {
        match text {
            "plain" => Some(Self::Plain),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    /// The form that the environment asks for. The settings are read after the log has started, and they refuse what is no
    /// form.
    fn from_env() -> Self {
        std::env::var(Self::VARIABLE).ok().and_then(|text| Self::parse(&text)).unwrap_or_default()
    }
}

/// Starts the log of this process.
pub fn init() {
    let mut builder = Builder::new();
    if LogFormat::from_env() == LogFormat::Json {
        builder.format(json::line);
        std::panic::set_hook(Box::new(|panic| log::error!("{panic}")));
    }
    let logger = builder
        // These libraries log only if `RUST_LOG` names them. lapin logs an error for each queue that it looks for and
        // does not find, and our own connections already log what happens to them; tracing logs the start of each span.
        .filter_module("actix_server", LevelFilter::Warn)
        .filter_module("lapin", LevelFilter::Off)
        .filter_module("tracing", LevelFilter::Off)
        .parse_env(Env::default().default_filter_or("info"))
        .build();
    log::set_max_level(logger.filter());
    log::set_boxed_logger(Box::new(Discreet(logger))).expect("the first to start to log");
}

/// A logger that leaves out what may contain secrets. It also leaves out one error that the HTTP server logs at each
/// shutdown: its socket has stopped listening, which is what a shutdown does on purpose.
struct Discreet(Logger);

impl Discreet {
    fn may_tell_secrets(metadata: &Metadata<'_>) -> bool {
        metadata.level() > Level::Info && CONFIDANTS.iter().any(|name| metadata.target().starts_with(name))
    }

    fn is_false_alarm(record: &Record<'_>) -> bool {
        record.target() == "actix_server::accept" && record.args().to_string().ends_with("(os error 22)")
    }
}

impl Log for Discreet {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        !Self::may_tell_secrets(metadata) && self.0.enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        if !Self::may_tell_secrets(record.metadata())
            && self.0.matches(record)
            && !Self::is_false_alarm(record)
        {
            self.0.log(record);
        }
    }

    fn flush(&self) {
        self.0.flush();
    }
}
