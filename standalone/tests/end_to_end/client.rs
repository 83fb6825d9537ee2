//! A client of the API, for one user.

use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use resizinator_shared::ids::{ImageId, UserId};
use resizinator_shared::testing;
use serde_json::{Value, json};

use crate::eventually::eventually;
use crate::pictures;
use crate::secrecy;

#[derive(Clone)]
pub(crate) struct User {
    http: Client,
    base: String,
    pub(crate) name: String,
    pub(crate) token: String,
}

pub(crate) struct Download {
    pub(crate) content_type: String,
    pub(crate) bytes: Vec<u8>,
}

/// A stream of events.
pub(crate) struct Events {
    response: reqwest::Response,
    text: String,
}

impl Events {
    /// Reads until the stream has had this text.
    pub(crate) async fn until(&mut self, text: &str) {
        while !self.text.contains(text) {
            let chunk = tokio::time::timeout(Duration::from_secs(30), self.response.chunk()).await;
            let chunk = chunk.unwrap_or_else(|_| panic!("{text:?} does not come after {:?}", self.text));
            let chunk = chunk.expect("a whole answer").expect("the stream goes on");
            self.text += str::from_utf8(&chunk).expect("UTF-8");
        }
    }
}

impl User {
    /// Registers a new user and logs in.
    pub(crate) async fn new(base: &str) -> Self {
        Self::with_password(base).await.0
    }

    /// Registers a new user and logs in, and returns the password too.
    pub(crate) async fn with_password(base: &str) -> (Self, String) {
        let (name, password) = (format!("user-{:016x}", rand::random::<u64>()), new_password());
        let (status, answer) = account(base, "register", &name, &password).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        let user = Self::log_in(base, &name, &password).await.expect("a user who has just registered");
        (user, password)
    }

    /// Logs in; `None` if the answer is 401.
    pub(crate) async fn log_in(base: &str, name: &str, password: &str) -> Option<Self> {
        let (status, answer) = account(base, "login", name, password).await;
        if status == StatusCode::UNAUTHORIZED {
            return None;
        }
        assert_eq!(status, StatusCode::OK, "{answer}");
        let token = answer["token"].as_str().expect("a token").to_owned();
        secrecy::keep(&token);
        Some(Self { http: http(), base: base.into(), name: name.into(), token })
    }

