//! From the 201 to the variants on an idle system, as a client sees it that asks every millisecond, and as the rows have
//! it: the difference is what the percentiles, which come from the rows, leave out.

use std::time::Duration;

use tokio::time::Instant;

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
    let (mut seen, mut recorded) = (Vec::new(), Vec::new());
    for _ in 0..effort.rounds {
        let image = running.client.upload(&photos.small).await?;
        let answered = Instant::now();
        running.client.wait_for_variants(image, PAUSE).await?;
        seen.push(milliseconds(answered.elapsed()));
        for times in running.database.times(&[image]).await? {
            recorded.push(milliseconds(times.ready.duration_since(times.accepted)?));
        }
    }
    let value = format!(
        "{:.1} ms seen by the client, {:.1} ms by the row (medians of {})",
        median(seen),
        median(recorded),
        effort.rounds
    );
    report.note(&format!("{}: 201 → ready, {}, idle system", running.store, Photos::SMALL), &value);
    Ok(())
}
