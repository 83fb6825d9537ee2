//! Tests of the operator's command `resizinator migrate-to`, from the embedded default to services.

mod interrupted;
mod moved;
mod refused;

use std::process::{Child, Output, Stdio};

use tempfile::TempDir;

use crate::client::User;
use crate::one_process::OneProcess;
use crate::process::{Environment, command, environment};
use crate::secrecy;
use crate::services::Services;

/// The settings of the command: those of the source, and the target.
fn settings(source: &OneProcess, target: &Services) -> Environment {
    let mut all = source.environment.clone();
    all.extend(environment([
        ("TO_DATABASE_URL", target.database_url()),
        ("TO_STORAGE_URL", &target.objects.url),
        ("RUST_LOG", "info"),
    ]));
    all.extend(std::env::vars().filter(|(name, _)| name.starts_with("AWS_")));
    all
}

/// How the command ended.
struct Answer {
    code: Option<i32>,
    printed: String,
    said: String,
}

impl Answer {
    fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code(), printed: text(output.stdout), said: text(output.stderr) }
    }

    fn assert_done(&self) {
        assert_eq!(self.code, Some(0), "{}", self.said);
        assert!(
            self.printed.starts_with("Everything is in the target, and was compared: "),
            "{}",
            self.printed
        );
        assert_eq!(self.printed.lines().count(), 1, "{}", self.printed);
    }

    /// Checks that it was refused with one sentence that has these parts.
    fn assert_refused(&self, parts: &[&str]) {
        assert_eq!((self.code, self.printed.as_str()), (Some(1), ""), "{}", self.said);
        let errors: Vec<_> = self.said.lines().filter(|line| line.contains(" ERROR ")).collect();
        assert_eq!(errors.len(), 1, "{}", self.said);
        for part in parts {
            assert!(errors[0].contains(part), "{part}: {}", self.said);
        }
    }
}

async fn migrate_to(environment: &Environment) -> Answer {
    let mut command = command("resizinator", environment);
    command.arg("migrate-to");
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic");
    let answer = Answer::of(output.expect("it runs"));
    for text in [&answer.printed, &answer.said] {
        assert_eq!(secrecy::find(text, environment), None, "the command prints a secret");
    }
    answer
}

/// Starts the command, which ends at the latest when this is dropped.
struct Running(Child);

impl Running {
    fn start(environment: &Environment) -> Self {
        let mut command = command("resizinator", environment);
        command.arg("migrate-to").stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().expect("it starts"))
    }

    fn has_ended(&mut self) -> bool {
        self.0.try_wait().expect("its status").is_some()
    }

    fn pause(&self) {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, rustix::process::Signal::STOP).expect("SIGSTOP");
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail if it has ended.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Starts an api on the target with the secret that the source has made.
async fn api(source: &OneProcess, target: &Services) -> (crate::process::Process, String) {
    let secret = source.folder.path().join("data/secret");
    let secret = [("RESIZINATOR_SECRET", ""), ("RESIZINATOR_SECRET_FILE", secret.to_str().expect("UTF-8"))];
    target.api_with(secret).await
}

/// A source with a user and some images, whose service has ended.
async fn stopped_source(images: usize) -> (OneProcess, User, Vec<i64>) {
    let mut source = OneProcess::start().await;
    let user = User::new(&source.base).await;
    let ids = user.upload_photos(images).await;
    user.until_all_ready(&ids).await;
    assert!(source.process.terminate().await.success());
    (source, user, ids)
}

/// The keys of all objects in the source's folder, sorted.
fn keys(source: &OneProcess) -> Vec<String> {
    let folder = source.folder.path().join("data/objects");
    let (mut left, mut keys) = (vec![folder.clone()], Vec::new());
    while let Some(next) = left.pop() {
        for entry in next.read_dir().expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                left.push(path);
            } else {
                let key = path.strip_prefix(&folder).expect("below the folder");
                keys.push(key.to_str().expect("UTF-8").to_owned());
            }
        }
    }
    keys.retain(|key| !key.starts_with('.'));
    keys.sort();
    keys
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}
