//! Measures the cost of upkeep in a database with millions of finished images.

use resizinator_shared::testing::metadata::cost;

use crate::arguments::Effort;
use crate::database::Database;
use crate::kernel::milliseconds;
use crate::report::Report;

pub(crate) async fn measure(report: &mut Report, database: &Database, effort: &Effort) -> anyhow::Result<()> {
    let url = database.another("upkeep").await?;
    let cost = cost::of_upkeep(&url, effort.finished).await?;
    let value = format!(
        "{} scans of the table, {} blocks, {:.1} ms of wall clock",
        cost.scans,
        cost.blocks,
        milliseconds(cost.time)
    );
    report.note(&format!("a pass of upkeep beside {} finished images", effort.finished), &value);
    Ok(())
}
