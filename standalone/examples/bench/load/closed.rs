//! A closed loop: clients that upload the next file as soon as the last one is answered. They slow down together with
//! the service, so their waiting times look better than those of independent clients.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::SystemTime;

use bytes::Bytes;
use tokio::task::JoinSet;

use super::Uploads;
use super::upload::upload;
use crate::client::Client;

/// Makes `count` uploads with `clients` clients.
pub(crate) async fn closed_loop(
    client: &Client,
    file: &Bytes,
    clients: u32,
    count: u32,
) -> anyhow::Result<Uploads> {
    let taken = Arc::new(AtomicU32::new(0));
    let mut running = JoinSet::new();
    for _ in 0..clients {
        let (client, file, taken) = (client.clone(), file.clone(), Arc::clone(&taken));
        running.spawn(async move {
            let mut uploads = Uploads::default();
            while taken.fetch_add(1, Ordering::Relaxed) < count {
                uploads.note(upload(&client, &file, SystemTime::now()).await);
            }
            uploads
        });
    }
    let mut all = Uploads::default();
    while let Some(uploads) = running.join_next().await {
        all.merge(uploads?);
    }
    Ok(all)
}
