//! The good client, which reads and uploads while others attack.

use std::time::Duration;

use anyhow::{Context, ensure};
use reqwest::Client;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::api::Api;

/// The pause between two reads.
const PAUSE: Duration = Duration::from_millis(10);
/// How many reads come before each upload.
const READS: usize = 25;
/// How many accounts the attackers have.
pub(crate) const ACCOUNTS: usize = 20;

pub(crate) struct GoodClient {
    http: Client,
    token: String,
    image: String,
    uploads: String,
    /// A signed URL of a large file.
    pub(crate) file: String,
    /// The tokens of the attackers' accounts.
    pub(crate) accounts: Vec<String>,
}

/// What the good client saw.
#[derive(Default)]
pub(crate) struct Experience {
    pub(crate) reads: Vec<Duration>,
    pub(crate) accepted: usize,
    pub(crate) refused: Vec<String>,
}

impl GoodClient {
    pub(crate) async fn new(api: &Api) -> anyhow::Result<Self> {
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(30)).build()?;
        let token = account(&http, api, "good").await?;
        let mut accounts = Vec::new();
        for number in 0..ACCOUNTS {
            accounts.push(account(&http, api, &format!("bad-{number}")).await?);
        }
        let uploads = api.url("/image/");
        let client = Self { http, token, image: String::new(), uploads, file: String::new(), accounts };
        let record = client.upload(bitmap(3000, 2000)).await?;
        let file = record["original"].as_str().context("no URL")?.to_owned();
        let image = api.url(&format!("/image/{}/", record["id"]));
        Ok(Self { image, file, ..client })
    }

    /// Reads and uploads until `until` completes.
    pub(crate) async fn work(&self, until: impl Future<Output = ()>) -> anyhow::Result<Experience> {
        let mut seen = Experience::default();
        tokio::pin!(until);
        for number in 1_usize.. {
            tokio::select! {
                () = &mut until => break,
                () = sleep(PAUSE) => {}
            }
            let begun = Instant::now();
            let request = self.http.get(&self.image).header("Authorization", format!("Token {}", self.token));
            let answer = request.send().await?;
            ensure!(answer.status() == 200, "a read got {}", answer.status());
            answer.bytes().await?;
            seen.reads.push(begun.elapsed());
            if number % READS == 0 {
                match self.upload(bitmap(40, 30)).await {
                    Ok(_) => seen.accepted += 1,
                    Err(error) => seen.refused.push(format!("{error:#}")),
                }
            }
        }
        Ok(seen)
    }

    async fn upload(&self, bytes: Vec<u8>) -> anyhow::Result<Value> {
        let form = Form::new().part("original", Part::bytes(bytes).file_name("good.bmp"));
        let request = self.http.post(&self.uploads).header("Authorization", format!("Token {}", self.token));
        let answer = request.multipart(form).send().await?;
        let (status, text) = (answer.status(), answer.text().await?);
        ensure!(status == 201, "an upload got {status}: {text}");
        Ok(serde_json::from_str(&text)?)
    }
}

/// Registers a user and returns a token.
async fn account(http: &Client, api: &Api, name: &str) -> anyhow::Result<String> {
    let credentials = json!({ "username": name, "password": "correct horse battery" });
    http.post(api.url("/user/register/")).json(&credentials).send().await?.error_for_status()?;
    let answer = http.post(api.url("/user/login/")).json(&credentials).send().await?.error_for_status()?;
    Ok(answer.json::<Value>().await?["token"].as_str().context("no token")?.to_owned())
}

/// A black BMP (BITMAPINFOHEADER, 24 bits a pixel).
fn bitmap(width: u32, height: u32) -> Vec<u8> {
    let size = (width * 3).next_multiple_of(4) * height;
    let mut bytes = b"BM".to_vec();
    for field in [54 + size, 0, 54, 40, width, height, 24 << 16 | 1, 0, size, 0, 0, 0, 0] {
        bytes.extend_from_slice(&field.to_le_bytes());
    }
    bytes.resize(54 + size as usize, 0);
    bytes
}
