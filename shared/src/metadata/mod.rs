//! The metadata store: users, tokens and the rows of images. The state machine of an image is in this module.
//!
//! Every query is written once; `on_connection!` compiles its body for both databases.

mod admin;
mod cached;
mod claims;
mod clock;
mod columns;
mod connect;
mod deletion;
mod error;
mod events;
mod idle;
mod image_events;
mod images;
mod keys;
mod list;
mod migrate;
mod names;
mod operate;
mod quotas;
mod receive;
mod rows;
mod schema;
mod service;
mod tls;
mod tokens;
mod transfer;
mod turns;
mod upkeep;
mod users;
mod watch;
mod webhook_claims;
mod webhook_deliveries;
mod webhooks;
mod workers;

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDateTime, Utc};
use deadpool::managed::{Manager, Object, Pool};
use diesel_async::RunQueryDsl;

use crate::back_off::BackOff;
use crate::causes::with_causes;
use crate::settings::DatabaseUrl;
use clock::Clock;
use connect::{PostgresPool, SqlitePool};
use image_events::ImageEventSignals;

pub use admin::{FailureCount, ImageCounts, ImageOverview};
pub use claims::{ClaimOutcome, Release};
pub use error::MetadataError;
pub use events::RecordedEvent;
pub use image_events::ImageEventRange;
pub use keys::{KEYS_PER_USER, KnownKey, UploadKey};
pub use list::{Order, Page};
pub use quotas::Acceptance;
pub use receive::{NewImage, Receipt};
pub use rows::User;
pub use service::{Backlog, PoolUse};
pub use tokens::{NewToken, Token, TokenHolder};
pub use transfer::{HeldDatabase, Overview, TransferError};
pub use upkeep::OverdueJob;
pub use users::UserSummary;
pub use watch::Watch;
pub use webhook_claims::{AfterTry, ClaimedWebhook};
pub use webhook_deliveries::{DELIVERIES_KEPT, Try, WebhookDelivery};
pub use webhooks::{Registration, WEBHOOKS_PER_USER, Webhook, WebhookAddress};
pub use workers::{Heartbeat, Worker};

/// The longest time that a call takes. It is this short so that a client gets its 503 in under five seconds.
const LONGEST_CALL: Duration = Duration::from_millis(4500);

/// The first and the longest pause between tries to migrate.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The metadata store, on SQLite or on Postgres.
#[derive(Debug)]
pub struct MetadataStore {
    database: Database,
    clock: Clock,
    watchers: Arc<watch::Watchers>,
    image_events: ImageEventSignals,
}

enum Database {
    Sqlite { pool: SqlitePool, file: PathBuf },
    Postgres { pool: PostgresPool, url: String },
}

/// Runs one body on a connection to either database. Within the body, `?` takes diesel's errors. The macro turns them
/// into a [`MetadataError`], since it knows which database gave them and which method of the store it is used in.
/// The body is on the heap once it has a connection, so that a thousand requests which wait for one take little memory.
macro_rules! on_connection {
    ($store:expr, |$conn:ident| $body:block) => {{
        // The path of this function contains the name of the method.
        fn here() {}
        let statement = $crate::metadata::error::name_of_method(std::any::type_name_of_val(&here));
        let deadline = $crate::metadata::deadline();
        match &$store.database {
            $crate::metadata::Database::Sqlite { pool, .. } => {
                let mut pooled = $crate::metadata::connection(pool, deadline).await?;
                let work = Box::pin(async {
                    let $conn = &mut *pooled;
                    $body
                });
                let answer = $crate::metadata::by(deadline, work).await?;
                answer.map_err(|error: diesel::result::Error| {
                    let server = $crate::metadata::error::Server::Sqlite;
                    $crate::metadata::error::metadata_error(error, server, statement)
                })
            }
            $crate::metadata::Database::Postgres { pool, .. } => {
                let mut pooled = $crate::metadata::connection(pool, deadline).await?;
                let work = Box::pin(async {
                    let $conn = &mut *pooled;
                    $body
                });
                let answer = $crate::metadata::by(deadline, work).await.inspect_err(|_| {
                    // If the server vanished silently, the connection would stay open for a quarter of an hour. So
                    // would those that idle meanwhile, and each of them would cost the next call all its time.
                    drop(deadpool::managed::Object::take(pooled));
                    pool.retain(|_, _| false);
                })?;
                answer.map_err(|error: diesel::result::Error| {
                    let server = $crate::metadata::error::Server::Postgres;
                    $crate::metadata::error::metadata_error(error, server, statement)
                })
            }
        }
    }};
}
use on_connection;

