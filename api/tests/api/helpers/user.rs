//! A client of the api that has a token.

use reqwest::{Method, RequestBuilder};
use resizinator_shared::ids::Generation;
use resizinator_shared::metadata::ClaimOutcome;
use resizinator_shared::objects::{Content, ObjectKey};
use resizinator_shared::placeholder::Placeholder;
use resizinator_shared::testing::id;
use resizinator_shared::variant::{StoredVariant, StoredVariants, VariantKind};
use serde_json::Value;

use super::app::send;
use super::{Answer, Form, TestApp, png};

pub(crate) struct User<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) token: String,
}

impl<'a> User<'a> {
    pub(crate) fn new(app: &'a TestApp, token: String) -> Self {
        Self { app, token }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.request(method, path).header("Authorization", format!("Token {}", self.token))
    }

    pub(crate) async fn send(&self, method: Method, path: &str) -> Answer {
        send(self.request(method, path)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path).await
    }

    /// Posts a body of this content type to `image/`.
    pub(crate) async fn post(&self, content_type: &str, body: impl Into<reqwest::Body>) -> Answer {
        send(self.request(Method::POST, "/image/").header("Content-Type", content_type).body(body)).await
    }

    /// Posts JSON to a path.
    pub(crate) async fn post_json(&self, path: &str, body: &str) -> Answer {
        self.with_json(Method::POST, path, body).await
    }

    /// Makes a request with JSON.
    pub(crate) async fn with_json(&self, method: Method, path: &str, body: &str) -> Answer {
        send(self.request(method, path).header("Content-Type", "application/json").body(body.to_owned()))
            .await
    }

    pub(crate) async fn submit(&self, form: Form) -> Answer {
        self.post(Form::TYPE, form.body()).await
    }

    /// Uploads a file under a name.
    pub(crate) async fn upload(&self, name: &str, bytes: &[u8]) -> Answer {
        self.submit(Form::new().file("original", name, bytes)).await
    }

    /// Uploads a small image and returns its record.
    pub(crate) async fn uploaded(&self) -> Value {
        let answer = self.upload("sample.png", &png()).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    /// Processes an image of this user as a worker does. The variants contain their own names.
    pub(crate) async fn process(&self, record: &Value) {
        let backends = &self.app.backends;
        let number = |key: &str| record[key].as_i64().expect("a number");
        let (image, user) = (id(number("id")), id(number("user")));
        let lease = std::time::Duration::from_secs(60);
        let outcome =
            backends.metadata.claim(image, user, Generation::FIRST, lease).await.expect("an answer");
        let ClaimOutcome::Claimed(image) = outcome else { panic!("{outcome:?}") };
        let size = StoredVariant { width: 1, height: 1, bytes: 6 };
        let variants = StoredVariants {
            small: size,
            medium: size,
            frames: Some(1),
            format: None,
            placeholder: Placeholder::of(&[7; 25]),
        };
        for kind in VariantKind::ALL {
            let key = ObjectKey::variant(&image, image.generation, kind);
            backends.objects.put(&key, Content::of(kind.name().into())).await.expect("stored");
        }
        assert!(
            backends
                .metadata
                .finish_ready(&image, variants, std::time::Duration::ZERO)
                .await
                .expect("an answer")
        );
    }
}
