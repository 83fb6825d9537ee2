//! The three backends. This is the only module that chooses their implementations; each is named by a URL.

use std::sync::Arc;

use crate::jobs::{Announcer, InProcessQueue, JobQueue, Published, RabbitOptions, RabbitQueue};
use crate::metadata::MetadataStore;
use crate::objects::{FolderStore, ObjectStore, S3Store, SigningWindow};
use crate::page::CursorKeys;
use crate::settings::{DatabaseUrl, QueueUrl, Secret, SettingError, Settings, StorageUrl};

mod secret_file;

/// The text that the names of all our queues begin with.
const QUEUE_NAMES: &str = "images.resize";

/// The name of the exchange of events.
const EVENTS: &str = "images.events";

/// The part of the service that runs in this process. Only `Standalone` has both ends of the in-process queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The binary `resizinator-api`.
    Api,
    /// The binary `resizinator-worker`.
    Worker,
    /// The binary `resizinator`, which runs the api and the worker.
    Standalone,
}

impl Role {
    /// The name of the binary, which is also the `app_id` of its messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Api => "resizinator-api",
            Self::Worker => "resizinator-worker",
            Self::Standalone => "resizinator",
        }
    }
}

/// The three backends. They connect when they are first used, and they connect again whenever it is needed.
#[derive(Debug, Clone)]
pub struct Backends {
    /// The store of users and image rows.
    pub metadata: Arc<MetadataStore>,
    /// The store of originals and variants.
    pub objects: Arc<dyn ObjectStore>,
    /// The queue of resize jobs.
    pub jobs: Arc<dyn JobQueue>,
    /// The exchange of events; `None` with the in-process queue, where nobody else can listen.
    pub announcer: Option<Arc<Announcer>>,
    /// The secrets that sign the cursors of lists. A worker makes no lists.
    pub cursors: CursorKeys,
    /// The number of messages that were published to the broker.
    pub published: Published,
}

/// The reason for which the backends cannot be made from the settings.
#[derive(Debug, thiserror::Error)]
pub enum BackendsError {
    /// A setting contradicts the role.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// A folder, a file or a URL cannot be used.
    #[error("{0}")]
    Local(String),
}

impl Backends {
    /// Makes the backends that the settings name, and logs which ones they are.
    pub fn choose(settings: &Settings, role: Role) -> Result<Self, BackendsError> {
        let published = Published::default();
        let retry_delays = settings.limits.retry_delays.clone();
        let (jobs, announcer): (Arc<dyn JobQueue>, _) = match &settings.queue {
            QueueUrl::InProcess if role != Role::Standalone => return Err(needs_a_broker(role).into()),
            QueueUrl::InProcess => (Arc::new(InProcessQueue::new(retry_delays)), None),
            QueueUrl::Amqp(url) => {
                let options = RabbitOptions {
                    names: QUEUE_NAMES.into(),
                    events: EVENTS.into(),
                    retry_delays,
                    application: role.name(),
                    published: published.clone(),
                };
                let queue = RabbitQueue::new(url, options).map_err(local)?;
                let announcer = Some(queue.announcer());
                (Arc::new(queue), announcer)
            }
        };
        let is_shared = matches!(settings.database, DatabaseUrl::Postgres(_));
        if role != Role::Worker && is_shared && settings.secrets.is_empty() {
            return Err(needs_a_secret().into());
        }
        let is_folder = matches!(settings.storage, StorageUrl::Folder(_));
        let secrets = if role != Role::Worker || is_folder { secrets(settings)? } else { Vec::new() };
        let window = SigningWindow::new(settings.limits.url_lifetime);
        let objects: Arc<dyn ObjectStore> = match &settings.storage {
            StorageUrl::Folder(folder) => {
                let secrets = secrets.iter().map(|secret| secret.expose().to_vec()).collect();
                let in_folder = |error| format!("STORAGE_URL: the folder {}: {error}", folder.display());
                Arc::new(
                    FolderStore::open(folder.clone(), secrets, window).map_err(in_folder).map_err(local)?,
                )
            }
            StorageUrl::S3(location) => {
                Arc::new(S3Store::new(location.as_ref().clone(), window).map_err(local)?)
            }
        };
        let metadata = Arc::new(MetadataStore::open(&settings.database).map_err(local)?);
        log::info!(
            "metadata in {}, objects in {}, jobs through {}",
            match &settings.database {
                DatabaseUrl::Sqlite(file) => format!("SQLite {}", file.display()),
                DatabaseUrl::Postgres(_) => "Postgres".into(),
            },
            match &settings.storage {
                StorageUrl::Folder(folder) => format!("the folder {}", folder.display()),
                StorageUrl::S3(location) => format!("S3 bucket {}", location.bucket),
            },
            match &settings.queue {
                QueueUrl::InProcess => "this process",
                QueueUrl::Amqp(_) => "RabbitMQ",
            },
        );
        Ok(Self { metadata, objects, jobs, announcer, cursors: CursorKeys::new(secrets), published })
    }
}

fn needs_a_broker(role: Role) -> SettingError {
    SettingError {
        variable: "QUEUE_URL",
        value: "in-process".into(),
        expected: format!(
            "amqp://USER:PASSWORD@HOST/VHOST for {}, which is only one end of the queue (`resizinator` alone can use \
             the in-process queue),",
            role.name()
        ),
    }
}

fn needs_a_secret() -> SettingError {
    SettingError {
        variable: "RESIZINATOR_SECRET",
        value: "not set".into(),
        expected: "a random text of at least 32 characters, the same on every replica since DATABASE_URL is Postgres,"
            .into(),
    }
}

fn secrets(settings: &Settings) -> Result<Vec<Secret>, BackendsError> {
    if settings.secrets.is_empty() {
        return Ok(vec![secret_file::read_or_make(&settings.data).map_err(local)?]);
    }
    Ok(settings.secrets.clone())
}

fn local(error: impl ToString) -> BackendsError {
    BackendsError::Local(error.to_string())
}