impl MetadataStore {
    /// Makes a store, which connects to the database when it is first used.
    pub fn open(url: &DatabaseUrl) -> Result<Self, MetadataError> {
        match url {
            DatabaseUrl::Sqlite(file) => {
                connect::prepare_sqlite_file(file)
                    .map_err(|error| away(format!("DATABASE_URL: the file {}: {error}", file.display())))?;
                let database = Database::Sqlite { pool: connect::sqlite_pool(file)?, file: file.clone() };
                Ok(Self {
                    database,
                    clock: Clock::starting_at(Utc::now()),
                    watchers: Arc::default(),
                    image_events: ImageEventSignals::default(),
                })
            }
            DatabaseUrl::Postgres(url) => {
                let database = Database::Postgres { pool: connect::postgres_pool(url)?, url: url.clone() };
                Ok(Self {
                    database,
                    clock: Clock::default(),
                    watchers: Arc::default(),
                    image_events: ImageEventSignals::default(),
                })
            }
        }
    }

    /// Runs the migrations that are due and returns their names. Several processes may call it at the same time.
    pub async fn migrate(&self) -> Result<Vec<String>, MetadataError> {
        let done = match &self.database {
            Database::Sqlite { file, .. } => {
                let done = migrate::sqlite(file.clone()).await?;
                self.catch_up().await?;
                done
            }
            Database::Postgres { url, .. } => migrate::postgres(url).await?,
        };
        self.normalise_names().await?;
        Ok(done)
    }

    /// Runs the migrations as soon as the database can be reached, however long that takes.
    ///
    /// # Errors
    /// [`MetadataError::Defect`] if a migration is broken or does not fit the database's contents. Waiting would not
    /// help.
    pub async fn migrate_with_back_off(&self) -> Result<(), MetadataError> {
        let mut back_off = BackOff::new(FIRST_PAUSE, LONGEST_PAUSE);
        loop {
            match self.migrate().await {
                Ok(done) if done.is_empty() => return Ok(()),
                Ok(done) => {
                    log::info!("migrated the metadata store: {}", done.join(", "));
                    return Ok(());
                }
                Err(error @ MetadataError::Unavailable(_)) => log::warn!("{error}; trying again soon"),
                Err(error) => return Err(error),
            }
            back_off.pause().await;
        }
    }

    /// Checks whether the database answers now.
    pub async fn check(&self) -> Result<(), MetadataError> {
        on_connection!(self, |conn| {
            diesel::sql_query("SELECT 1").execute(conn).await?;
            Ok(())
        })
    }

    /// The time now, by the clock that rows are written with; see `clock`.
    pub async fn now(&self) -> Result<DateTime<Utc>, MetadataError> {
        Ok(self.naive_now().await?.and_utc())
    }

    async fn naive_now(&self) -> Result<NaiveDateTime, MetadataError> {
        if let Some(now) = self.clock.fresh_now() {
            return Ok(now.naive_utc());
        }
        if let Database::Postgres { .. } = &self.database {
            let asked = Instant::now();
            let time = self.database_time().await?;
            self.clock.set(time.and_utc(), asked);
            self.clock.tell_offset();
        }
        self.clock.now().map(|now| now.naive_utc()).ok_or_else(|| away("the clock is not known yet"))
    }

    async fn database_time(&self) -> Result<NaiveDateTime, MetadataError> {
        on_connection!(self, |conn| {
            let utc =
                diesel::dsl::sql::<diesel::sql_types::Timestamp>("clock_timestamp() AT TIME ZONE 'UTC'");
            diesel::select(utc).get_result(conn).await
        })
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite { file, .. } => f.debug_tuple("Sqlite").field(file).finish(),
            Self::Postgres { .. } => f.write_str("Postgres"),
        }
    }
}

fn deadline() -> tokio::time::Instant {
    tokio::time::Instant::now() + LONGEST_CALL
}

/// The result of the work, or an error if it is not done by the deadline.
async fn by<T, E>(
    deadline: tokio::time::Instant,
    work: impl Future<Output = Result<T, E>>,
) -> Result<Result<T, E>, MetadataError> {
    tokio::time::timeout_at(deadline, work).await.map_err(|_| away("the database did not answer in time"))
}

async fn connection<M>(pool: &Pool<M>, deadline: tokio::time::Instant) -> Result<Object<M>, MetadataError>
where
    M: Manager,
    M::Error: std::error::Error + 'static,
{
    by(deadline, async { pool.get().await.map_err(|error| away(with_causes(&error))) }).await?
}

fn away(error: impl ToString) -> MetadataError {
    MetadataError::Unavailable(error.to_string())
}
