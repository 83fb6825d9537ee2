//! A running api and a running worker, and the tools that observe them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::ensure;
use resizinator_shared::jobs::{JobQueue, RabbitOptions, RabbitQueue};

use super::{Setup, StoreKind};
use crate::client::Client;
use crate::database::Database;
use crate::parts::Parts;
use crate::photos::Photos;
use crate::process::Program;
use crate::services;

/// The pause between two requests of a client that waits for its image.
const PAUSE: Duration = Duration::from_millis(20);

pub(crate) struct Running {
    pub(crate) store: StoreKind,
    pub(crate) api: Program,
    pub(crate) worker: Program,
    pub(crate) client: Client,
    pub(crate) database: Database,
    pub(crate) queue: Arc<RabbitQueue>,
    pub(crate) parts: Parts,
    pub(crate) objects_folder: PathBuf,
    /// The number of images that the worker renders at a time.
    pub(crate) slots: u16,
}

impl Running {
    /// Starts the api and the worker, and waits until the worker has rendered an image.
    pub(crate) async fn start(setup: &Setup, photos: &Photos) -> anyhow::Result<Self> {
        let api = Program::start("resizinator-api", setup)?;
        let worker = Program::start("resizinator-worker", setup)?;
        let client = Client::connect(&setup.settings.listen).await?;
        client.wait_for_variants(client.upload(&photos.small).await?, PAUSE).await?;
        let options = RabbitOptions { names: "images.resize".into(), ..RabbitOptions::default() };
        let queue = Arc::new(RabbitQueue::new(setup.queue_url()?, options)?);
        let depth = queue.depth().await?;
        ensure!(depth.ready + depth.retrying == 0, "the queue holds jobs of an earlier run");
        let with_s3 = setup.store == StoreKind::S3;
        Ok(Self {
            store: setup.store,
            parts: Parts::find(api.pid(), worker.pid(), &services::folder()?, with_s3)?,
            database: Database::connect(setup.database_url()?).await?,
            objects_folder: setup.objects_folder()?,
            slots: setup.settings.limits.slots,
            api,
            worker,
            client,
            queue,
        })
    }
}
