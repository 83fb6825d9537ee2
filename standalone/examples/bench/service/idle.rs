//! Measures the time from the 201 to the variants on an idle system in two ways: with a client that asks every
//! millisecond, and with the time of the commit, which is used for all other waiting times. Both must be similar.

use std::time::{Duration, SystemTime};

use super::Running;
use crate::arguments::Effort;
use crate::kernel::milliseconds;
use crate::photos::Photos;
use crate::report::Report;
use crate::statistics::median;

const PAUSE: Duration = Duration::from_millis(1);

pub(crate) async fn idle_latency(
    report: &mut Report,
    running: &Running,
    photos: &Photos,
    effort: &Effort,
) -> anyhow::Result<()> {
    let (mut seen, mut committed) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        let image = running.client.upload(&photos.small).await?;
        let answered = SystemTime::now();
        running.client.wait_for_variants(image, PAUSE).await?;
        seen.push(milliseconds(answered.elapsed()?));
        for times in running.database.times(&[image]).await? {
            committed.push(milliseconds(times.ready.duration_since(answered).unwrap_or_default()));
        }
    }
    let value = format!(
        "{:.1} ms seen by the client, {:.1} ms by the commit (medians of {})",
        median(seen),
        median(committed),
        effort.rounds
    );
    report.note(&format!("{}: 201 → ready, {}, idle system", running.store, Photos::SMALL), &value);
    Ok(())
}
