//! Tests of the operator's command `resizinator user`.

use std::io::Write;
use std::process::{Output, Stdio};

use reqwest::{Client, StatusCode};
use resizinator_shared::testing::username;
use serde_json::json;

use crate::one_process::OneProcess;
use crate::process::command;

/// Runs `resizinator user` with a line on the standard input.
fn operate(app: &OneProcess, arguments: &[&str], line: &str) -> Output {
    let mut command = command("resizinator", &app.environment);
    command.arg("user").args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    // A command that has refused its arguments does not read its input.
    let _ = child.stdin.take().expect("it is piped").write_all(line.as_bytes());
    child.wait_with_output().expect("the command ends")
}

async fn login(app: &OneProcess, username: &str, password: &str) -> StatusCode {
    let credentials = json!({ "username": username, "password": password });
    let url = format!("{}/user/login/", app.base);
    Client::new().post(url).json(&credentials).send().await.expect("an answer").status()
}

#[tokio::test]
async fn a_user_whom_the_command_makes_can_log_in() {
    let app = OneProcess::start().await;
    let longest = ("ü".repeat(150), "x".repeat(4096));
    for (username, password) in [("ada", "correct horse"), (&longest.0, &longest.1)] {
        let made = operate(&app, &["create", username], &format!("{password}\n"));
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        assert_eq!(login(&app, username, password).await, StatusCode::OK, "{username}");
    }
    assert!(operate(&app, &["disable", "ada"], "").status.success());
    assert_eq!(login(&app, "ada", "correct horse").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_command_refuses_a_user_who_could_never_log_in() {
    let app = OneProcess::start().await;
    let (long_name, long_password) = ("ü".repeat(151), "x".repeat(4097));
    for (username, password, reason) in [
        ("", "correct horse", "A username has at least one character."),
        (&long_name, "correct horse", "A username has at most 150 characters."),
        ("ada", "", "A password has at least one character."),
        ("ada", &long_password, "A password has at most 4096 bytes."),
    ] {
        let refused = operate(&app, &["create", username], password);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && said.contains(reason), "{reason}: {said}");
    }
    assert_eq!(app.store().find_user(&username("ada")).await.expect("a query"), None);
}
