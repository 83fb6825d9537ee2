//! Tests of the operator's command `resizinator user`.

mod access;
mod deletion;
mod listing;
mod log;
mod passwords;
mod quotas;
mod tour;

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use resizinator_shared::metadata::MetadataStore;
use resizinator_shared::settings::DatabaseUrl;

use crate::process::{Environment, command, environment};
use crate::secrecy;

/// What a command wrote, and how it ended.
struct Answer {
    code: Option<i32>,
    printed: String,
    /// Its errors, and its log.
    said: String,
}

impl Answer {
    /// The lines that a command that succeeds prints. Each is split at the tabs.
    fn rows(&self) -> Vec<Vec<&str>> {
        self.printed.lines().map(|line| line.split('\t').collect()).collect()
    }

    /// Checks that the command failed with this reason.
    fn assert_refused(&self, reason: &str) {
        assert_eq!((self.code, self.printed.as_str()), (Some(1), ""), "{}", self.said);
        assert!(self.said.contains(reason), "{reason}: {}", self.said);
    }
}

/// Runs `resizinator user` with a line on the standard input.
fn attempt(environment: &Environment, arguments: &[&str], line: &str) -> Answer {
    let mut command = command("resizinator", environment);
    command.arg("user").args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    // A command that has refused its arguments does not read its input.
    let _ = child.stdin.take().expect("it is piped").write_all(line.as_bytes());
    let output = child.wait_with_output().expect("the command ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let (printed, said) = (text(output.stdout), text(output.stderr));
    for text in [&printed, &said] {
        assert_eq!(secrecy::find(text, environment), None, "the command {arguments:?} prints a secret");
    }
    Answer { code: output.status.code(), printed, said }
}

/// Runs a command that has to succeed and reads no input.
fn operate(environment: &Environment, arguments: &[&str]) -> Answer {
    operate_with(environment, arguments, "")
}

fn operate_with(environment: &Environment, arguments: &[&str], line: &str) -> Answer {
    let answer = attempt(environment, arguments, line);
    assert_eq!(answer.code, Some(0), "{arguments:?}: {}", answer.said);
    answer
}

/// The settings of the embedded default in a folder, without a running service.
fn embedded(folder: &Path) -> Environment {
    environment([("RESIZINATOR_DATA", folder.to_str().expect("UTF-8")), ("RUST_LOG", "debug")])
}

/// The metadata store of [`embedded`], with all migrations.
async fn store(folder: &Path) -> MetadataStore {
    let file = folder.join("resizinator.sqlite3");
    let store = MetadataStore::open(&DatabaseUrl::Sqlite(file)).expect("a store");
    store.migrate().await.expect("migrates");
    store
}
