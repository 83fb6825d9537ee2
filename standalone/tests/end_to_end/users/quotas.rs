use reqwest::StatusCode;
use serde_json::json;

use super::{attempt, embedded, operate, operate_with};
use crate::client::{User, new_password};
use crate::one_process::OneProcess;
use crate::pictures;
use crate::process::environment;

#[tokio::test]
async fn a_quota_counts_in_the_running_service_at_once() {
    let app = OneProcess::start().await;
    let user = User::new(&app.base).await;
    let photo = pictures::photo(64, 48);
    user.upload("photo.jpg", photo.clone()).await;
    let quota =
        |options: &[&str]| operate(&app.environment, &[&["quota", &user.name], options].concat()).printed;
    let bytes = photo.len();
    let used = format!("images: 1 of 100000 (default)\nbytes: {bytes} of 53687091200 (default)\n");
    assert_eq!(quota(&[]), used);

    let full = format!("images: 1 of 1\nbytes: {bytes} of 53687091200 (default)\n");
    assert_eq!(quota(&["--images", "1"]), full);
    let refused = user.answer_to_upload("photo.jpg", photo.clone()).await.expect("an answer");
    let reason = json!({ "original": ["The limit max_images_per_user is 1 images, and you have 1."] });
    assert_eq!(refused, (StatusCode::UNPROCESSABLE_ENTITY, reason));

    let full = format!("images: 1 of 1\nbytes: {bytes} of {bytes}\n");
    assert_eq!(quota(&["--bytes", &bytes.to_string()]), full, "the quota of images stays");
    let full = format!("images: 1 of unlimited\nbytes: {bytes} of {bytes}\n");
    assert_eq!(quota(&["--images", "unlimited"]), full, "the quota of bytes stays");
    let (status, reason) = user.answer_to_upload("photo.jpg", photo.clone()).await.expect("an answer");
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{reason}");

    assert_eq!(quota(&["--images", "default", "--bytes", "default"]), used);
    user.upload("photo.jpg", photo).await;
}

#[test]
fn what_is_no_quota_is_refused_by_name() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let environment = embedded(folder.path());
    for (option, value) in [("--images", "many"), ("--bytes", "-1"), ("--bytes", "50 GiB"), ("--images", "")]
    {
        let refused = attempt(&environment, &["quota", "ada", option, value], "");
        let reason = "a whole number, \"unlimited\" or \"default\" is expected";
        assert!(refused.code == Some(2) && refused.said.contains(reason), "{value}: {}", refused.said);
        assert!(refused.said.contains(option), "{}", refused.said);
    }
}

#[test]
fn the_settings_count_where_the_user_has_no_quota() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut all = embedded(folder.path());
    operate_with(&all, &["create", "ada"], &new_password());
    all.extend(environment([
        ("RESIZINATOR_MAX_IMAGES_PER_USER", "7"),
        ("RESIZINATOR_MAX_BYTES_PER_USER", "unlimited"),
    ]));
    let in_force = operate(&all, &["quota", "ada"]).printed;
    assert_eq!(in_force, "images: 0 of 7 (default)\nbytes: 0 of unlimited (default)\n");
}
