use std::str::FromStr;

use anyhow::ensure;
use clap::Args;
use resizinator_shared::account::{OwnQuotas, Quota, Quotas, Username};
use resizinator_shared::metadata::{MetadataStore, UserSummary};

use super::found;

/// The quotas that are changed. Those that are not named stay as they are.
#[derive(Args)]
pub(crate) struct Change {
    /// How many images the user may have; with "default" the settings count
    #[arg(long, value_name = "N|unlimited|default", allow_negative_numbers = true)]
    images: Option<NewQuota>,
    /// How many bytes the originals may have together; with "default" the settings count
    #[arg(long, value_name = "N|unlimited|default", allow_negative_numbers = true)]
    bytes: Option<NewQuota>,
}

/// A quota as an operator types it; `None` means that the setting counts.
#[derive(Debug, Clone, Copy)]
struct NewQuota(Option<Quota>);

impl FromStr for NewQuota {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "default" {
            return Ok(Self(None));
        }
        let quota = text.parse().map_err(|_| "a whole number, \"unlimited\" or \"default\" is expected")?;
        Ok(Self(Some(quota)))
    }
}

pub(super) async fn run(
    metadata: &MetadataStore,
    name: &Username,
    change: Change,
    settings: Quotas,
) -> anyhow::Result<()> {
    let UserSummary { user, quotas: mut own, totals, .. } = found::summary(metadata, name).await?;
    if change.images.is_some() || change.bytes.is_some() {
        own = OwnQuotas {
            images: change.images.map_or(own.images, |new| new.0),
            bytes: change.bytes.map_or(own.bytes, |new| new.0),
        };
        ensure!(metadata.set_quotas(&user, own).await?, found::deleted(&user));
    }
    let in_force = own.or(settings);
    let origin = |own: Option<Quota>| if own.is_none() { " (default)" } else { "" };
    println!("images: {} of {}{}", totals.images, in_force.images, origin(own.images));
    println!("bytes: {} of {}{}", totals.bytes, in_force.bytes, origin(own.bytes));
    Ok(())
}
