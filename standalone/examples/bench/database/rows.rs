//! When images were accepted and when they were ready, as their rows have it.
//!
//! The rows are asked instead of the api, over and over: a client that polls each image every few milliseconds costs the
//! api and the database more than the image does. Both times are taken just before the transaction that writes them, so
//! the time between them is the client's, less the commit that makes the variants visible.

use std::time::{Duration, SystemTime};

use anyhow::{Context, ensure};
use tokio::time::{Instant, sleep};

use super::Database;

const PAUSE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(180);

/// Of one image.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) image: i64,
    pub(crate) accepted: SystemTime,
    pub(crate) ready: SystemTime,
}

impl Database {
    /// Waits until no image from `first` on is on its way.
    pub(crate) async fn wait_until_finished(&self, first: i64) -> anyhow::Result<()> {
        let under_way = "SELECT count(*) FROM images WHERE id >= $1 AND state IN ('pending', 'processing')";
        let began = Instant::now();
        while self.client.query_one(under_way, &[&first]).await?.get::<_, i64>(0) > 0 {
            ensure!(began.elapsed() < PATIENCE, "images are still not ready");
            sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Fails unless each of the images is ready.
    pub(crate) async fn times(&self, images: &[i64]) -> anyhow::Result<Vec<Times>> {
        let query = "SELECT id, state, (extract(epoch FROM accepted_at) * 1000000)::bigint,
                            (extract(epoch FROM updated_at) * 1000000)::bigint
                     FROM images WHERE id = ANY($1)";
        let rows = self.client.query(query, &[&images]).await?;
        ensure!(rows.len() == images.len(), "{} rows of {} images", rows.len(), images.len());
        let mut times = Vec::with_capacity(rows.len());
        for row in rows {
            let (image, state): (i64, &str) = (row.get(0), row.get(1));
            ensure!(state == "ready", "image {image} ended as {state}");
            let accepted = row.get::<_, Option<i64>>(2).context("no time of acceptance")?;
            times.push(Times { image, accepted: at(accepted)?, ready: at(row.get(3))? });
        }
        Ok(times)
    }
}

fn at(microseconds: i64) -> anyhow::Result<SystemTime> {
    Ok(SystemTime::UNIX_EPOCH + Duration::from_micros(microseconds.try_into()?))
}
