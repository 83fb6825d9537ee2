//! The stage of a story: a worker with its own backends in a temporary folder, and the actions of a story on them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use resizinator_formats::Format;
use resizinator_shared::backends::Backends;
use resizinator_shared::ids::{ObjectId, UserId};
use resizinator_shared::image::{Image, StoredHeader};
use resizinator_shared::jobs::{JobQueue, Published};
use resizinator_shared::metadata::{MetadataStore, NewImage};
use resizinator_shared::objects::{Content, FolderStore, ObjectKey, ObjectStore, SigningWindow};
use resizinator_shared::page::CursorKeys;
use resizinator_shared::resize_job::ResizeJob;
use resizinator_shared::settings::{DatabaseUrl, Limits};
use resizinator_shared::testing::metadata::run_sql;
use resizinator_shared::testing::{accept, username};
use resizinator_shared::trace::Trace;
use resizinator_worker::{Status, WorkerError, run};
use tempfile::TempDir;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::queue::{RecordingQueue, Settled};
use crate::store::FaultyStore;

/// The longest time that a story waits for something.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Stage {
    pub(crate) metadata: Arc<MetadataStore>,
    pub(crate) objects: Arc<FaultyStore>,
    pub(crate) jobs: Arc<RecordingQueue>,
    pub(crate) database: DatabaseUrl,
    pub(crate) user: UserId,
    settled: UnboundedReceiver<Settled>,
    limits: Limits,
    worker: Option<RunningWorker>,
    _folder: TempDir,
}

/// The switch that ends a worker, and the task in which it runs.
type RunningWorker = (oneshot::Sender<()>, JoinHandle<Result<(), WorkerError>>);

/// The settings of a worker with one slot and short times that suit a test.
pub(crate) fn limits() -> Limits {
    Limits {
        slots: 1,
        renderer_memory: 128 << 20,
        lease: Duration::from_secs(60),
        retry_delays: [5, 30, 120, 300].map(Duration::from_secs).to_vec(),
        ..Limits::default()
    }
}

impl Stage {
    /// Starts a worker.
    pub(crate) async fn start() -> Self {
        Self::start_with(limits()).await
    }

    pub(crate) async fn start_with(limits: Limits) -> Self {
        let mut stage = Self::prepare(limits).await;
        stage.start_worker();
        // The worker checks the stores once before its first job, which must not be part of a story.
        until("the worker is at work", async || stage.objects.checks() > 0).await;
        stage
    }

    /// Makes everything except for the worker.
    pub(crate) async fn prepare(limits: Limits) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = DatabaseUrl::Sqlite(folder.path().join("metadata.sqlite3"));
        let metadata = Arc::new(MetadataStore::open(&database).expect("a metadata store"));
        metadata.migrate().await.expect("migrates");
        let window = SigningWindow::new(limits.url_lifetime);
        let objects = FolderStore::open(folder.path().join("objects"), vec![vec![7; 32]], window);
        let objects = Arc::new(FaultyStore::new(objects.expect("an object store")));
        let (jobs, settled) = RecordingQueue::new();
        let jobs = Arc::new(jobs);
        let user = metadata.create_user(&username("ada"), "hash", None).await.expect("makes a user");
        Self { metadata, objects, jobs, database, user, settled, limits, worker: None, _folder: folder }
    }

    pub(crate) fn start_worker(&mut self) {
        let backends = Backends {
            cursors: CursorKeys::new(Vec::new()),
            metadata: self.metadata.clone(),
            objects: self.objects.clone(),
            jobs: self.jobs.clone(),
            announcer: None,
            published: Published::default(),
        };
        let (stop, stopped) = oneshot::channel();
        let shutdown = async move { drop(stopped.await) };
        let worker = tokio::spawn(run(self.limits.clone(), backends, Status::default(), shutdown));
        self.worker = Some((stop, worker));
    }

    /// Accepts an image whose original is `order`, without publishing a job.
    pub(crate) async fn accepted(&self, order: &'static [u8]) -> Image {
        let object_id = ObjectId::random();
        let new = NewImage {
            user_id: self.user,
            object_id: &object_id,
            file_name: "a.png",
            format: Format::Png,
            bytes: order.len().try_into().expect("few"),
            sha256: &"0f".repeat(32),
            header: StoredHeader { width: 400, height: 300, frames: 1 },
            trace: &Trace::default(),
            held: false,
        };
        let received = self.metadata.receive(&new).await.expect("receives");
        let content = Content::of(Bytes::from_static(order));
        self.objects.put(&ObjectKey::original(&received), content).await.expect("puts");
        accept(&self.metadata, &received).await.expect("was received")
    }

    /// Publishes the image's job, and waits for the worker's verdict.
    pub(crate) async fn verdict_on(&mut self, image: &Image) -> Settled {
        self.publish(&ResizeJob::of(image)).await;
        self.settled().await
    }

    pub(crate) async fn publish(&self, job: &ResizeJob) {
        self.jobs.publish(job, &Trace::default()).await.expect("publishes");
    }

    /// Waits until the next delivery is settled, and returns how. A delivery is settled only once.
    pub(crate) async fn settled(&mut self) -> Settled {
        let settled = tokio::time::timeout(PATIENCE, self.settled.recv()).await;
        settled.expect("waited in vain for a verdict").expect("the queue is there")
    }

    /// Fails if a delivery was settled that the story has not asked for.
    pub(crate) fn assert_nothing_more_settled(&mut self) {
        assert!(self.settled.try_recv().is_err());
    }

    /// Accepts an image and has it rendered.
    pub(crate) async fn ready(&mut self) -> Image {
        let image = self.accepted(crate::renderer::RENDERS).await;
        assert_eq!(self.verdict_on(&image).await, Settled::Acknowledged);
        self.shown(&image).await
    }

    /// Reads the image's row as its owner sees it.
    pub(crate) async fn shown(&self, image: &Image) -> Image {
        self.found(image).await.expect("the image is shown")
    }

    pub(crate) async fn found(&self, image: &Image) -> Option<Image> {
        self.metadata.image(image.user_id, image.id).await.expect("looks an image up")
    }

    /// Removes the image's objects without the service noticing.
    pub(crate) async fn lose(&self, image: &Image) {
        self.objects.delete(&ObjectKey::all_of(image)).await.expect("deletes");
    }

    pub(crate) async fn sql(&self, sql: &str) {
        run_sql(&self.database, sql).await;
    }

    /// Asks the worker to end, and waits until it has ended.
    pub(crate) async fn stop(&mut self) -> Result<(), WorkerError> {
        let (stop, worker) = self.worker.take().expect("a worker runs");
        drop(stop);
        let ended = tokio::time::timeout(PATIENCE, worker).await;
        ended.expect("waited in vain for the worker's end").expect("does not panic")
    }

    /// Waits until the worker ends by itself.
    pub(crate) async fn ended(&mut self) -> Result<(), WorkerError> {
        let (_stop, worker) = self.worker.take().expect("a worker runs");
        let ended = tokio::time::timeout(PATIENCE, worker).await;
        ended.expect("waited in vain for the worker's end").expect("does not panic")
    }
}

/// Waits until a condition is true.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("waited in vain until {what}"));
}
