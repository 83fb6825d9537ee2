//! Tests of the binary `resizinator` alone, with the embedded default.

use std::time::Duration;

use image::ImageFormat;
use resizinator_shared::image::{Image, State};
use resizinator_shared::metadata::MetadataStore;
use resizinator_shared::settings::DatabaseUrl;
use serde_json::Value;
use tempfile::TempDir;

use crate::client::{User, image_id, owner, until_status};
use crate::clock::Clock;
use crate::eventually::eventually;
use crate::pictures;
use crate::process::{Environment, Process, command, environment};

pub(crate) struct OneProcess {
    pub(crate) process: Process,
    pub(crate) base: String,
    pub(crate) environment: Environment,
    pub(crate) folder: TempDir,
}

impl OneProcess {
    pub(crate) async fn start() -> Self {
        Self::with(environment([])).await
    }

    /// Kills the process while it has much to do, and returns the ids of the uploads that got a 201.
    pub(crate) async fn kill_at_work(&mut self, user: &User) -> Vec<i64> {
        let photo = pictures::photo(1200, 900);
        let uploads: Vec<_> = std::iter::repeat_n((user.clone(), photo), 12)
            .map(|(user, photo)| tokio::spawn(async move { user.try_upload("photo.jpg", photo).await }))
            .collect();
        self.process.until_a_job_is_done().await;
        self.process.kill();
        let mut accepted = Vec::new();
        for upload in uploads {
            accepted.extend(upload.await.expect("no panic"));
        }
        assert!(!accepted.is_empty());
        accepted
    }

    /// Starts the process with these settings in addition.
    pub(crate) async fn with(settings: Environment) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = folder.path().join("data");
        let mut all = environment([
            ("RESIZINATOR_LISTEN", "127.0.0.1:0"),
            ("RESIZINATOR_DATA", data.to_str().expect("UTF-8")),
            // All requests come from one address, as fast as they can.
            ("RESIZINATOR_RATE_LIMITS", "off"),
            // With one slot, images that are uploaded in a burst have to wait.
            ("RESIZINATOR_SLOTS", "1"),
            ("RESIZINATOR_LEASE", "2"),
            ("RUST_LOG", "debug"),
        ]);
        all.extend(settings);
        let environment = all;
        let mut process = Process::start("resizinator", &environment, folder.path());
        let base = process.address().await;
        until_status(&base, "ready").await;
        Self { process, base, environment, folder }
    }

    /// Starts the process again with the same folder.
    pub(crate) async fn start_again(&mut self) {
        self.process = Process::start("resizinator", &self.environment, self.folder.path());
        self.base = self.process.address().await;
        until_status(&self.base, "ready").await;
    }

    pub(crate) fn store(&self) -> MetadataStore {
        let file = self.folder.path().join("data/resizinator.sqlite3");
        MetadataStore::open(&DatabaseUrl::Sqlite(file)).expect("the database")
    }

    /// The row of an image, which has more fields than its record.
    pub(crate) async fn row(&self, record: &Value) -> Image {
        self.store().image(owner(record), image_id(record)).await.expect("a query").expect("the row")
    }
}

#[tokio::test]
async fn the_questions_of_supervisors_are_not_logged() {
    let app = OneProcess::with(environment([("RUST_LOG", "info")])).await;
    for path in ["/healthz", "/readyz", "/nowhere/"] {
        reqwest::get(format!("{}{path}", app.base)).await.expect("an answer");
    }
    app.process.until_log_has("GET /nowhere/ 404").await;
    let log = app.process.log();
    assert!(!log.contains("GET /healthz") && !log.contains("GET /readyz"), "{log}");
}

#[tokio::test]
async fn a_photo_gets_its_variants_and_sigterm_ends_the_process_cleanly() {
    let mut app = OneProcess::start().await;
    let user = User::new(&app.base).await;
    let photo = pictures::photo(1601, 1203);
    let record = user.upload("photo.jpg", photo.clone()).await;
    assert!(record["small"].is_null() && record["medium"].is_null());
    let record = user.until_ready(record["id"].as_i64().expect("an id")).await;
    pictures::check(&user, &record, &photo, ImageFormat::Jpeg).await;

    assert!(app.process.terminate().await.success());
    let log = app.process.log();
    assert!(log.contains("everything has ended"));
    assert!(!log.contains(&user.token) && !log.contains("signature="), "the log holds a secret");
}

#[tokio::test]
async fn sigterm_finishes_or_hands_back_what_waits() {
    let mut app = OneProcess::start().await;
    let user = User::new(&app.base).await;
    let ids = user.upload_photos(8).await;
    assert!(app.process.terminate().await.success());
    app.start_again().await;
    user.at(&app.base).until_all_ready(&ids).await;
}

