//! An api on a free port, with its own folder.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::{Method, RequestBuilder, redirect};
use resizinator_api::Api;
use resizinator_shared::backends::{Backends, Role};
use resizinator_shared::metadata::{self, RecordedEvent};
use resizinator_shared::settings::{DatabaseUrl, RateLimits, Secret, Settings, WebhookTargets};
use resizinator_shared::testing::metadata::run_sql;
use resizinator_shared::testing::username;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use super::{Answer, User};

const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct TestApp {
    pub(crate) address: SocketAddr,
    pub(crate) backends: Backends,
    pub(crate) folder: TempDir,
    database: DatabaseUrl,
    client: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts an api with other settings, and waits until it is ready.
    pub(crate) async fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let app = Self::launch(change);
        until("the api is ready", async || app.get("/readyz").await.status == 200).await;
        app
    }

    /// Starts an api with other settings, whether or not the backends can be reached.
    pub(crate) fn launch(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut settings = Settings::embedded_in(folder.path().to_owned());
        settings.listen = "127.0.0.1:0".into();
        // Tests ask as fast as they can.
        settings.rate_limits = RateLimits::OFF;
        // The targets of their webhooks are on this machine.
        settings.webhook_targets = WebhookTargets::Private;
        // Replicas that share a database share it too.
        settings.secrets = Secret::new(b"thirty-two characters of no secret".into()).into_iter().collect();
        change(&mut settings);
        // Only the role of both ends can use the in-process queue, although nothing consumes jobs here.
        let database = settings.database.clone();
        let backends = Backends::choose(&settings, Role::Standalone).expect("backends");
        let api = Api::bind(settings, backends.clone()).expect("a free port");
        let address = api.address;
        let (stop, stopped) = oneshot::channel::<()>();
        tokio::spawn(api.run(async move { drop(stopped.await) }));
        let client = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .build()
            .expect("a client");
        Self { address, backends, folder, database, client, stop: Some(stop) }
    }

    /// Asks the api to shut down.
    pub(crate) fn stop(&mut self) {
        drop(self.stop.take());
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Makes a request. `path` may be a whole URL.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with('/') { self.url(path) } else { path.to_owned() };
        self.client.request(method, url)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(
        &self,
        path: &str,
        content_type: &str,
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        send(self.request(Method::POST, path).header("Content-Type", content_type).body(body)).await
    }

    /// Posts JSON without a token.
    pub(crate) async fn post_json(&self, path: &str, body: &str) -> Answer {
        self.post(path, "application/json", body.to_owned()).await
    }

    /// Registers a new user and logs in.
    pub(crate) async fn user(&self, name: &str) -> User<'_> {
        let credentials = format!(r#"{{"username":"{name}","password":"correct horse"}}"#);
        let registered = self.post_json("/user/register/", &credentials).await;
        assert_eq!(registered.status, 201, "{}", registered.text());
        User::new(self, self.token(name).await)
    }

    /// Logs a user in whom [`Self::user`] has registered, and returns the new token.
    pub(crate) async fn token(&self, name: &str) -> String {
        let credentials = format!(r#"{{"username":"{name}","password":"correct horse"}}"#);
        let answer = self.post_json("/user/login/", &credentials).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["token"].as_str().expect("a token").to_owned()
    }

    /// Enables or disables a user, as an operator's command does.
    pub(crate) async fn set_active(&self, name: &str, active: bool) {
        let user = self.row(name).await;
        assert!(self.backends.metadata.set_active(&user, active).await.expect("an answer"));
    }

    /// Registers a new user, whom an operator's command makes an operator.
    pub(crate) async fn admin(&self, name: &str) -> User<'_> {
        let admin = self.user(name).await;
        self.set_admin(name, true).await;
        admin
    }

    /// Makes a user an operator or a plain user, as an operator's command does.
    pub(crate) async fn set_admin(&self, name: &str, admin: bool) {
        let user = self.row(name).await;
        assert!(self.backends.metadata.set_admin(&user, admin).await.expect("an answer"));
    }

    /// Runs SQL on the database, to make what only time can make.
    pub(crate) async fn run_sql(&self, sql: &str) {
        run_sql(&self.database, sql).await;
    }

    /// The row of a user.
    pub(crate) async fn row(&self, name: &str) -> metadata::User {
        self.backends.metadata.find_user(&username(name)).await.expect("an answer").expect("a user")
    }

    /// The events of the users who have or had this name, the latest last.
    pub(crate) async fn events(&self, name: &str) -> Vec<RecordedEvent> {
        let mut events = self.backends.metadata.events(&username(name), None, 1000).await.expect("an answer");
        events.reverse();
        events
    }

    /// The paths of all objects in the folder.
    pub(crate) fn objects(&self) -> Vec<std::path::PathBuf> {
        let mut folders = vec![self.folder.path().join("objects")];
        let mut files = Vec::new();
        while let Some(folder) = folders.pop() {
            // Upkeep may remove a folder at any moment.
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                match entry.path() {
                    path if path.is_dir() => folders.push(path),
                    path => files.push(path),
                }
            }
        }
        files
    }
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    Answer::of(request.send().await.expect("an answer")).await
}

/// Waits until a condition holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let begin = Instant::now();
    while !holds().await {
        assert!(begin.elapsed() < PATIENCE, "waited for {PATIENCE:?} in vain until {what}");
        sleep(Duration::from_millis(20)).await;
    }
}
