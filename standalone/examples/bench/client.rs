//! A client of the api.

use std::time::Duration;

use anyhow::{Context, ensure};
use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use reqwest::multipart::{Form, Part};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

const PATIENCE: Duration = Duration::from_secs(60);

/// A user of the api, with connections that are kept alive.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
}

impl Client {
    /// Waits for the api, registers a user and logs in.
    pub(crate) async fn connect(address: &str) -> anyhow::Result<Self> {
        let guest = Self { http: reqwest::Client::new(), base: format!("http://{address}") };
        guest.wait_until_ready().await?;
        let account =
            json!({ "username": format!("bench-{}", std::process::id()), "password": "correct-horse" });
        let request = |path: &str| guest.http.post(format!("{}{path}", guest.base)).json(&account);
        request("/user/register/").send().await?.error_for_status()?;
        let answer: Value = request("/user/login/").send().await?.error_for_status()?.json().await?;
        let token = answer["token"].as_str().context("no token")?;
        let headers = HeaderMap::from_iter([(AUTHORIZATION, format!("Token {token}").parse()?)]);
        Ok(Self { http: reqwest::Client::builder().default_headers(headers).build()?, ..guest })
    }

    pub(crate) async fn wait_until_ready(&self) -> anyhow::Result<()> {
        let start = Instant::now();
        let url = format!("{}/readyz", self.base);
        while !self.http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
            ensure!(start.elapsed() < PATIENCE, "the api is not ready; its log is in the data folder");
            sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Uploads a file and returns the image's id.
    pub(crate) async fn upload(&self, file: &Bytes) -> anyhow::Result<i64> {
        let part = Part::stream_with_length(file.clone(), file.len() as u64);
        let form = Form::new().part("original", part.file_name("photo.jpg").mime_str("image/jpeg")?);
        let answer = self.http.post(format!("{}/image/", self.base)).multipart(form).send().await?;
        let record = expect(answer, StatusCode::CREATED).await?;
        record["id"].as_i64().context("no id")
    }

    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<Value> {
        expect(self.http.get(format!("{}{path}", self.base)).send().await?, StatusCode::OK).await
    }

    /// Waits for the variants of an image, and asks again after each pause.
    pub(crate) async fn wait_for_variants(&self, id: i64, pause: Duration) -> anyhow::Result<()> {
        let start = Instant::now();
        while self.get(&format!("/image/{id}/")).await?["small"].is_null() {
            ensure!(start.elapsed() < PATIENCE, "image {id} has no variants");
            sleep(pause).await;
        }
        Ok(())
    }
}

async fn expect(answer: Response, status: StatusCode) -> anyhow::Result<Value> {
    let actual = answer.status();
    let body = answer.text().await?;
    ensure!(actual == status, "the api answered {actual}: {body}");
    Ok(serde_json::from_str(&body)?)
}
