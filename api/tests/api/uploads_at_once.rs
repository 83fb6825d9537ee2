//! Tests of how many uploads run at the same time.

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::helpers::{
    Form, TestApp, User, assert_left_nothing, next_answer, png, temporary_files, until, upload_head,
};

/// An upload whose last byte has not been sent.
struct Unfinished {
    stream: TcpStream,
    last: u8,
}

impl Unfinished {
    async fn start(user: &User<'_>) -> Self {
        let before = temporary_files(user.app).len();
        // It has a temporary file as soon as it is received, by which this waits for it.
        let mut file = png();
        file.resize(1 << 20, 0x5A);
        let mut body = Form::new().file("original", "a.png", &file).body();
        let mut stream = TcpStream::connect(user.app.address).await.expect("connects");
        let mut request = upload_head(user, &format!("Content-Length: {}", body.len()));
        let last = body.pop().expect("has a last byte");
        request.extend(body);
        stream.write_all(&request).await.expect("sends");
        until("the upload is received", async || temporary_files(user.app).len() > before).await;
        Self { stream, last }
    }

    async fn finish(mut self) -> u16 {
        self.stream.write_all(&[self.last]).await.expect("sends");
        next_answer(&mut self.stream).await.status
    }
}

#[tokio::test]
async fn a_process_takes_so_many_uploads_at_a_time_and_no_more() {
    let app = TestApp::start_with(|settings| settings.limits.uploads.at_once = 2).await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let (first, second) = (Unfinished::start(&ada).await, Unfinished::start(&bob).await);
    let answer = ada.upload("a.png", &png()).await;
    answer.assert_is(503, r#"{"detail":"The limit max_uploads is 2 at a time, and 2 are running."}"#);
    assert_eq!(answer.header("retry-after"), "5");
    // Whatever is no upload goes on, and so do the uploads that run.
    assert_eq!(ada.get("/image/").await.json()["count"], 0);
    assert_eq!((first.finish().await, second.finish().await), (201, 201));
    assert_eq!(ada.upload("a.png", &png()).await.status, 201);
}

#[tokio::test]
async fn a_user_has_so_many_uploads_at_a_time_and_others_are_not_held_up() {
    let app = TestApp::start_with(|settings| settings.limits.uploads.per_user = 1).await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let first = Unfinished::start(&ada).await;
    let answer = ada.upload("a.png", &png()).await;
    answer.assert_is(
        429,
        r#"{"detail":"The limit max_uploads_per_user is 1 at a time, and you have 1 running."}"#,
    );
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(bob.upload("a.png", &png()).await.status, 201);
    assert_eq!(first.finish().await, 201);
    assert_eq!(ada.upload("a.png", &png()).await.status, 201);
}

#[tokio::test]
async fn clients_that_go_away_give_their_places_back() {
    let app = TestApp::start_with(|settings| settings.limits.uploads.per_user = 3).await;
    let ada = app.user("ada").await;
    for _ in 0..3 {
        let gone =
            [Unfinished::start(&ada).await, Unfinished::start(&ada).await, Unfinished::start(&ada).await];
        assert_eq!(ada.upload("a.png", b"").await.status, 429);
        drop(gone);
        until("all places are free", async || {
            let uploads = futures_util::future::join_all((0..3).map(|_| ada.upload("a.png", b""))).await;
            uploads.iter().all(|answer| answer.status == 422)
        })
        .await;
        assert_left_nothing(&app, &ada).await;
    }
}
