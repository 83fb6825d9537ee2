//! The commands that give a right to a user or take it.

use anyhow::ensure;
use clap::ValueEnum;
use resizinator_shared::account::Username;
use resizinator_shared::metadata::MetadataStore;

use super::found;

/// Whether a user has a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Switch {
    /// The user has it.
    On,
    /// The user does not have it.
    Off,
}

pub(super) async fn set_active(
    metadata: &MetadataStore,
    name: &Username,
    active: bool,
) -> anyhow::Result<()> {
    let user = found::user(metadata, name).await?;
    ensure!(metadata.set_active(&user, active).await?, found::deleted(&user));
    let state = if active { "enabled" } else { "disabled" };
    println!("User {} is {state}.", found::printed(&user.username));
    Ok(())
}

pub(super) async fn set_admin(
    metadata: &MetadataStore,
    name: &Username,
    switch: Switch,
) -> anyhow::Result<()> {
    let user = found::user(metadata, name).await?;
    ensure!(metadata.set_admin(&user, switch == Switch::On).await?, found::deleted(&user));
    let may = if switch == Switch::On { "may" } else { "may not" };
    println!("User {} {may} use the endpoints for operators.", found::printed(&user.username));
    Ok(())
}
