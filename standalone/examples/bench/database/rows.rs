//! When images were ready: when the database committed the last change of their rows, which shows the variants.
//!
//! This is when a client that asks without a pause would see them. Really asking costs the api and the database more
//! than the images do, and `updated_at` is taken before the commit, from a clock that the worker carries on.

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
    pub(crate) ready: SystemTime,
}

impl Database {
    /// From the server's next start on. Each commit costs ten bytes then.
    pub(crate) async fn keep_times_of_commits(&self) -> anyhow::Result<()> {
        Ok(self.client.batch_execute("ALTER SYSTEM SET track_commit_timestamp = on").await?)
    }

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
        let query = "SELECT id, state, (extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000000)::bigint
                     FROM images WHERE id = ANY($1)";
        let rows = self.client.query(query, &[&images]).await?;
        ensure!(rows.len() == images.len(), "{} rows of {} images", rows.len(), images.len());
        let mut times = Vec::with_capacity(rows.len());
        for row in rows {
            let (image, state): (i64, &str) = (row.get(0), row.get(1));
            ensure!(state == "ready", "image {image} ended as {state}");
            let committed = row.get::<_, Option<i64>>(2).context("the database keeps no times of commits")?;
            times.push(Times { image, ready: at(committed)? });
        }
        Ok(times)
    }
}

fn at(microseconds: i64) -> anyhow::Result<SystemTime> {
    Ok(SystemTime::UNIX_EPOCH + Duration::from_micros(microseconds.try_into()?))
}
