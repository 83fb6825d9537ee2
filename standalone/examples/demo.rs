//! Uploads files to a running Resizinator and checks what becomes of them:
//! `demo http://HOST:PORT FILE…`

use std::io::Cursor;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);
/// Heights of the variants, as they are unless set otherwise.
const HEIGHTS: [u32; 2] = [100, 300];
/// A variant is at most this many times as wide as its height.
const MAX_ASPECT: u32 = 16;

/// A record, in the order of the API.
#[derive(Serialize, Deserialize)]
struct Record {
    id: i64,
    original: String,
    small: Option<String>,
    medium: Option<String>,
    updated_at: String,
    created_at: String,
    user: i64,
}

/// What became of one file.
struct Outcome {
    file: String,
    /// Bytes and size in pixels of the original, the small and the medium variant.
    images: [(usize, (u32, u32)); 3],
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(server), files) = (arguments.next(), arguments.collect::<Vec<_>>()) else {
        bail!("Use: demo http://HOST:PORT FILE…");
    };
    ensure!(!files.is_empty(), "Use: demo http://HOST:PORT FILE…");
    let demo = Demo::log_in(server).await?;
    let mut outcomes = Vec::new();
    for file in &files {
        outcomes.push(demo.try_file(Path::new(file)).await.with_context(|| file.clone())?);
    }
    print_table(&outcomes);
    Ok(())
}

struct Demo {
    http: Client,
    server: String,
    authorization: String,
}

impl Demo {
    /// Registers a new user and logs in.
    async fn log_in(server: String) -> anyhow::Result<Self> {
        let http = Client::builder().timeout(PATIENCE).build()?;
        let username = format!("demo-{:016x}", rand::random::<u64>());
        let credentials =
            json!({ "username": username, "password": format!("{:032x}", rand::random::<u128>()) });
        let register = http.post(format!("{server}/user/register/")).json(&credentials).send().await?;
        expect(register, StatusCode::CREATED).await?;
        let login = http.post(format!("{server}/user/login/")).json(&credentials).send().await?;
        let answer: serde_json::Value = serde_json::from_slice(&expect(login, StatusCode::OK).await?)?;
        let token = answer["token"].as_str().context("the login's answer has no token")?;
        println!("Registered {username} and logged in.");
        Ok(Self { http, server, authorization: format!("Token {token}") })
    }

    async fn try_file(&self, path: &Path) -> anyhow::Result<Outcome> {
        let name = path.file_name().context("no file name")?.to_string_lossy().into_owned();
        let bytes = std::fs::read(path)?;
        let begin = Instant::now();
        let uploaded = self.upload(&name, bytes.clone()).await?;
        println!("\nUploaded {name} in {} ms.", begin.elapsed().as_millis());
        let record = self.until_ready(uploaded.id).await?;
        println!(
            "Ready after {} ms: {}",
            begin.elapsed().as_millis(),
            serde_json::to_string_pretty(&record)?
        );

        let original = self.download(&record.original).await?;
        ensure!(original == bytes, "the original that comes back is not the file that was uploaded");
        let size = upright_size(&original)?;
        let mut images = [(original.len(), size); 3];
        let variants = [("small", record.small), ("medium", record.medium)];
        for (index, ((variant, url), height)) in variants.into_iter().zip(HEIGHTS).enumerate() {
            let variant_bytes = self.download(&url.context("no URL")?).await?;
            let decoded = upright_size(&variant_bytes).with_context(|| variant.to_owned())?;
            let right = expected_size(size, height);
            ensure!(decoded == right, "{variant} is {}, and {} is right", show(decoded), show(right));
            images[index + 1] = (variant_bytes.len(), decoded);
        }
        Ok(Outcome { file: name, images })
    }

    async fn upload(&self, name: &str, bytes: Vec<u8>) -> anyhow::Result<Record> {
        let form = Form::new().part("original", Part::bytes(bytes).file_name(name.to_owned()));
        let request = self.http.post(format!("{}/image/", self.server)).multipart(form);
        let response = request.header("Authorization", &self.authorization).send().await?;
        Ok(serde_json::from_slice(&expect(response, StatusCode::CREATED).await?)?)
    }

    async fn until_ready(&self, id: i64) -> anyhow::Result<Record> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            let request = self.http.get(format!("{}/image/{id}/", self.server));
            let response = request.header("Authorization", &self.authorization).send().await?;
            let record: Record = serde_json::from_slice(&expect(response, StatusCode::OK).await?)?;
            if record.small.is_some() && record.medium.is_some() {
                return Ok(record);
            }
            tokio::time::sleep(PAUSE).await;
        }
        bail!("its variants are not there after {} s", PATIENCE.as_secs())
    }

    /// Without the token: a signed URL is enough.
    async fn download(&self, url: &str) -> anyhow::Result<Vec<u8>> {
        expect(self.http.get(url).send().await?, StatusCode::OK).await
    }
}

async fn expect(response: Response, status: StatusCode) -> anyhow::Result<Vec<u8>> {
    let (got, path) = (response.status(), response.url().path().to_owned());
    let body = response.bytes().await?;
    ensure!(got == status, "{path} answered {got}: {}", String::from_utf8_lossy(&body));
    Ok(body.to_vec())
}

/// Width and height as the image is meant to be seen. Decodes all of it.
fn upright_size(bytes: &[u8]) -> anyhow::Result<(u32, u32)> {
    let mut decoder = ImageReader::new(Cursor::new(bytes)).with_guessed_format()?.into_decoder()?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut pixels = DynamicImage::from_decoder(decoder)?;
    pixels.apply_orientation(orientation);
    Ok((pixels.width(), pixels.height()))
}

fn expected_size((width, height): (u32, u32), target: u32) -> (u32, u32) {
    let (by_height, target_height) = match height > target {
        true => (scaled(width, height, target), target),
        false => (width, height),
    };
    let widest = MAX_ASPECT * target;
    match by_height > widest {
        true => (widest, scaled(height, width, widest)),
        false => (by_height, target_height),
    }
}

fn scaled(side: u32, from: u32, to: u32) -> u32 {
    let exact = f64::from(side) / (f64::from(from) / f64::from(to));
    (exact.round_ties_even() as u32).max(1)
}

fn print_table(outcomes: &[Outcome]) {
    let longest = outcomes.iter().map(|outcome| outcome.file.chars().count()).max().unwrap_or(0).max(4);
    println!("\n{:longest$}  {:>22}  {:>22}  {:>22}", "file", "original", "small", "medium");
    for Outcome { file, images } in outcomes {
        print!("{file:longest$}");
        for (bytes, size) in images {
            print!("  {:>22}", format!("{}, {bytes} B", show(*size)));
        }
        println!();
    }
    println!("\nAll is right: sizes, pixels, and every original byte for byte.");
}

fn show((width, height): (u32, u32)) -> String {
    format!("{width}×{height}")
}
