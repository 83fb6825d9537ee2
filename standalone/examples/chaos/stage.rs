//! The stage of a run: two apis and two workers, and the proxies to their servers.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use reqwest::Client;
use resizinator_shared::objects::{S3Store, SigningWindow};
use resizinator_shared::settings::{DatabaseUrl, QueueUrl, S3Location, Settings, StorageUrl};
use serde_json::{Value, json};
use tokio::time::sleep;
use tokio_postgres::NoTls;
use url::Url;

use crate::process::Process;
use crate::proxy::Proxy;

const PATIENCE: Duration = Duration::from_secs(120);
/// The size of the apis' temporary folders.
const TEMPORARY: &str = "size=16m";

pub(crate) struct Stage {
    pub(crate) apis: Vec<Process>,
    pub(crate) workers: Vec<Process>,
    pub(crate) database: Proxy,
    pub(crate) broker: Proxy,
    pub(crate) objects: Proxy,
    /// The addresses of the apis.
    pub(crate) bases: Vec<String>,
    pub(crate) http: Client,
    pub(crate) token: String,
    /// The addresses of the servers themselves, without the proxies.
    pub(crate) store: S3Store,
    database_url: String,
    management: Url,
    folders: Vec<Folder>,
}

/// The data folder of one api.
struct Folder {
    path: PathBuf,
    /// Whether the folder is a separate file system, which can be filled.
    mounted: bool,
}

impl Stage {
    /// Starts everything. The services have to run, and the environment has to name them.
    pub(crate) async fn set() -> anyhow::Result<Self> {
        let settings = Settings::from_env()?;
        let DatabaseUrl::Postgres(database_url) = settings.database else {
            bail!("DATABASE_URL: a Postgres")
        };
        let QueueUrl::Amqp(queue_url) = settings.queue else { bail!("QUEUE_URL: a RabbitMQ") };
        let StorageUrl::S3(location) = settings.storage else { bail!("STORAGE_URL: an S3 server") };
        let management = Url::parse(&std::env::var("RABBITMQ_MANAGEMENT_URL")?)?;
        let endpoint = location.endpoint.clone().context("STORAGE_URL: an endpoint")?;

        let database = Proxy::to(address_of(&Url::parse(&database_url)?)?).await?;
        let broker = Proxy::to(address_of(&Url::parse(&queue_url)?)?).await?;
        let objects = Proxy::to(address_of(&endpoint)?).await?;
        let base_environment = environment([
            ("DATABASE_URL", by(&database_url, &database)?),
            ("QUEUE_URL", by(&queue_url, &broker)?),
            ("STORAGE_URL", storage_url(&location, &endpoint, &objects)),
            ("RESIZINATOR_SECRET", "thirty-two characters of no secret".into()),
            // The load comes from one address.
            ("RESIZINATOR_RATE_LIMITS", "off".into()),
            ("RESIZINATOR_SLOTS", "2".into()),
            // These times are short, so that much can happen in little time.
            ("RESIZINATOR_LEASE", "3".into()),
            ("RESIZINATOR_RETRY_DELAYS", "1,5".into()),
            ("RESIZINATOR_UPLOAD_TIMEOUT", "8".into()),
            // The disks of the apis are small, and a fault fills them.
            ("RESIZINATOR_MIN_FREE_DISK", "0".into()),
            // The receivers are on this machine.
            ("RESIZINATOR_WEBHOOK_TARGETS", "private".into()),
            ("RUST_LOG", "info".into()),
        ]);

        let (mut apis, mut bases, mut folders) = (Vec::new(), Vec::new(), Vec::new());
        for number in 1..=2 {
            let folder = Folder::make(settings.data.join(format!("api-{number}")))?;
            let port = free_port()?;
            let mut environment = base_environment.clone();
            environment.extend(self::environment([
                ("RESIZINATOR_LISTEN", format!("127.0.0.1:{port}")),
                ("RESIZINATOR_DATA", folder.path.to_string_lossy().into_owned()),
            ]));
            apis.push(Process::start(
                "resizinator-api",
                &format!("api-{number}"),
                environment,
                &settings.data,
            )?);
            bases.push(format!("http://127.0.0.1:{port}"));
            folders.push(folder);
        }
        let mut workers = Vec::new();
        for number in 1..=2 {
            let environment = base_environment.clone();
            let name = format!("worker-{number}");
            workers.push(Process::start("resizinator-worker", &name, environment, &settings.data)?);
        }
        // Connections are not kept, because a fault of the last request must not count as one of the next.
        let http = Client::builder().pool_max_idle_per_host(0).timeout(Duration::from_secs(40)).build()?;
        let mut stage = Self {
            apis,
            workers,
            database,
            broker,
            objects,
            bases,
            http,
            token: String::new(),
            store: S3Store::new(*location, SigningWindow::new(Duration::from_secs(3600)))?,
            database_url,
            management,
            folders,
        };
        stage.until_ready().await?;
        stage.token = stage.log_in().await?;
        Ok(stage)
    }

