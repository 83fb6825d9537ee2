use reqwest::StatusCode;
use resizinator_shared::testing::username;

use super::{attempt, embedded, operate_with, store};
use crate::client::{User, new_password};
use crate::one_process::OneProcess;
use crate::process::environment;
use crate::secrecy;

#[tokio::test]
async fn a_user_whom_the_command_makes_can_log_in() {
    let app = OneProcess::start().await;
    let longest = ("ü".repeat(150), "x".repeat(4096));
    for (name, password) in [("ada", new_password().as_str()), (&longest.0, &longest.1)] {
        secrecy::keep(password);
        operate_with(&app.environment, &["create", name], &format!("{password}\n"));
        assert!(User::log_in(&app.base, name, password).await.is_some(), "{name}");
    }
}

#[tokio::test]
async fn the_command_refuses_a_user_who_could_never_log_in() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let environment = embedded(folder.path());
    let (long_name, long_password) = ("ü".repeat(151), "x".repeat(4097));
    for (name, reason) in [
        ("", "A username has at least one character."),
        (&long_name, "A username has at most 150 characters."),
    ] {
        let refused = attempt(&environment, &["create", name], "correct-horse");
        assert!(refused.code == Some(2) && refused.said.contains(reason), "{reason}: {}", refused.said);
    }
    for (password, reason) in [
        ("", "A password has at least one character."),
        (&long_password, "A password has at most 4096 bytes."),
        ("hunter2\n", "This password is too short. It must contain at least 8 characters."),
    ] {
        attempt(&environment, &["create", "ada"], password).assert_refused(reason);
    }
    assert_eq!(store(folder.path()).await.find_user(&username("ada")).await.expect("a query"), None);
}

#[tokio::test]
async fn a_new_password_revokes_every_token_and_logs_in() {
    let app = OneProcess::start().await;
    let (old, new) = (new_password(), new_password());
    operate_with(&app.environment, &["create", "ada"], &old);
    let mut sessions = Vec::new();
    for _ in 0..2 {
        sessions.push(User::log_in(&app.base, "ada", &old).await.expect("a token"));
    }
    let other = User::new(&app.base).await;

    let short = attempt(&app.environment, &["set-password", "ada"], "hunter2");
    short.assert_refused("This password is too short. It must contain at least 8 characters.");
    assert_eq!(sessions[0].status_of_list().await, StatusCode::OK, "a refused password changes nothing");

    operate_with(&app.environment, &["set-password", "ada"], &format!("{new}\n"));
    for session in sessions {
        assert_eq!(session.status_of_list().await, StatusCode::UNAUTHORIZED);
    }
    assert!(User::log_in(&app.base, "ada", &old).await.is_none());
    assert!(User::log_in(&app.base, "ada", &new).await.is_some());
    assert_eq!(other.status_of_list().await, StatusCode::OK, "another user is not affected");
}

#[test]
fn the_setting_says_how_short_a_password_may_be() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let with = |least: &str| {
        let mut all = embedded(folder.path());
        all.extend(environment([("RESIZINATOR_PASSWORD_MIN", least)]));
        all
    };
    attempt(&with("20"), &["create", "ada"], "correct-horse")
        .assert_refused("This password is too short. It must contain at least 20 characters.");
    operate_with(&with("1"), &["create", "ada"], "é");
    attempt(&with("2"), &["set-password", "ada"], "é").assert_refused("at least 2 characters.");
}
