//! Settings, from the environment. [`Settings::default`] is the embedded default; a wrong or
//! contradictory value stops the start with one sentence.

mod limits;
mod read;
mod secret;
mod urls;

use std::net::IpAddr;
use std::path::PathBuf;

use url::Url;

pub use limits::Limits;
pub use read::SettingError;
pub use secret::Secret;
pub use urls::{DatabaseUrl, QueueUrl, S3Location, StorageUrl};

/// Everything that can be set. The README has the table.
#[derive(Clone)]
pub struct Settings {
    /// `RESIZINATOR_LISTEN`: address and port of the api.
    pub listen: String,
    /// `RESIZINATOR_WORKER_LISTEN`: address and port of a worker's health and metrics; none if unset.
    pub worker_listen: Option<String>,
    /// `RESIZINATOR_DATA`: the folder of the embedded default, and of temporary files.
    pub data: PathBuf,
    /// `RESIZINATOR_PUBLIC_URL`: what links begin with; the request's Host if unset.
    pub public_url: Option<Url>,
    /// `RESIZINATOR_ALLOWED_HOSTS`: hosts that are served, comma-separated; empty means any.
    pub allowed_hosts: Vec<String>,
    /// `RESIZINATOR_TRUSTED_PROXIES`: addresses whose forwarded headers count, comma-separated.
    pub trusted_proxies: Vec<IpAddr>,
    /// `RESIZINATOR_REGISTRATION`: whether `user/register/` makes users.
    pub registration_open: bool,
    /// `DATABASE_URL`.
    pub database: DatabaseUrl,
    /// `QUEUE_URL`.
    pub queue: QueueUrl,
    /// `STORAGE_URL`.
    pub storage: StorageUrl,
    /// `RESIZINATOR_SECRET`: signs the folder's URLs; the first signs, all verify. Empty means
    /// that the embedded default makes one and keeps it in the data folder.
    pub secrets: Vec<Secret>,
    /// The limits.
    pub limits: Limits,
}

impl Default for Settings {
    fn default() -> Self {
        Self::embedded_in("./data".into())
    }
}

impl Settings {
    /// The embedded default with all its data in one folder.
    pub fn embedded_in(data: PathBuf) -> Self {
        Self {
            listen: "127.0.0.1:8000".into(),
            worker_listen: None,
            public_url: None,
            allowed_hosts: Vec::new(),
            trusted_proxies: Vec::new(),
            registration_open: true,
            database: DatabaseUrl::Sqlite(data.join("resizinator.sqlite3")),
            queue: QueueUrl::InProcess,
            storage: StorageUrl::Folder(data.join("objects")),
            secrets: Vec::new(),
            limits: Limits::default(),
            data,
        }
    }

    /// Where uploads are kept while they arrive.
    pub fn temporary_folder(&self) -> PathBuf {
        self.data.join("tmp")
    }

    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, SettingError> {
        Self::from_lookup(|name| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned()))
    }

    /// Reads any source of named values. An empty value counts as unset.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, SettingError> {
        read::settings(&|name| lookup(name).filter(|value| !value.is_empty()))
    }
}
