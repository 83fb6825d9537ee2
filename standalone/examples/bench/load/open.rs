//! An open loop: uploads that begin at fixed times, whether the earlier ones are answered or not. Waiting times count
//! from the intended start of an upload, so that a pause of the service affects all uploads that should start in it.

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
