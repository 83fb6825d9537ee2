use image::ImageFormat;
use resizinator_shared::image::State;
use serde_json::Value;

use super::{Answer, api, migrate_to, settings};
use crate::client::User;
use crate::eventually::eventually;
use crate::one_process::OneProcess;
use crate::pictures;
use crate::process::command;
use crate::services::Services;

/// What a user sees of their account, apart from their images.
async fn account(user: &User) -> Value {
    let mut limits = user.get("/limits/").await;
    let mut webhooks = user.get("/user/webhooks/").await;
    let mut status = user.get("/image/?ordering=id").await;
    Value::Array(vec![limits["quotas"].take(), webhooks["results"].take(), status["count"].take()])
}

#[tokio::test]
async fn a_gallery_moves_to_services_with_its_users_and_everything_they_have() {
    let mut source = OneProcess::start().await;
    let (user, password) = User::with_password(&source.base).await;
    let (other, _) = User::with_password(&source.base).await;
    let photo = pictures::photo(1601, 1203);
    let record = user.upload("photo.jpg", photo.clone()).await;
    let first = user.until_ready(record["id"].as_i64().expect("an id")).await["id"].as_i64().expect("an id");
    let broken = user.upload("broken.webp", pictures::undecodable()).await;
    let failed = async || (source.row(&broken).await.state == State::Failed).then_some(());
    eventually("it fails", failed).await;
    let gone = other.upload_photos(3).await;
    other.delete(gone[0]).await;
    let webhook = user.register_webhook("https://hooks.example/images").await;
    let quota = ["user", "quota", &user.name, "--images", "77"];
    let quota = command("resizinator", &source.environment).args(quota).output().expect("it runs");
    assert!(quota.status.success());
    let page = user.get("/image/?cursor=&limit=1").await;
    let next = page["next"].as_str().expect("a next page").trim_start_matches(&source.base).to_owned();
    let second_page = user.get(&next).await;
    // It dies with a job at work, and with others that wait.
    let burst = user.upload_photos(16).await;
    let before = account(&user).await;
    source.process.kill();
    let last_id = *burst.iter().max().expect("an image");

    let target = Services::new().await;
    let done = migrate_to(&settings(&source, &target)).await;
    done.assert_done();
    let waiting = target.number("SELECT count(*) FROM images WHERE state IN ('pending', 'processing')").await;
    assert!(waiting > 0, "the test is to show that waiting images are finished in the new place");
    let (_api, base) = api(&source, &target).await;
    let _worker = target.worker();
    assert!(User::log_in(&base, &user.name, "another password").await.is_none());
    let user = User::log_in(&base, &user.name, &password).await.expect("the old password");
    // The old token works too.
    let other = other.at(&base);
    other.until_all_ready(&gone[1..]).await;
    assert!(other.record(gone[0]).await.is_none());
    assert_eq!(account(&user).await, before);
    assert_eq!(user.get("/user/webhooks/").await["results"][0]["id"], webhook["id"]);
    let ids = |page: &Value| -> Vec<Value> {
        page["results"].as_array().expect("images").iter().map(|image| image["id"].clone()).collect()
    };
    assert_eq!(ids(&user.get(&next).await), ids(&second_page), "a cursor leads on in the new place");

    user.until_all_ready(&burst).await;
    let record = user.record(first).await.expect("the image");
    assert!(!record["original"].as_str().expect("a URL").starts_with(&base), "it is in S3");
    pictures::check(&user, &record, &photo, ImageFormat::Jpeg).await;
    let status = user.get(&format!("/image/{}/status/", broken["id"])).await;
    assert_eq!(status["state"], "failed");
    let new = user.upload_photos(1).await;
    assert!(new[0] > last_id, "no id is given twice");
    user.until_all_ready(&new).await;
    let check = command("resizinator", &target.environment([])).args(["image", "check"]).output();
    let check = Answer::of(check.expect("it runs"));
    assert_eq!(
        (check.code, check.printed.as_str()),
        (Some(0), "Images and objects agree.\n"),
        "{}",
        check.said
    );
}

#[tokio::test]
async fn rows_and_objects_can_move_one_after_the_other_and_back() {
    let (source, user, ids) = super::stopped_source(2).await;
    let target = Services::new().await;
    let all = settings(&source, &target);
    let mut rows = all.clone();
    rows.extend(crate::process::environment([("TO_STORAGE_URL", "")]));
    migrate_to(&rows).await.assert_done();
    assert!(target.objects.list().await.is_empty());
    let mut objects = all.clone();
    objects.extend(crate::process::environment([("TO_DATABASE_URL", "")]));
    migrate_to(&objects).await.assert_done();
    assert_eq!(target.objects.list().await, super::keys(&source));

    let folder = super::folder();
    let place = folder.path().to_str().expect("UTF-8");
    let mut back = target.environment([]);
    back.extend(crate::process::environment([
        ("TO_DATABASE_URL", &format!("sqlite://{place}/resizinator.sqlite3")),
        ("TO_STORAGE_URL", &format!("file://{place}/objects")),
    ]));
    migrate_to(&back).await.assert_done();
    let mut here = OneProcess { folder, ..source };
    here.environment.extend(crate::process::environment([(
        "RESIZINATOR_DATA",
        here.folder.path().to_str().expect("UTF-8"),
    )]));
    here.start_again().await;
    user.at(&here.base).until_all_ready(&ids).await;
    let check = command("resizinator", &here.environment).args(["image", "check"]).output().expect("it runs");
    assert!(check.status.success());
}
