//! Tests of the backups that docs/operations.md describes, and of a restore into an empty place. The commands are those
//! of that page.

use std::path::Path;
use std::process::{Command, Output};

use image::ImageFormat;

use crate::client::User;
use crate::one_process::OneProcess;
use crate::pictures;
use crate::process::{Environment, command, environment};
use crate::services::Services;

fn run(command: &mut Command) {
    let Output { status, stderr, .. } = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}; scripts/install.sh services installs it"));
    assert!(status.success(), "{command:?}: {}", String::from_utf8_lossy(&stderr));
}

/// Runs rclone with the test's S3 server as the remote `store:`.
fn rclone(services: &Services, arguments: &[&str]) {
    let variable = |name| std::env::var(name).expect("`make test` sets it");
    let mut rclone = Command::new("rclone");
    rclone.args(arguments).env("RCLONE_CONFIG", "/dev/null");
    // rclone 1.60, which Debian has, cannot use it.
    rclone.env_remove("AWS_CA_BUNDLE");
    rclone.envs([
        ("RCLONE_CONFIG_STORE_TYPE", "s3"),
        ("RCLONE_CONFIG_STORE_PROVIDER", "Other"),
        ("RCLONE_CONFIG_STORE_ENDPOINT", services.objects.place().1),
        ("RCLONE_CONFIG_STORE_ACCESS_KEY_ID", &variable("AWS_ACCESS_KEY_ID")),
        ("RCLONE_CONFIG_STORE_SECRET_ACCESS_KEY", &variable("AWS_SECRET_ACCESS_KEY")),
    ]);
    run(&mut rclone);
}

fn place(services: &Services) -> String {
    format!("store:{}", services.objects.place().0)
}

fn check(environment: &Environment, options: &[&str]) -> (bool, String) {
    let mut command = command("resizinator", environment);
    let output = command.args(["image", "check"]).args(options).output().expect("it runs");
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test]
async fn a_backup_of_services_restored_elsewhere_has_every_image() {
    let services = Services::new().await;
    let (_api, base) = services.api().await;
    let (user, password) = User::with_password(&base).await;
    let photo = pictures::photo(1601, 1203);
    let mut worker = services.worker();
    let record = user.upload("photo.jpg", photo.clone()).await;
    let ready = user.until_ready(record["id"].as_i64().expect("an id")).await["id"].as_i64().expect("an id");
    worker.until_log_has("consuming from").await;
    assert!(worker.terminate().await.success());
    let waiting = user.upload_photos(2).await;

    // The database first, and then the objects.
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dump = folder.path().join("resizinator.dump");
    run(Command::new("pg_dump").args(["--format=custom", "--file"]).arg(&dump).arg(services.database_url()));
    let late = user.upload_photos(1).await;
    let backup = Services::new().await;
    rclone(&services, &["sync", "--metadata", "--checksum", &place(&services), &place(&backup)]);

    let restored = Services::new().await;
    let mut restore = Command::new("pg_restore");
    restore.args(["--no-owner", "--exit-on-error", "--dbname", restored.database_url()]).arg(&dump);
    run(&mut restore);
    rclone(&restored, &["copy", "--metadata", "--checksum", &place(&backup), &place(&restored)]);

    let settings = restored.environment([]);
    let (agreed, found) = check(&settings, &[]);
    assert!(!agreed && found.contains("1 objects belong to no image"), "{found}");
    assert!(check(&settings, &["--fix"]).0);
    assert_eq!(check(&settings, &[]), (true, "Images and objects agree.\n".into()));

    let (_restored_api, base) = restored.api().await;
    let _worker = restored.worker();
    let user = User::log_in(&base, &user.name, &password).await.expect("the password of before");
    user.until_all_ready(&waiting).await;
    assert!(user.record(late[0]).await.is_none(), "it came after the backup of the database");
    let record = user.record(ready).await.expect("the image");
    pictures::check(&user, &record, &photo, ImageFormat::Jpeg).await;
    let served = reqwest::get(record["original"].as_str().expect("a URL")).await.expect("an answer");
    assert_eq!(served.headers()["cache-control"], "private, max-age=900");
    let new = user.upload_photos(1).await;
    assert!(new[0] > waiting[1], "the sequences were restored too");
    user.until_all_ready(&new).await;
    assert!(check(&settings, &[]).0);
}

#[tokio::test]
async fn a_backup_of_the_embedded_default_is_made_while_it_runs() {
    let app = OneProcess::start().await;
    let (user, password) = User::with_password(&app.base).await;
    let ids = user.upload_photos(2).await;
    user.until_all_ready(&ids).await;
    // With these it is in the middle of something.
    let waiting = user.upload_photos(4).await;

    let data = app.folder.path().join("data");
    let restored = tempfile::tempdir().expect("a temporary folder");
    let backup = restored.path().join("data");
    std::fs::create_dir(&backup).expect("a folder");
    let into = format!("VACUUM INTO '{}'", backup.join("resizinator.sqlite3").display());
    run(Command::new("sqlite3").arg(data.join("resizinator.sqlite3")).arg(into));
    let late = user.upload_photos(1).await;
    let copy = |name: &str, to: &Path| run(Command::new("cp").arg("-a").arg(data.join(name)).arg(to));
    copy("objects", &backup);
    copy("secret", &backup);
    user.until_all_ready(&late).await;

    let mut settings = app.environment.clone();
    settings.extend(environment([("RESIZINATOR_DATA", backup.to_str().expect("UTF-8"))]));
    let (agreed, found) = check(&settings, &[]);
    assert!(!agreed && found.contains("objects belong to no image"), "{found}");
    assert!(check(&settings, &["--fix"]).0);
    let mut here = OneProcess { environment: settings.clone(), folder: restored, ..app };
    here.start_again().await;
    let user = User::log_in(&here.base, &user.name, &password).await.expect("the password of before");
    user.until_all_ready(&[ids, waiting].concat()).await;
    assert!(user.record(late[0]).await.is_none());
    assert_eq!(check(&settings, &[]), (true, "Images and objects agree.\n".into()));
}
