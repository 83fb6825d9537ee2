//! The settings of one run.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use resizinator_shared::backends::{Backends, Role};
use resizinator_shared::objects::ObjectStore;
use resizinator_shared::settings::{DatabaseUrl, QueueUrl, Settings};

use crate::database::Database;
use crate::services;

/// The kind of object store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreKind {
    Folder,
    S3,
}

impl fmt::Display for StoreKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Folder => "folder",
            Self::S3 => "S3",
        })
    }
}

/// The settings that the api and the worker are started with.
pub(crate) struct Setup {
    pub(crate) store: StoreKind,
    pub(crate) settings: Settings,
    /// The variables that are added to the environment of the bench.
    pub(crate) environment: HashMap<&'static str, String>,
}

impl Setup {
    /// Makes the database keep the times of commits. It is called once, before the first run.
    pub(crate) async fn prepare_database() -> anyhow::Result<()> {
        let surroundings = Settings::from_env()?;
        Database::connect(postgres(&surroundings)?).await?.keep_times_of_commits().await?;
        services::services("stop", "postgres")?;
        services::services("start", "postgres")
    }

    /// Makes the settings of a run with a new database. `STORAGE_URL` has to name the S3 server.
    pub(crate) async fn new(store: StoreKind) -> anyhow::Result<Self> {
        let surroundings = Settings::from_env()?;
        let administration = Database::connect(postgres(&surroundings)?).await?;
        let data = std::path::absolute(surroundings.data.join(store.to_string()))?;
        let mut environment = HashMap::from([
            ("DATABASE_URL", administration.another(&format!("bench_{store}").to_lowercase()).await?),
            ("RESIZINATOR_DATA", data.display().to_string()),
            // The load comes from one address.
            ("RESIZINATOR_RATE_LIMITS", "off".into()),
        ]);
        if store == StoreKind::Folder {
            environment.insert("STORAGE_URL", format!("file://{}", objects_below(&data).display()));
        }
        let of = |name: &str| environment.get(name).cloned().or_else(|| std::env::var(name).ok());
        Ok(Self { store, settings: Settings::from_lookup(of)?, environment })
    }

    pub(crate) fn database_url(&self) -> anyhow::Result<&str> {
        postgres(&self.settings)
    }

    pub(crate) fn queue_url(&self) -> anyhow::Result<&str> {
        match &self.settings.queue {
            QueueUrl::Amqp(url) => Ok(url),
            QueueUrl::InProcess => bail!("QUEUE_URL has to be a RabbitMQ's"),
        }
    }

    /// The object store, with the same client library that the api and the worker use.
    pub(crate) fn objects(&self) -> anyhow::Result<Arc<dyn ObjectStore>> {
        Ok(Backends::choose(&self.settings, Role::Api).context("the backends")?.objects)
    }

    /// The folder in which the objects are stored, by any program.
    pub(crate) fn objects_folder(&self) -> anyhow::Result<PathBuf> {
        Ok(match self.store {
            StoreKind::Folder => objects_below(&self.settings.data),
            StoreKind::S3 => services::folder()?.join("s3/data"),
        })
    }
}

fn objects_below(data: &Path) -> PathBuf {
    data.join("objects")
}

fn postgres(settings: &Settings) -> anyhow::Result<&str> {
    match &settings.database {
        DatabaseUrl::Postgres(url) => Ok(url),
        DatabaseUrl::Sqlite(_) => bail!("DATABASE_URL has to be a PostgreSQL's"),
    }
}
