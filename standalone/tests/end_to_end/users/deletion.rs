use std::path::Path;

use reqwest::StatusCode;

use super::{attempt, embedded, operate, operate_with};
use crate::client::{User, new_password};
use crate::eventually::eventually;
use crate::one_process::OneProcess;
use crate::pictures;

/// How many files are in a folder and the folders below.
fn files(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

#[tokio::test]
async fn a_user_is_deleted_only_after_a_yes() {
    let app = OneProcess::start().await;
    let user = User::new(&app.base).await;
    let photo = pictures::photo(64, 48);
    let id = user.upload("photo.jpg", photo.clone()).await["id"].as_i64().expect("an id");
    let refused = attempt(&app.environment, &["delete", &user.name], "");
    let lost = format!("with 1 images of {} bytes; add --yes", photo.len());
    refused.assert_refused(&lost);
    user.until_ready(id).await;
    assert_eq!(operate(&app.environment, &["list"]).rows()[0][2], "active");
}

#[tokio::test]
async fn a_deleted_user_has_no_access_at_once() {
    let app = OneProcess::start().await;
    let password = new_password();
    operate_with(&app.environment, &["create", "ada"], &password);
    let user = User::log_in(&app.base, "ada", &password).await.expect("a token");
    operate(&app.environment, &["delete", "ada", "--yes"]);
    assert_eq!(user.status_of_list().await, StatusCode::UNAUTHORIZED);
    assert!(User::log_in(&app.base, "ada", &password).await.is_none());
}

#[tokio::test]
async fn the_images_of_a_deleted_user_vanish_while_the_service_runs() {
    let app = OneProcess::start().await;
    let (gone, stays) = (User::new(&app.base).await, User::new(&app.base).await);
    let kept = stays.upload_photos(1).await;
    stays.until_all_ready(&kept).await;
    let objects = app.folder.path().join("data/objects");
    let before = files(&objects);
    let ids = gone.upload_photos(3).await;
    gone.until_all_ready(&ids).await;
    assert_eq!(files(&objects), 4 * before);

    let deleted = operate(&app.environment, &["delete", &gone.name, "--yes"]).printed;
    assert!(deleted.contains("the 3 images"), "{deleted}");
    eventually("the objects are removed", async || (files(&objects) == before).then_some(())).await;
    stays.until_all_ready(&kept).await;
}

#[test]
fn commands_say_that_a_user_is_deleted() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let environment = embedded(folder.path());
    operate_with(&environment, &["create", "ada"], &new_password());
    operate(&environment, &["delete", "ada", "--yes"]);
    for arguments in [
        &["create", "ada"][..],
        &["enable", "ada"],
        &["disable", "ada"],
        &["delete", "ada", "--yes"],
        &["set-password", "ada"],
        &["quota", "ada"],
        &["quota", "ada", "--images", "1"],
        &["admin", "ada", "on"],
    ] {
        attempt(&environment, arguments, "correct-horse").assert_refused("user ada is deleted");
    }
}
