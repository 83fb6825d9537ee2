//! The commands that read a new password.

use std::io::Read;

use anyhow::{Context, ensure};
use resizinator_shared::account::{Password, Username};
use resizinator_shared::metadata::{MetadataError, MetadataStore};

use super::found;

pub(super) async fn create(metadata: &MetadataStore, name: &Username, least: usize) -> anyhow::Result<()> {
    let hash = new_password(least)?.hash()?;
    match metadata.create_user(name, &hash, None).await {
        Ok(id) => println!("User {} has id {id}.", found::printed(name.as_str())),
        Err(MetadataError::Taken(_)) => {
            let there = found::summary(metadata, name).await?;
            anyhow::bail!("there is a user {} already", found::printed(&there.user.username));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

pub(super) async fn set(metadata: &MetadataStore, name: &Username, least: usize) -> anyhow::Result<()> {
    // A wrong name is told before anybody has to type a password.
    let user = found::summary(metadata, name).await?.user;
    let hash = new_password(least)?.hash()?;
    ensure!(metadata.change_password(&user, &hash, None, None).await?, found::deleted(&user));
    println!("User {} has a new password, and no token any more.", found::printed(&user.username));
    Ok(())
}

/// Reads a password from standard input. `least` is the fewest characters that it may have.
fn new_password(least: usize) -> anyhow::Result<Password> {
    const WHERE: &str = "the password on standard input cannot be used";
    let mut line = String::new();
    std::io::stdin().read_to_string(&mut line).context(WHERE)?;
    let password: Password = line.trim_end_matches(['\r', '\n']).parse().context(WHERE)?;
    password.check_new(least).context(WHERE)?;
    Ok(password)
}
