//! Copying the rows, in one transaction of the target.

use anyhow::{Context, ensure};
use resizinator_shared::metadata::{HeldDatabase, MetadataStore, Overview, TransferError};

use super::progress::Progress;

/// The databases, which nobody else changes as long as this lives. Without a target only the objects move, but they
/// too must not change meanwhile.
pub(super) struct Databases {
    source: HeldDatabase,
    target: Option<HeldDatabase>,
    /// The rows of the target if it has any, which are those of the source.
    already: Option<Overview>,
}

pub(super) struct CopiedRows {
    pub(super) overview: Overview,
    /// `false` if they were there already.
    pub(super) copied: bool,
}

impl Databases {
    /// Takes both databases, and migrates the target unless there is something in it.
    pub(super) async fn take(source: &MetadataStore, target: Option<&MetadataStore>) -> anyhow::Result<Self> {
        let in_use = "DATABASE_URL: stop the service before its data are copied";
        let mut source = source.hold_as_source().await.context(in_use)?;
        let versions = source.versions().await?;
        let Some(target) = target else { return Ok(Self { source, target: None, already: None }) };
        let has_users = target.has_users().await?;
        if !has_users {
            target.migrate().await.context("TO_DATABASE_URL: the tables cannot be made")?;
        }
        let in_use = "TO_DATABASE_URL: a database that nobody else uses is expected";
        let mut target = target.hold_as_target().await.context(in_use)?;
        ensure!(
            target.versions().await? == versions,
            "DATABASE_URL: the tables are those of another version: run `resizinator migrate` of this version for the \
             source first"
        );
        let already = match target.first_filled().await? {
            None => None,
            Some(table) => Some(same(&mut source, &mut target, table).await?),
        };
        Ok(Self { source, target: Some(target), already })
    }

    /// Copies the rows unless they are there already; `None` if the rows stay where they are.
    pub(super) async fn copy(&mut self) -> anyhow::Result<Option<CopiedRows>> {
        let Some(target) = &mut self.target else { return Ok(None) };
        if let Some(overview) = self.already.take() {
            return Ok(Some(CopiedRows { overview, copied: false }));
        }
        // Every row is read back once.
        let mut progress = Progress::of("rows", 2 * self.source.rows().await?);
        let copied = target.copy_from(&mut self.source, |rows| progress.add(rows)).await;
        let overview = copied.context("TO_DATABASE_URL")?;
        Ok(Some(CopiedRows { overview, copied: true }))
    }
}

/// The rows of a target that has some, if they are those of the source: an earlier copy has committed them.
async fn same(
    source: &mut HeldDatabase,
    target: &mut HeldDatabase,
    table: &'static str,
) -> anyhow::Result<Overview> {
    let all = source.rows().await? + target.rows().await?;
    let mut progress = Progress::of("rows compared", all);
    let ours = source.overview(|rows| progress.add(rows)).await?;
    let theirs = target.overview(|rows| progress.add(rows)).await?;
    if ours == theirs {
        return Ok(ours);
    }
    let error = anyhow::Error::new(TransferError::NotEmpty(table));
    Err(error.context("TO_DATABASE_URL: an empty database is expected"))
}