#[tokio::test]
async fn every_image_that_was_accepted_survives_kill_9() {
    let mut app = OneProcess::start().await;
    let user = User::new(&app.base).await;
    let accepted = app.kill_at_work(&user).await;
    app.start_again().await;
    user.at(&app.base).until_all_ready(&accepted).await;
}

#[tokio::test]
async fn a_hundred_times_kill_9_at_random_moments_loses_nothing_that_was_accepted() {
    // An image may be in work in more of these deaths than the default number of attempts.
    let mut app = OneProcess::with(environment([("RESIZINATOR_MAX_ATTEMPTS", "100")])).await;
    let user = User::new(&app.base).await;
    let photo = pictures::photo(640, 480);
    let mut accepted = Vec::new();
    for _ in 0..100 {
        let here = user.at(&app.base);
        let uploads: Vec<_> = std::iter::repeat_n((here, photo.clone()), 3)
            .map(|(user, photo)| tokio::spawn(async move { user.try_upload("photo.jpg", photo).await }))
            .collect();
        // There is no condition to wait for, since the moment has to be random.
        tokio::time::sleep(Duration::from_millis(rand::random_range(0..150))).await;
        app.process.kill();
        for upload in uploads {
            accepted.extend(upload.await.expect("no panic"));
        }
        app.start_again().await;
    }
    assert!(accepted.len() > 20, "{} were accepted", accepted.len());
    let user = user.at(&app.base);
    for id in accepted {
        let record = user.until_ready(id).await;
        pictures::check(&user, &record, &photo, ImageFormat::Jpeg).await;
    }
    let agreed = command("resizinator", &app.environment).args(["image", "check"]).output().expect("it runs");
    assert!(agreed.status.success(), "{}", String::from_utf8_lossy(&agreed.stdout));
}

#[tokio::test]
async fn no_image_is_late_when_the_clock_is_set_back_or_on() {
    let clock = Clock::at("+1h");
    let mut app = OneProcess::with(clock.environment()).await;
    let user = User::new(&app.base).await;
    let mut ids = app.kill_at_work(&user).await;
    // The clock jumps while the process is down, and later while it runs.
    clock.jump_to("-1h");
    app.start_again().await;
    let user = user.at(&app.base);
    ids.extend(user.upload_photos(4).await);
    clock.jump_to("+1h");
    ids.extend(user.upload_photos(4).await);
    clock.jump_to("-1h");
    ids.extend(user.upload_photos(4).await);
    user.until_all_ready(&ids).await;
}

#[tokio::test]
async fn every_format_becomes_one_that_browsers_show() {
    let app = OneProcess::start().await;
    let user = User::new(&app.base).await;
    let circle = pictures::circle(400, 360);
    let opaque = circle.to_rgb8().into();
    for (pixels, from, to) in [
        (&circle, ImageFormat::Png, ImageFormat::Png),
        (&circle, ImageFormat::Gif, ImageFormat::Gif),
        (&circle, ImageFormat::WebP, ImageFormat::WebP),
        (&opaque, ImageFormat::Bmp, ImageFormat::Png),
        (&opaque, ImageFormat::Tiff, ImageFormat::Png),
    ] {
        let file = pictures::file(pixels, from);
        let name = format!("circle.{}", from.extensions_str()[0]);
        let record = user.upload(&name, file.clone()).await;
        let record = user.until_ready(record["id"].as_i64().expect("an id")).await;
        for variant in pictures::check(&user, &record, &file, to).await {
            let variant = variant.to_rgba8();
            let alpha = |x, y| variant.get_pixel(x, y)[3];
            assert_eq!(alpha(variant.width() / 2, variant.height() / 2), 255, "{from:?}");
            assert_eq!(alpha(0, 0), if pixels.color().has_alpha() { 0 } else { 255 }, "{from:?}");
        }
    }
}

#[tokio::test]
async fn a_file_that_does_not_decode_fails_with_a_code_and_harms_nobody() {
    let app = OneProcess::start().await;
    let user = User::new(&app.base).await;
    let broken = user.upload("broken.webp", pictures::undecodable()).await;
    let row = eventually("the image fails", async || {
        let row = app.row(&broken).await;
        (row.state == State::Failed).then_some(row)
    })
    .await;
    assert!(row.error_code.is_some() && row.error_detail.is_some());
    let fine = user.upload_photos(1).await;
    user.until_all_ready(&fine).await;
    let record = user.record(broken["id"].as_i64().expect("an id")).await.expect("still there");
    assert!(record["small"].is_null() && record["medium"].is_null());
    assert!(user.download(&record["original"]).await.bytes == pictures::undecodable());
}
