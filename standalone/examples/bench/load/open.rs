//! Uploads that begin at fixed times, whether the earlier ones are answered or not. Waiting times are counted from when
//! an upload was meant to begin, so that a service that stands still is charged for all who would have come meanwhile.

use std::time::SystemTime;

use bytes::Bytes;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use super::upload::upload;
use super::{Schedule, Uploads};
use crate::client::Client;

pub(crate) async fn open_loop(client: &Client, file: &Bytes, schedule: Schedule) -> anyhow::Result<Uploads> {
    let (start, start_by_wall_clock) = (Instant::now(), SystemTime::now());
    let mut running = JoinSet::new();
    for arrival in schedule.arrivals() {
        sleep_until(start + arrival).await;
        let (client, file) = (client.clone(), file.clone());
        running.spawn(async move { upload(&client, &file, start_by_wall_clock + arrival).await });
    }
    let mut all = Uploads::default();
    while let Some(outcome) = running.join_next().await {
        all.note(outcome?);
    }
    Ok(all)
}
