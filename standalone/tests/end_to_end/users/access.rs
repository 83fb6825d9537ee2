use reqwest::StatusCode;

use super::{operate, operate_with};
use crate::client::{User, new_password};
use crate::one_process::OneProcess;

#[tokio::test]
async fn a_disabled_user_is_refused_at_once_until_enabled_again() {
    let app = OneProcess::start().await;
    let password = new_password();
    operate_with(&app.environment, &["create", "ada"], &password);
    let user = User::log_in(&app.base, "ada", &password).await.expect("a token");
    assert_eq!(user.status_of_list().await, StatusCode::OK);

    operate(&app.environment, &["disable", "ada"]);
    assert_eq!(user.status_of_list().await, StatusCode::UNAUTHORIZED);
    assert!(User::log_in(&app.base, "ada", &password).await.is_none());

    operate(&app.environment, &["enable", "ada"]);
    assert_eq!(user.status_of_list().await, StatusCode::OK, "the token works again");
    assert!(User::log_in(&app.base, "ada", &password).await.is_some());
}

#[tokio::test]
async fn a_name_is_found_in_every_spelling_that_looks_the_same() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let environment = super::embedded(folder.path());
    let made = operate_with(&environment, &["create", "ＡＤＡ"], &new_password());
    assert_eq!(made.printed, "User ADA has id 1.\n");
    assert_eq!(operate(&environment, &["disable", "ADA"]).printed, "User ADA is disabled.\n");
    assert_eq!(operate(&environment, &["enable", "ＡDA"]).printed, "User ADA is enabled.\n");
}
