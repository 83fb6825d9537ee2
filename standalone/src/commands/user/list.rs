use std::io::Write;

use chrono::SecondsFormat;
use resizinator_shared::account::Quota;
use resizinator_shared::metadata::{MetadataStore, UserSummary};

use super::found::printed;

const PAGE: i64 = 500;

pub(super) async fn run(metadata: &MetadataStore) -> anyhow::Result<()> {
    let mut after = None;
    let mut out = std::io::stdout().lock();
    loop {
        let users = metadata.users(after, PAGE).await?;
        let Some(last) = users.last() else { return Ok(()) };
        after = Some(last.user.id);
        for summary in &users {
            writeln!(out, "{}", line(summary))?;
        }
    }
}

fn line(summary: &UserSummary) -> String {
    let UserSummary { user, quotas, totals, created_at, deleted_at } = summary;
    let state = match (deleted_at, user.active) {
        (Some(_), _) => "deleted",
        (None, true) => "active",
        (None, false) => "disabled",
    };
    let quota = |quota: Option<Quota>| quota.map_or_else(|| "default".to_owned(), |quota| quota.to_string());
    let columns = [
        user.id.to_string(),
        printed(&user.username).to_string(),
        state.to_owned(),
        if user.admin { "admin" } else { "-" }.to_owned(),
        totals.images.to_string(),
        totals.bytes.to_string(),
        quota(quotas.images),
        quota(quotas.bytes),
        created_at.to_rfc3339_opts(SecondsFormat::Micros, true),
    ];
    columns.join("\t")
}
