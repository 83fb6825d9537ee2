//! Tests of `POST image/` whose file is accepted.

use image::ImageFormat;
use resizinator_shared::testing::id;

use crate::helpers::{Form, TestApp, encoded, on_every_backend, png, until};

async fn an_upload_is_answered_with_its_record(app: &TestApp) {
    let ada = app.user("ada").await;
    let answer = ada.upload("sample.png", &png()).await;
    assert_eq!(answer.status, 201, "{}", answer.text());

    let record = answer.json();
    let text = |name| record[name].as_str().expect("a text");
    let (original, updated, created) = (text("original"), text("updated_at"), text("created_at"));
    // The keys are in this order, with nothing between them.
    let expected = format!(
        r#"{{"id":1,"original":"{original}","small":null,"medium":null,"updated_at":"{updated}","created_at":"{created}","user":1}}"#
    );
    assert_eq!(answer.text(), expected);
    for time in [updated, created] {
        assert_eq!((time.len(), &time[10..11], &time[19..20], &time[26..]), (27, "T", ".", "Z"), "{time}");
    }
    assert_eq!(answer.header("location"), "/image/1/");
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert_eq!(answer.header("allow"), "GET, POST, HEAD, OPTIONS");
}

async fn the_url_of_the_original_gives_the_same_bytes_back(app: &TestApp) {
    let ada = app.user("ada").await;
    let bytes = encoded(ImageFormat::Jpeg);
    let record = ada.upload("sample.jpg", &bytes).await.json();
    let url = record["original"].as_str().expect("a URL");
    let answer = reqwest::get(url).await.expect("an answer");
    assert_eq!(
        (answer.status().as_u16(), &answer.headers()["content-type"]),
        (200, &"image/jpeg".parse().unwrap())
    );
    assert_eq!(answer.bytes().await.expect("the bytes"), bytes);
}

async fn an_upload_becomes_one_job(app: &TestApp) {
    app.user("ada").await.uploaded().await;
    let depth = async || app.backends.jobs.depth().await.expect("an answer").ready;
    until("the job is queued", async || depth().await > 0).await;
    assert_eq!(depth().await, 1);
}

on_every_backend! {
    an_upload_is_answered_with_its_record
    the_url_of_the_original_gives_the_same_bytes_back
    an_upload_becomes_one_job
}

#[tokio::test]
async fn of_two_files_the_last_wins() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let (first, last) = (encoded(ImageFormat::Gif), png());
    let form = Form::new().file("original", "a.gif", &first).file("original", "b.png", &last);
    let record = ada.submit(form).await.json();
    let served = app.get(record["original"].as_str().expect("a URL")).await;
    assert_eq!(served.body, last);
}

#[tokio::test]
async fn a_file_wins_over_a_text_before_or_after_it() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let before = Form::new().text("original", "text").file("original", "a.png", &png());
    assert_eq!(ada.submit(before).await.status, 201);
    let after = Form::new().file("original", "a.png", &png()).text("original", "text");
    assert_eq!(ada.submit(after).await.status, 201);
}

#[tokio::test]
async fn other_fields_of_the_form_change_nothing() {
    let app = TestApp::start().await;
    let (ada, _) = (app.user("ada").await, app.user("bob").await);
    let form = Form::new()
        .text("id", "77")
        .text("user", "2")
        .text("created_at", "1999-01-01T00:00:00Z")
        .file("small", "s.png", &png())
        .file("original", "a.png", &png())
        .file("medium", "m.png", b"no image")
        .text("", "a field without a name");
    let record = ada.submit(form).await.json();
    assert_eq!((record["id"].as_i64(), record["user"].as_i64()), (Some(1), Some(1)));
    assert!(record["small"].is_null() && record["medium"].is_null());
    assert!(!record["created_at"].as_str().expect("a time").starts_with("1999"));
    assert_eq!(app.objects().len(), 1);
}

#[tokio::test]
async fn a_body_in_chunks_without_a_length_is_accepted() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let body = Form::new().file("original", "a.png", &png()).body();
    let chunks: Vec<_> = body.chunks(13).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect();
    let stream = reqwest::Body::wrap_stream(futures_util::stream::iter(chunks));
    let answer = ada.post(Form::TYPE, stream).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
}

#[tokio::test]
async fn the_name_of_the_file_is_kept_without_folders_and_is_no_part_of_its_key() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let record = ada.upload("../../etc/passwd.png", &png()).await.json();
    let url = record["original"].as_str().expect("a URL");
    assert!(!url.contains("passwd"), "{url}");
    let image = app.backends.metadata.image(id(1), id(1)).await.expect("an answer").expect("is there");
    assert_eq!(image.file_name, "passwd.png");
    assert_eq!(app.objects().len(), 1);
    assert!(url.contains(image.object_id.as_str()), "{url}");
}

#[tokio::test]
async fn a_name_in_the_extended_notation_is_read() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let disposition = "form-data; name=\"original\"; filename*=UTF-8''na%C3%AFve.png";
    let answer = ada.submit(Form::new().part(disposition, "image/png", &png())).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    let image = app.backends.metadata.image(id(1), id(1)).await.expect("an answer").expect("is there");
    assert_eq!(image.file_name, "naïve.png");
}

#[tokio::test]
async fn a_large_upload_goes_through_a_temporary_file_and_leaves_none() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    // Bytes after the end of an image belong to the file.
    let mut bytes = png();
    bytes.resize(3 << 20, 0x5A);
    let record = ada.upload("large.png", &bytes).await.json();
    let served = app.get(record["original"].as_str().expect("a URL")).await;
    assert!(served.body == bytes, "{} bytes", served.body.len());
    assert_eq!(std::fs::read_dir(app.folder.path().join("tmp")).expect("a folder").count(), 0);
}

#[tokio::test]
async fn uploads_at_once_are_all_accepted() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let bytes = png();
    let uploads = futures_util::future::join_all((0..24).map(|_| ada.upload("a.png", &bytes))).await;
    let mut ids: Vec<_> = uploads.iter().map(|answer| answer.json()["id"].as_i64().expect("an id")).collect();
    ids.sort_unstable();
    assert_eq!(ids, (1..=24).collect::<Vec<_>>());
    assert_eq!(app.objects().len(), 24);
}
