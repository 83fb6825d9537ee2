use std::io::Write;

use resizinator_shared::failure_code::RecordedCode;
use resizinator_shared::image::State;
use resizinator_shared::metadata::MetadataStore;

const PAGE: usize = 500;

pub(super) async fn run(metadata: &MetadataStore, state: State, limit: usize) -> anyhow::Result<()> {
    let (mut after, mut left) = (None, limit);
    let mut out = std::io::stdout().lock();
    loop {
        let images = metadata.in_state(state, after, i64::try_from(left.min(PAGE))?).await?;
        let Some(last) = images.last() else { return Ok(()) };
        (after, left) = (Some(last.id), left - images.len());
        for image in &images {
            // The client chose the name. If it contains a line break, it must not look like two lines.
            let name = image.file_name.escape_debug();
            let code = image.error_code.as_ref().map(RecordedCode::name);
            let detail = image.error_detail.as_deref();
            let why = [code.unwrap_or_default(), detail.unwrap_or_default()].join("\t");
            writeln!(out, "{}\t{}\t{}\t{name}\t{why}", image.id, image.user_id, image.state)?;
        }
    }
}
