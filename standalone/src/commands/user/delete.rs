use anyhow::ensure;
use resizinator_shared::account::Username;
use resizinator_shared::metadata::{MetadataStore, UserSummary};

use super::found;

pub(super) async fn run(metadata: &MetadataStore, name: &Username, yes: bool) -> anyhow::Result<()> {
    let UserSummary { user, totals, .. } = found::summary(metadata, name).await?;
    let name = found::printed(&user.username);
    ensure!(
        yes,
        "user {name} would be deleted for good, with {} images of {} bytes; add --yes to do so",
        totals.images,
        totals.bytes
    );
    ensure!(metadata.delete_user(&user, None).await?, found::deleted(&user));
    println!("User {name} is deleted. The running api removes the {} images now.", totals.images);
    Ok(())
}
