//! The times when images became ready, which is when the database committed the last change of their rows.
//!
//! A client that asks without a pause would see the variants at that time. Actually asking would cost the api and the
//! database more than the images do. `updated_at` cannot be used, because it is taken before the commit, from a clock
//! that the worker advances.

use std::time::{Duration, SystemTime};

use anyhow::{Context, ensure};
use tokio::time::{Instant, sleep};

use super::Database;

const PAUSE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(180);

/// The times of one image.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    pub(crate) image: i64,
    pub(crate) ready: SystemTime,
}

impl Database {
    /// Makes the server keep the times of commits, beginning with its next start. Each commit then costs ten bytes.
    pub(crate) async fn keep_times_of_commits(&self) -> anyhow::Result<()> {
        Ok(self.client.batch_execute("ALTER SYSTEM SET track_commit_timestamp = on").await?)
    }

    /// Waits until no image from `first` on is in progress.
    pub(crate) async fn wait_until_finished(&self, first: i64) -> anyhow::Result<()> {
        let under_way = "SELECT count(*) FROM images WHERE id >= $1 AND state IN ('pending', 'processing')";
        let began = Instant::now();
        while self.client.query_one(under_way, &[&first]).await?.get::<_, i64>(0) > 0 {
            ensure!(began.elapsed() < PATIENCE, "images are still not ready");
            sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Returns the times of the images, and fails unless each of them is ready.
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
