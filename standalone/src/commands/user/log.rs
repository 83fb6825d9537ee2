use std::io::Write;

use anyhow::ensure;
use chrono::SecondsFormat;
use resizinator_shared::account::Username;
use resizinator_shared::metadata::{MetadataStore, RecordedEvent};

use super::found::printed;

const PAGE: usize = 500;

pub(super) async fn run(metadata: &MetadataStore, name: &Username, limit: usize) -> anyhow::Result<()> {
    // The store has the latest events first, so all that are printed have to be read before the first line.
    let (mut before, mut events) = (None, Vec::new());
    while events.len() < limit {
        let left = limit - events.len();
        let page = metadata.events(name, before, i64::try_from(left.min(PAGE))?).await?;
        let Some(oldest) = page.last() else { break };
        before = Some(oldest.id);
        events.extend(page);
    }
    // A user may be older than all the events that are kept.
    let is_known = !events.is_empty() || metadata.find_user(name).await?.is_some();
    ensure!(is_known, "there is no user {}, and no event of one", printed(name.as_str()));
    let mut out = std::io::stdout().lock();
    for event in events.iter().rev() {
        writeln!(out, "{}", line(event))?;
    }
    Ok(())
}

fn line(event: &RecordedEvent) -> String {
    let RecordedEvent { at, user_id, event, address, detail, .. } = event;
    let at = at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let address = address.as_deref().unwrap_or("-");
    // The client chose the label of a token, which is the detail of a login.
    let detail = detail.as_deref().unwrap_or("-").escape_debug();
    format!("{at}\t{user_id}\t{event}\t{address}\t{detail}")
}