    /// A client for the same user at another replica.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self { base: base.into(), ..self.clone() }
    }

    /// Uploads a file and returns its id; `None` if there was no 201.
    pub(crate) async fn try_upload(&self, name: &str, bytes: Vec<u8>) -> Option<i64> {
        let response = self.new_upload(name, bytes).send().await.ok()?;
        if response.status() != StatusCode::CREATED {
            return None;
        }
        response.json::<Value>().await.ok()?["id"].as_i64()
    }

    /// Uploads a file that has to be accepted, and returns its record.
    pub(crate) async fn upload(&self, name: &str, bytes: Vec<u8>) -> Value {
        self.send(name, bytes).await.expect("an answer")
    }

    /// Uploads a file that has to be accepted, and returns its id; `None` if the connection was refused.
    pub(crate) async fn upload_unless_refused(&self, name: &str, bytes: Vec<u8>) -> Option<i64> {
        match self.send(name, bytes).await {
            Ok(record) => record["id"].as_i64(),
            Err(error) if error.is_connect() => None,
            Err(error) => panic!("an upload was cut off: {error:?}"),
        }
    }

    async fn send(&self, name: &str, bytes: Vec<u8>) -> reqwest::Result<Value> {
        let (status, record) = self.answer_to_upload(name, bytes).await?;
        assert_eq!(status, StatusCode::CREATED, "{name}: {record}");
        Ok(record)
    }

    /// Uploads a file, and returns the status and the body of the answer.
    pub(crate) async fn answer_to_upload(
        &self,
        name: &str,
        bytes: Vec<u8>,
    ) -> reqwest::Result<(StatusCode, Value)> {
        let response = self.new_upload(name, bytes).send().await?;
        Ok((response.status(), response.json().await?))
    }

    /// Uploads a file with an `Idempotency-Key`, and returns the status and the body of the answer.
    pub(crate) async fn upload_with_key(
        &self,
        key: &str,
        name: &str,
        bytes: Vec<u8>,
    ) -> reqwest::Result<(StatusCode, Value)> {
        let form = Form::new().part("original", Part::bytes(bytes).file_name(name.to_owned()));
        let request = self.request(Method::POST, "/image/").header("Idempotency-Key", key);
        let response = request.multipart(form).send().await?;
        Ok((response.status(), response.json().await?))
    }

    /// Uploads a photo `count` times at once, and returns the ids.
    pub(crate) async fn upload_photos(&self, count: usize) -> Vec<i64> {
        let photo = pictures::photo(1200, 900);
        let uploads: Vec<_> = std::iter::repeat_n((self.clone(), photo), count)
            .map(|(user, photo)| {
                tokio::spawn(
                    async move { user.upload("photo.jpg", photo).await["id"].as_i64().expect("an id") },
                )
            })
            .collect();
        let mut ids = Vec::new();
        for upload in uploads {
            ids.push(upload.await.expect("an upload"));
        }
        ids
    }

    /// Uploads a file that has to be accepted, with these headers. Returns the request id of the answer and the record.
    pub(crate) async fn upload_with(
        &self,
        headers: &[(&str, &str)],
        name: &str,
        bytes: Vec<u8>,
    ) -> (String, Value) {
        let request = self.new_upload(name, bytes);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::CREATED, "{name}");
        let request_id = response.headers()["x-request-id"].to_str().expect("text").to_owned();
        (request_id, response.json().await.expect("JSON"))
    }

    /// The record of an image; `None` if there is no such image.
    pub(crate) async fn record(&self, id: i64) -> Option<Value> {
        let response = self.request(Method::GET, &format!("/image/{id}/")).send().await.expect("an answer");
        if response.status() == StatusCode::NOT_FOUND {
            return None;
        }
        assert_eq!(response.status(), StatusCode::OK);
        Some(response.json().await.expect("JSON"))
    }

    /// Waits until both variants of an image are ready, and returns its record. A record with only one of them fails
    /// the test.
    pub(crate) async fn until_ready(&self, id: i64) -> Value {
        eventually(&format!("image {id} becomes ready"), async || {
            let record = self.record(id).await.unwrap_or_else(|| panic!("image {id} is gone"));
            assert_eq!(record["small"].is_null(), record["medium"].is_null(), "{record}");
            (!record["small"].is_null()).then_some(record)
        })
        .await
    }

    /// The JSON at a path.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let response = self.request(Method::GET, path).send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.json().await.expect("JSON")
    }

    /// Registers a webhook, and returns its record.
    pub(crate) async fn register_webhook(&self, url: &str) -> Value {
        let request = self.request(Method::POST, "/user/webhooks/").json(&json!({ "url": url }));
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::CREATED);
        response.json().await.expect("JSON")
    }

    /// The status of a request for the list of images.
    pub(crate) async fn status_of_list(&self) -> StatusCode {
        self.request(Method::GET, "/image/").send().await.expect("an answer").status()
    }

    /// What operators are told of the service.
    pub(crate) async fn overview(&self) -> Value {
        let response = self.request(Method::GET, "/admin/overview/").send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.expect("JSON")
    }

    pub(crate) async fn until_all_ready(&self, ids: &[i64]) {
        for id in ids {
            self.until_ready(*id).await;
        }
    }

    pub(crate) async fn delete(&self, id: i64) {
        let response =
            self.request(Method::DELETE, &format!("/image/{id}/")).send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
    }

    /// Downloads the object of a signed URL in a record, without the token.
    pub(crate) async fn download(&self, url: &Value) -> Download {
        let url = url.as_str().expect("a URL");
        let response = self.http.get(url).send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK, "{url}");
        let content_type = response.headers()[CONTENT_TYPE].to_str().expect("text").to_owned();
        Download { content_type, bytes: response.bytes().await.expect("a body").into() }
    }

    fn new_upload(&self, name: &str, bytes: Vec<u8>) -> RequestBuilder {
        let form = Form::new().part("original", Part::bytes(bytes).file_name(name.to_owned()));
        self.request(Method::POST, "/image/").multipart(form)
    }

    /// Opens a stream of events, and waits for its beginning.
    pub(crate) async fn events(&self) -> Events {
        let response = self.request(Method::GET, "/events/").send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::OK);
        let mut events = Events { response, text: String::new() };
        events.until("retry: 2000").await;
        events
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let authorization = format!("Token {}", self.token);
        self.http.request(method, format!("{}{path}", self.base)).header("Authorization", authorization)
    }
}

/// A password that no log may have.
pub(crate) fn new_password() -> String {
    let password = format!("password-{:016x}", rand::random::<u64>());
    secrecy::keep(&password);
    password
}

/// Registers or logs in, and returns the status and the body of the answer.
async fn account(base: &str, action: &str, name: &str, password: &str) -> (StatusCode, Value) {
    let credentials = json!({ "username": name, "password": password });
    let request = http().post(format!("{base}/user/{action}/")).json(&credentials);
    let response = request.send().await.expect("an answer");
    (response.status(), response.json().await.expect("JSON"))
}

fn http() -> Client {
    // No connection is kept, since the server closes idle connections while a test draws a picture.
    Client::builder().pool_max_idle_per_host(0).build().expect("a client")
}

/// The id of the image that a record shows.
pub(crate) fn image_id(record: &Value) -> ImageId {
    testing::id(record["id"].as_i64().expect("an id"))
}

/// The user whose image a record shows.
pub(crate) fn owner(record: &Value) -> UserId {
    testing::id(record["user"].as_i64().expect("a user"))
}

/// Waits until `/readyz` has this status, and returns its answer.
pub(crate) async fn until_status(base: &str, status: &str) -> Value {
    let http = Client::new();
    eventually(&format!("{base}/readyz says {status}"), async || {
        let response = http.get(format!("{base}/readyz")).send().await.ok()?;
        let answer: Value = response.json().await.ok()?;
        (answer["status"] == status).then_some(answer)
    })
    .await
}
