//! The api under attack: a process of its own on Postgres, RabbitMQ and a folder, so that it serves files too.

use std::fs::File;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, ensure};
use tokio::time::{Instant, sleep};
use tokio_postgres::NoTls;

const PATIENCE: Duration = Duration::from_secs(30);
/// When the statistics of Postgres have certainly arrived.
const STATISTICS: Duration = Duration::from_secs(3);

/// The limits on connections that the api runs with.
pub(crate) struct Limits {
    pub(crate) head: Duration,
    pub(crate) stall: Duration,
    pub(crate) idle: Duration,
    is_default: bool,
}

impl Default for Limits {
    fn default() -> Self {
        let limits = resizinator_shared::settings::ConnectionLimits::default();
        Self { head: limits.head, stall: limits.stall, idle: limits.idle, is_default: true }
    }
}

impl Limits {
    pub(crate) fn short() -> Self {
        let [head, stall, idle] = [2, 3, 4].map(Duration::from_secs);
        Self { head, stall, idle, is_default: false }
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        if self.is_default {
            return Vec::new();
        }
        let seconds = |limit: Duration| limit.as_secs().to_string();
        vec![
            ("RESIZINATOR_HEAD_TIMEOUT", seconds(self.head)),
            ("RESIZINATOR_STALL_TIMEOUT", seconds(self.stall)),
            ("RESIZINATOR_IDLE_TIMEOUT", seconds(self.idle)),
        ]
    }
}

/// The process, which ends when this is dropped.
pub(crate) struct Api {
    child: Child,
    pub(crate) address: SocketAddr,
    data: PathBuf,
    database: String,
}

impl Api {
    pub(crate) async fn start(limits: &Limits) -> anyhow::Result<Self> {
        let variable = |name: &str| std::env::var(name).with_context(|| format!("{name} is not set"));
        let data = PathBuf::from(variable("RESIZINATOR_DATA")?);
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let example = std::env::current_exe()?;
        let program = example.ancestors().nth(2).context("no folder of programs")?.join("resizinator-api");
        let log = File::create(data.join("api.log"))?;
        let database = variable("DATABASE_URL")?;
        let child = Command::new(&program)
            .env_clear()
            .env("RESIZINATOR_LISTEN", address.to_string())
            .env("RESIZINATOR_DATA", &data)
            .env("RESIZINATOR_SECRET", variable("RESIZINATOR_SECRET")?)
            // Attackers and good client have one address.
            .env("RESIZINATOR_RATE_LIMITS", "off")
            .env("DATABASE_URL", &database)
            .env("QUEUE_URL", variable("QUEUE_URL")?)
            .env("STORAGE_URL", format!("file://{}", data.join("objects").display()))
            .envs(limits.variables())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| program.display().to_string())?;
        let api = Self { child, address, data, database };
        let begun = Instant::now();
        while !reqwest::get(api.url("/readyz")).await.is_ok_and(|answer| answer.status() == 200) {
            ensure!(begun.elapsed() < PATIENCE, "the api is not ready; see api.log");
            sleep(Duration::from_millis(50)).await;
        }
        Ok(api)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The resident memory in bytes.
    pub(crate) fn memory(&self) -> anyhow::Result<u64> {
        self.status("VmRSS:")
    }

    /// The largest resident memory since [`Self::forget_peak`], in bytes.
    pub(crate) fn peak_memory(&self) -> anyhow::Result<u64> {
        self.status("VmHWM:")
    }

    pub(crate) fn forget_peak(&self) -> anyhow::Result<()> {
        // See proc(5), /proc/PID/clear_refs.
        Ok(std::fs::write(self.proc("clear_refs"), "5")?)
    }

    pub(crate) fn descriptors(&self) -> anyhow::Result<usize> {
        Ok(std::fs::read_dir(self.proc("fd"))?.count())
    }

    /// The open files in the folder for temporary files; they have no name there.
    pub(crate) fn temporary_files(&self) -> anyhow::Result<usize> {
        let folder = self.data.join("tmp");
        let named = std::fs::read_dir(&folder)?.count();
        let links = std::fs::read_dir(self.proc("fd"))?.flatten();
        let unnamed = links.filter_map(|entry| std::fs::read_link(entry.path()).ok());
        Ok(named + unnamed.filter(|target| target.starts_with(&folder)).count())
    }

    /// How many transactions the database counts while `readyz` is asked `times` times.
    pub(crate) async fn queries_of(&self, times: usize) -> anyhow::Result<i64> {
        const CLIENTS: usize = 20;
        let (client, connection) = tokio_postgres::connect(&self.database, NoTls).await?;
        tokio::spawn(connection);
        let count = async || -> anyhow::Result<i64> {
            sleep(STATISTICS).await;
            let query = "SELECT xact_commit + xact_rollback FROM pg_stat_database \
                         WHERE datname = current_database()";
            Ok(client.query_one(query, &[]).await?.get(0))
        };
        let before = count().await?;
        let http = reqwest::Client::new();
        let ask = async || -> anyhow::Result<()> {
            for _ in 0..times / CLIENTS {
                ensure!(http.get(self.url("/readyz")).send().await?.status() == 200, "not ready");
            }
            Ok(())
        };
        futures_util::future::try_join_all((0..CLIENTS).map(|_| ask())).await?;
        Ok(count().await? - before)
    }

    fn proc(&self, file: &str) -> PathBuf {
        format!("/proc/{}/{file}", self.child.id()).into()
    }

    fn status(&self, name: &str) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(self.proc("status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
        let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kibibytes << 10)
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        // Both calls fail if the process has ended already.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