    /// Waits until both apis report that all their backends answer.
    pub(crate) async fn until_ready(&self) -> anyhow::Result<()> {
        for base in &self.bases {
            let begin = Instant::now();
            let url = format!("{base}/readyz");
            while !self.http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
                ensure!(begin.elapsed() < PATIENCE, "{base} is not ready");
                sleep(Duration::from_millis(100)).await;
            }
        }
        Ok(())
    }

    async fn log_in(&self) -> anyhow::Result<String> {
        let account = json!({ "username": "chaos", "password": "correct-horse" });
        let base = &self.bases[0];
        self.http.post(format!("{base}/user/register/")).json(&account).send().await?.error_for_status()?;
        let login = self.http.post(format!("{base}/user/login/")).json(&account).send().await?;
        let answer: Value = login.error_for_status()?.json().await?;
        Ok(answer["token"].as_str().context("a token")?.to_owned())
    }

    /// Opens a connection to the database that does not use the proxy.
    pub(crate) async fn connect(&self) -> anyhow::Result<tokio_postgres::Client> {
        let (client, connection) = tokio_postgres::connect(&self.database_url, NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// Runs `scripts/services.sh` with these arguments.
    pub(crate) async fn services(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let mut command = std::process::Command::new("scripts/services.sh");
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = tokio::task::spawn_blocking(move || command.status()).await??;
        ensure!(status.success(), "scripts/services.sh {}: {status}", arguments.join(" "));
        Ok(())
    }

    /// Calls RabbitMQ's management API.
    pub(crate) async fn manage(
        &self,
        method: reqwest::Method,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let url = format!("{}api/{path}", self.management);
        let mut request = self.http.request(method, url);
        if !body.is_null() {
            request = request.json(body);
        }
        let answer = request.send().await?;
        // An object to remove may be gone already.
        let answer = if answer.status() == 404 { answer } else { answer.error_for_status()? };
        Ok(serde_json::from_str(&answer.text().await?).unwrap_or_default())
    }

    pub(crate) fn user(&self) -> &str {
        self.management.username()
    }

    /// Fills one api's folder if that is possible, and empties it again after `pause`.
    pub(crate) async fn fill_folder(&self, number: usize, pause: Duration) -> anyhow::Result<()> {
        let folder = &self.folders[number];
        if folder.mounted {
            let ballast = folder.path.join("ballast");
            // Writing is expected to end with an error.
            let zeros = vec![0; 64 << 20];
            tokio::fs::write(&ballast, zeros).await.ok();
            sleep(pause).await;
            tokio::fs::remove_file(&ballast).await?;
        }
        Ok(())
    }

    pub(crate) fn folders_can_be_filled(&self) -> bool {
        self.folders.iter().all(|folder| folder.mounted)
    }
}

impl Folder {
    fn make(path: PathBuf) -> anyhow::Result<Self> {
        std::fs::create_dir_all(&path)?;
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", TEMPORARY, "tmpfs"]).arg(&path).stderr(Stdio::null());
        let mounted = mount.status().is_ok_and(|status| status.success());
        Ok(Self { path, mounted })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.mounted {
            // It is unmounted lazily, since the api that uses it may still run.
            std::process::Command::new("umount").arg("-l").arg(&self.path).status().ok();
        }
    }
}

fn environment<const N: usize>(pairs: [(&str, String); N]) -> Vec<(String, String)> {
    let credentials = std::env::vars().filter(|(name, _)| name.starts_with("AWS_"));
    pairs.map(|(name, value)| (name.to_owned(), value)).into_iter().chain(credentials).collect()
}

fn address_of(url: &Url) -> anyhow::Result<std::net::SocketAddr> {
    let addresses = url.socket_addrs(|| None)?;
    addresses.first().copied().with_context(|| format!("{url} has no address"))
}

fn by(url: &str, proxy: &Proxy) -> anyhow::Result<String> {
    let mut url = Url::parse(url)?;
    url.set_ip_host(proxy.address.ip()).ok().context("a host")?;
    url.set_port(Some(proxy.address.port())).ok().context("a port")?;
    Ok(url.into())
}

/// The address of the server itself for clients, so that their downloads are not disturbed.
fn storage_url(location: &S3Location, endpoint: &Url, proxy: &Proxy) -> String {
    let S3Location { bucket, prefix, region, .. } = location;
    let (proxy, prefix) = (proxy.address, prefix.trim_end_matches('/'));
    format!("s3://{bucket}/{prefix}?region={region}&endpoint=http://{proxy}&public_endpoint={endpoint}")
}

/// Finds a port that is free at this moment, which is enough on a private machine.
fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
