//! What upkeep costs beside millions of finished images.

use resizinator_shared::testing::metadata::cost;

use crate::cpu::milliseconds;
use crate::database::Database;
use crate::report::Report;

const FINISHED: i64 = 10_000_000;

pub(crate) async fn measure(report: &mut Report, database: &Database) -> anyhow::Result<()> {
    let url = database.another("upkeep").await?;
    let cost = cost::of_upkeep(&url, FINISHED).await?;
    let value = format!(
        "{} scans of the table, {} blocks, {:.1} ms of wall clock",
        cost.scans,
        cost.blocks,
        milliseconds(cost.time)
    );
    report.note("a pass of upkeep beside 10,000,000 finished images", &value);
    Ok(())
}
