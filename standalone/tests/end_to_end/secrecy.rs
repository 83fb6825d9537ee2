//! The search of every log for the secrets that a test uses. A test whose processes log one fails.

use std::sync::{Mutex, PoisonError};

use url::Url;

use crate::process::Environment;

/// Variables whose whole value is a secret.
const SECRETS: [&str; 3] = ["RESIZINATOR_SECRET", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"];
/// Variables that are URLs and may have a password.
const URLS: [&str; 2] = ["DATABASE_URL", "QUEUE_URL"];
/// What a signature of a URL or of a request stands behind.
const SIGNATURES: [&str; 3] = ["signature=", "X-Amz-Signature=", "Signature="];

/// The tokens and passwords of the users whom tests have made.
static OF_USERS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// From now on no log may have this text.
pub(crate) fn keep(secret: &str) {
    OF_USERS.lock().unwrap_or_else(PoisonError::into_inner).push(secret.to_owned());
}

/// Finds a secret in a log; returns what kind it is, and the line.
pub(crate) fn find(log: &str, environment: &Environment) -> Option<String> {
    let users = OF_USERS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let secrets: Vec<_> = users.into_iter().chain(of_environment(environment)).collect();
    let line = log
        .lines()
        .find(|line| secrets.iter().any(|secret| line.contains(secret.as_str())) || has_signature(line))?;
    Some(line.to_owned())
}

fn of_environment(environment: &Environment) -> Vec<String> {
    let mut secrets = Vec::new();
    for (name, value) in environment {
        if SECRETS.contains(&name.as_str()) && !value.is_empty() {
            secrets.extend(value.split(',').map(str::to_owned));
        } else if URLS.contains(&name.as_str())
            && let Ok(url) = Url::parse(value)
            // The password of the test's services is the name of their user, which logs may have.
            && let Some(password) = url.password().filter(|password| *password != url.username())
        {
            secrets.push(password.to_owned());
        }
    }
    secrets
}

/// Whether a line contains a signature: one of [`SIGNATURES`] and then at least 32 hexadecimal digits.
fn has_signature(line: &str) -> bool {
    SIGNATURES.iter().any(|mark| {
        line.match_indices(mark).any(|(at, mark)| {
            let behind = &line[at + mark.len()..];
            behind.bytes().take_while(u8::is_ascii_hexdigit).count() >= 32
        })
    })
}

#[test]
fn a_planted_secret_is_found() {
    let environment = crate::process::environment([
        ("RESIZINATOR_SECRET", "one secret of this test,another secret of this test"),
        ("AWS_SECRET_ACCESS_KEY", "a-key-of-this-test"),
        ("DATABASE_URL", "postgres://me:planted-password@host/db"),
        ("QUEUE_URL", "amqp://resizinator:resizinator@host"),
    ]);
    keep("a-token-of-this-test");
    let hex = "0123456789abcdef".repeat(4);
    for planted in [
        "a line with one secret of this test in it",
        "another secret of this test",
        "key a-key-of-this-test",
        "connecting to postgres://me:planted-password@host/db",
        "Authorization: Token a-token-of-this-test",
        &format!("GET /objects/x?expires=1&signature={hex}"),
        &format!("GET /x?X-Amz-Signature={hex}&y"),
    ] {
        let log = format!("a line\n{planted}\nthe end");
        assert_eq!(find(&log, &environment).as_deref(), Some(planted));
    }
    let harmless = "listening\nresizinator-worker consumes\nsignature= is missing\nexpires=1";
    assert_eq!(find(harmless, &environment), None);
}
