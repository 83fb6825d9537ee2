//! The settings of the service, which are read from environment variables. [`Settings::default`] is the embedded
//! default. A wrong or contradictory value stops the start, with one sentence that explains it.

mod aws_keys;
mod connections;
mod cors;
mod limits;
mod management_url;
mod placeholder;
mod plain_character;
mod rates;
mod read;
mod secret;
mod secret_url;
mod secret_variable;
mod urls;
mod webhook_targets;

use std::path::PathBuf;

use ipnet::IpNet;
use url::Url;

use crate::logging::LogFormat;

pub use aws_keys::AwsKeys;
pub use connections::ConnectionLimits;
pub use cors::CorsOrigins;
pub use limits::{Limits, UploadLimits};
pub use rates::{Rate, RateLimit, RateLimits};
pub use read::SettingError;
pub use secret::Secret;
pub use urls::{DatabaseUrl, QueueUrl, S3Location, StorageUrl};
pub use webhook_targets::WebhookTargets;

/// All settings of the service. The README has a table of them.
#[derive(Clone)]
pub struct Settings {
    /// `RESIZINATOR_LISTEN`: address and port of the api.
    pub listen: String,
    /// `RESIZINATOR_METRICS_LISTEN`: address and port of `metrics`, `healthz` and `readyz` for operators. If unset, they
    /// are not served there.
    pub metrics_listen: Option<String>,
    /// `RESIZINATOR_LOG`: the form of the log. [`crate::logging`] has read it already.
    pub log: LogFormat,
    /// `RESIZINATOR_DATA`: the folder for the data of the embedded default and for temporary files.
    pub data: PathBuf,
    /// `RESIZINATOR_PUBLIC_URL`: the URL that links begin with; if it is unset, they begin with the request's Host.
    pub public_url: Option<Url>,
    /// `RESIZINATOR_ALLOWED_HOSTS`: the hosts that are served, separated by commas; empty means any host.
    pub allowed_hosts: Vec<String>,
    /// `RESIZINATOR_TRUSTED_PROXIES`: the addresses and networks (CIDR) whose forwarded headers are trusted, separated
    /// by commas.
    pub trusted_proxies: Vec<IpNet>,
    /// `RESIZINATOR_CORS_ORIGINS`: the origins whose pages may use the api from a browser.
    pub cors_origins: CorsOrigins,
    /// `RESIZINATOR_CONSOLE`: whether the console for people is served at `/`.
    pub console: bool,
    /// `RESIZINATOR_REGISTRATION`: whether `user/register/` creates users.
    pub registration_open: bool,
    /// `DATABASE_URL`: where the metadata are stored.
    pub database: DatabaseUrl,
    /// `QUEUE_URL`: where the jobs are queued.
    pub queue: QueueUrl,
    /// `STORAGE_URL`: where the objects are stored.
    pub storage: StorageUrl,
    /// `RESIZINATOR_SECRET`: the secrets for the cursors of lists and for the signed URLs of a local folder. The first
    /// one signs, and all of them verify. If there is none, the service makes one and keeps it in the data folder.
    pub secrets: Vec<Secret>,
    /// The limits on files, work and time.
    pub limits: Limits,
    /// The limits on the connections of clients.
    pub connections: ConnectionLimits,
    /// `RESIZINATOR_RATE_LIMITS`: how often clients may ask.
    pub rate_limits: RateLimits,
    /// `RESIZINATOR_RABBITMQ_UI`: the address of the broker's management UI, which operators are shown.
    pub rabbitmq_ui: Option<Url>,
    /// `RESIZINATOR_WEBHOOK_TARGETS`: which URLs webhooks may have.
    pub webhook_targets: WebhookTargets,
}

impl Default for Settings {
    fn default() -> Self {
        Self::embedded_in("./data".into())
    }
}

impl Settings {
    /// The embedded default settings, with all data in one folder.
    pub fn embedded_in(data: PathBuf) -> Self {
        Self {
            listen: "127.0.0.1:8000".into(),
            metrics_listen: None,
            log: LogFormat::default(),
            public_url: None,
            allowed_hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            cors_origins: CorsOrigins::None,
            console: true,
            registration_open: true,
            database: DatabaseUrl::Sqlite(data.join("resizinator.sqlite3")),
            queue: QueueUrl::InProcess,
            storage: StorageUrl::Folder(data.join("objects")),
            secrets: Vec::new(),
            limits: Limits::default(),
            connections: ConnectionLimits::default(),
            rate_limits: RateLimits::default(),
            rabbitmq_ui: None,
            webhook_targets: WebhookTargets::default(),
            data,
        }
    }

    /// The folder where uploads are kept while they arrive.
    pub fn temporary_folder(&self) -> PathBuf {
        self.data.join("tmp")
    }

    /// Reads the settings from the environment of this process.
    pub fn from_env() -> Result<Self, SettingError> {
        Self::from_lookup(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// Reads the settings from any source of named values. An empty value counts as unset.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingError> {
        read::settings(&|name| lookup(name).filter(|value| !value.is_empty()))
    }
}
