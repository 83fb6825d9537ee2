//! Tests of the room on the disk of the temporary files.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::helpers::{
    Answer, Form, SmallDisk, TestApp, User, assert_left_nothing, early_answer, next_answer, png, until,
    upload_head,
};

/// A body with a file of so many megabytes.
fn body(megabytes: usize) -> Vec<u8> {
    // Bytes after the end of an image belong to the file.
    let mut file = png();
    file.resize(megabytes << 20, 0x5A);
    Form::new().file("original", "a.png", &file).body()
}

/// An api whose temporary files are on a small disk.
async fn app_on(disk: &SmallDisk) -> TestApp {
    TestApp::start_with(|settings| {
        settings.limits.uploads.min_free_disk = 0;
        disk.link(&settings.temporary_folder());
    })
    .await
}

/// Begins an upload, and sends the first bytes of its body.
async fn begin(user: &User<'_>, body: &[u8], sent: usize) -> TcpStream {
    let mut stream = TcpStream::connect(user.app.address).await.expect("connects");
    let mut request = upload_head(user, &format!("Content-Length: {}", body.len()));
    request.extend(&body[..sent]);
    stream.write_all(&request).await.expect("sends");
    stream
}

async fn go_on(mut stream: TcpStream, rest: &[u8]) -> Answer {
    // An upload that is refused is perhaps not read to its end.
    drop(stream.write_all(rest).await);
    next_answer(&mut stream).await
}

#[tokio::test]
async fn without_room_an_upload_is_refused_before_its_body_is_sent() {
    let app = TestApp::start_with(|settings| settings.limits.uploads.min_free_disk = 1 << 50).await;
    let ada = app.user("ada").await;
    for (length, shown) in [("Content-Length: 7000000", 7_000_000), ("Transfer-Encoding: chunked", 1 << 20)] {
        let answer = early_answer(&app, &upload_head(&ada, length)).await;
        let message = format!(
            "The limit min_free_disk is 1125899906842624 bytes, and an upload of {shown} bytes would leave less."
        );
        answer.assert_is(503, &format!(r#"{{"detail":"{message}"}}"#));
        assert_eq!(answer.header("retry-after"), "5");
    }
    assert_left_nothing(&app, &ada).await;
}

#[tokio::test]
async fn what_running_uploads_will_write_is_taken() {
    let Some(disk) = SmallDisk::mount(8) else { return };
    let app = app_on(&disk).await;
    let (ada, all) = (app.user("ada").await, disk.free());
    let (five, four) = (body(5), body(4));
    let running = begin(&ada, &five, 1 << 20).await;
    until("the upload is being written", async || disk.free() < all).await;
    assert_eq!(ada.post(Form::TYPE, four.clone()).await.status, 503);
    // A smaller one still has room, and the one that runs keeps its own.
    assert_eq!(ada.post(Form::TYPE, body(2)).await.status, 201);
    assert_eq!(go_on(running, &five[1 << 20..]).await.status, 201);
    assert_eq!(ada.post(Form::TYPE, four).await.status, 201);
    assert_eq!(disk.free(), all);
}

#[tokio::test]
async fn an_upload_without_a_length_takes_room_step_by_step() {
    let Some(disk) = SmallDisk::mount(8) else { return };
    let app = app_on(&disk).await;
    let (ada, all) = (app.user("ada").await, disk.free());
    let post = async |megabytes| {
        let chunks: Vec<_> =
            body(megabytes).chunks(99_999).map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec())).collect();
        ada.post(Form::TYPE, reqwest::Body::wrap_stream(futures_util::stream::iter(chunks))).await
    };
    assert_eq!(post(6).await.status, 201);
    let refused = post(12).await;
    assert!(
        refused.status == 503 && refused.text().contains("min_free_disk is 0 bytes"),
        "{}",
        refused.text()
    );
    assert_eq!(ada.get("/image/").await.json()["count"], 1);
    until("the disk is as free as before", async || disk.free() == all).await;
}

#[tokio::test]
async fn objects_on_the_same_disk_take_room_too() {
    let Some(disk) = SmallDisk::mount(8) else { return };
    let app = TestApp::start_with(|settings| {
        settings.limits.uploads.min_free_disk = 0;
        disk.link(&settings.temporary_folder());
        disk.link(&settings.data.join("objects"));
    })
    .await;
    let ada = app.user("ada").await;
    assert_eq!(ada.post(Form::TYPE, body(5)).await.status, 503);
    assert_eq!(ada.get("/image/").await.json()["count"], 0);
    assert_eq!(ada.post(Form::TYPE, body(3)).await.status, 201);
}

#[tokio::test]
async fn a_disk_that_fills_up_all_the_same_harms_no_other_upload() {
    let Some(disk) = SmallDisk::mount(8) else { return };
    let app = app_on(&disk).await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let (all, large, small, sent) = (disk.free(), body(5), body(2), 1 << 20);
    let (of_ada, of_bob) = (begin(&ada, &large, sent).await, begin(&bob, &small, sent).await);
    until("both uploads are being written", async || all - disk.free() > sent as u64).await;
    let filler = disk.fill(sent as u64 * 3 / 2);
    let answer = go_on(of_ada, &large[sent..]).await;
    answer.assert_is(503, r#"{"detail":"The service is temporarily unavailable, please try again later."}"#);
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(go_on(of_bob, &small[sent..]).await.status, 201);
    assert_eq!(ada.get("/image/").await.json()["count"], 0);
    std::fs::remove_file(filler).expect("is removed");
    until("the disk is as free as before", async || disk.free() == all).await;
    assert_eq!(ada.post(Form::TYPE, large).await.status, 201);
}
