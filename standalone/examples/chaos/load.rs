//! A steady load of uploads and deletes during the faults.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use futures_util::future::{join_all, try_join3};
use rand::RngExt;
use reqwest::StatusCode;
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use tokio::time::sleep;

use crate::fault::{Fault, inject_all};
use crate::ledger::{Answer, Ledger, Upload};
use crate::picture::Picture;
use crate::stage::Stage;
use crate::{retries, rows};

const CLIENTS: usize = 6;
/// The number of clients that use keys, over connections that die.
const CLIENTS_WITH_KEYS: usize = 3;
/// The number of images that are deleted, of a hundred accepted ones.
const DELETED: u32 = 8;

pub(crate) async fn run(
    stage: &Stage,
    ledger: &Ledger,
    pictures: &[Picture],
    duration: Duration,
) -> anyhow::Result<()> {
    rows::record_transitions(stage).await?;
    let end = Instant::now() + duration;
    let (names, over) = (AtomicU64::new(0), AtomicBool::new(false));
    let clients = async {
        let plain = (0..CLIENTS).map(|_| client(stage, ledger, pictures, &names, &over));
        let with_keys =
            (0..CLIENTS_WITH_KEYS).map(|_| retries::client(stage, ledger, pictures, &names, &over));
        tokio::join!(join_all(plain), join_all(with_keys));
        anyhow::Ok(())
    };
    let faults = async {
        let broken = try_join3(
            inject_all(stage, ledger, &Fault::OF_PROCESSES, end),
            inject_all(stage, ledger, &Fault::OF_BACKENDS, end),
            watch(stage, end),
        );
        let outcome = broken.await.map(drop);
        over.store(true, Ordering::Relaxed);
        outcome
    };
    tokio::try_join!(clients, faults).context("the faults cannot be injected")?;
    Ok(())
}

/// Fails if a process ends by itself.
async fn watch(stage: &Stage, end: Instant) -> anyhow::Result<()> {
    while Instant::now() < end {
        for process in stage.apis.iter().chain(&stage.workers) {
            process.ensure_running().await?;
        }
        sleep(Duration::from_millis(500)).await;
    }
    Ok(())
}

async fn client(stage: &Stage, ledger: &Ledger, pictures: &[Picture], names: &AtomicU64, over: &AtomicBool) {
    while !over.load(Ordering::Relaxed) {
        let (picture, base, pause, dice) = {
            let mut random = rand::rng();
            let pause = Duration::from_millis(random.random_range(200..1800));
            (
                random.random_range(0..pictures.len()),
                random.random_range(0..2),
                pause,
                random.random_range(0..100),
            )
        };
        let number = names.fetch_add(1, Ordering::Relaxed);
        let file_name = format!("{number}.{}", pictures[picture].extension);
        let began = Instant::now();
        let answer = upload(stage, &stage.bases[base], &file_name, &pictures[picture].bytes).await;
        let ended = Instant::now();
        sleep(pause).await;
        let deleted = match answer {
            Answer::Accepted(id) if dice < DELETED => delete(stage, id, over).await,
            _ => false,
        };
        ledger.note_upload(Upload { file_name, picture, began, ended, answer, deleted, tries: None });
    }
}

async fn upload(stage: &Stage, base: &str, file_name: &str, bytes: &[u8]) -> Answer {
    let form = Form::new().part("original", Part::bytes(bytes.to_vec()).file_name(file_name.to_owned()));
    let request = stage.http.post(format!("{base}/image/")).multipart(form);
    match request.header("Authorization", format!("Token {}", stage.token)).send().await {
        Err(error) if error.is_connect() => Answer::Refused,
        Err(_) => Answer::None,
        Ok(answer) if answer.status() == StatusCode::CREATED => {
            let record: Option<Value> = answer.json().await.ok();
            record.and_then(|record| record["id"].as_i64()).map_or(Answer::None, Answer::Accepted)
        }
        Ok(_) => Answer::Refused,
    }
}

/// Deletes the image, and repeats that until the api says that it is gone.
async fn delete(stage: &Stage, id: i64, over: &AtomicBool) -> bool {
    loop {
        let url = format!("{}/image/{id}/", stage.bases[rand::random_range(0..2)]);
        let request = stage.http.delete(url).header("Authorization", format!("Token {}", stage.token));
        match request.send().await.map(|answer| answer.status()) {
            // The answer to an earlier try may have been lost.
            Ok(StatusCode::NO_CONTENT | StatusCode::NOT_FOUND) => return true,
            // After the last fault, every request is answered.
            _ => sleep(Duration::from_millis(if over.load(Ordering::Relaxed) { 1000 } else { 300 })).await,
        }
    }
}
