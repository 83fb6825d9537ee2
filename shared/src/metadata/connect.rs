//! The pools of connections to the databases.

use std::io;
use std::path::Path;
use std::time::Duration;

use diesel::sqlite::SqliteConnection;
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::pooled_connection::deadpool::{Pool, PoolBuilder};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, PoolableConnection, RecyclingMethod,
};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

use super::error::MetadataError;
use super::{idle, tls};
use crate::causes::with_causes;
use crate::private;

pub(super) type SqlitePool = Pool<SyncConnectionWrapper<SqliteConnection>>;
pub(super) type PostgresPool = Pool<AsyncPgConnection>;

const POSTGRES_CONNECTIONS: usize = 16;
/// The longest wait for a connection. It is this short so that a client gets its 503 in under five seconds, whatever
/// the database does.
const WAIT: Duration = Duration::from_secs(2);

/// Makes the file and its folder if they are missing, and sees to it that only their owner can open them. SQLite gives
/// the files beside it (`-wal` and `-shm`) the mode that the file has when it makes them.
/// <https://www.sqlite.org/src/file/src/os_unix.c> (`findCreateFileMode`)
pub(super) fn prepare_sqlite_file(file: &Path) -> io::Result<()> {
    if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        private::create_folder(folder)?;
    }
    private::make_file(file)?;
    for end in ["-wal", "-shm"] {
        let mut beside = file.as_os_str().to_owned();
        beside.push(end);
        private::tighten(Path::new(&beside))?;
    }
    Ok(())
}

pub(super) fn sqlite_pool(file: &Path) -> Result<SqlitePool, MetadataError> {
    // SQLite has only one writer at a time. With one connection no request of this process gets SQLITE_BUSY.
    let pool = pool(&file.to_string_lossy(), 1, |file| {
        async move {
            let mut conn = SyncConnectionWrapper::<SqliteConnection>::establish(&file).await?;
            // With FULL, a commit in WAL mode is on the disk before it returns. A 201 relies on that.
            conn.batch_execute(
                "PRAGMA busy_timeout = 4000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                 PRAGMA foreign_keys = ON;",
            )
            .await
            .map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(conn)
        }
        .boxed()
    });
    built(pool)
}

pub(super) fn postgres_pool(url: &str) -> Result<PostgresPool, MetadataError> {
    // A task drives the connection. It has to outlive the request that first needs it, and the thread of that request.
    let runtime = Handle::try_current().map_err(|error| MetadataError::Unavailable(error.to_string()))?;
    let pool = pool(url, POSTGRES_CONNECTIONS, move |url| {
        let connecting = AbortOnDropHandle::new(runtime.spawn(async move { tls::establish(&url).await }));
        async move { connecting.await.map_err(|error| ConnectionError::BadConnection(with_causes(&error)))? }
            .boxed()
    });
    built(pool.pre_recycle(idle::check()))
}

/// The builder of a pool, to which hooks can be added.
fn pool<C>(
    url: &str,
    size: usize,
    establish: impl Fn(String) -> BoxFuture<'static, ConnectionResult<C>> + Send + Sync + 'static,
) -> PoolBuilder<C>
where
    C: PoolableConnection + 'static,
    AsyncDieselConnectionManager<C>: deadpool::managed::Manager<Type = C>,
{
    let mut config = ManagerConfig::<C>::default();
    // The driver knows when a connection is closed. To ask the server each time would cost a round trip; see `idle`.
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |url| establish(url.to_owned()));
    let manager = AsyncDieselConnectionManager::new_with_config(url, config);
    Pool::builder(manager)
        .max_size(size)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(WAIT))
        .recycle_timeout(Some(WAIT))
        .runtime(deadpool::Runtime::Tokio1)
}

fn built<C>(builder: PoolBuilder<C>) -> Result<Pool<C>, MetadataError>
where
    C: PoolableConnection + 'static,
    AsyncDieselConnectionManager<C>: deadpool::managed::Manager<Type = C>,
{
    builder.build().map_err(|error| MetadataError::Unavailable(error.to_string()))
}
