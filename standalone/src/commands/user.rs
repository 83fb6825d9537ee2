use std::io::Read;

use anyhow::{Context, ensure};
use clap::Subcommand;
use resizinator_shared::account::{Password, Username};
use resizinator_shared::metadata::{MetadataError, MetadataStore};
use resizinator_shared::settings::Settings;

#[derive(Subcommand)]
pub(crate) enum User {
    /// Creates a user; the password is read from standard input
    Create {
        /// The name of the user
        username: Username,
    },
    /// Enables a user who was disabled
    Enable {
        /// The name of the user
        username: Username,
    },
    /// Disables a user, whose tokens and logins are refused at once
    Disable {
        /// The name of the user
        username: Username,
    },
}

pub(crate) async fn run(settings: &Settings, command: User) -> anyhow::Result<()> {
    let metadata = MetadataStore::open(&settings.database)?;
    metadata.migrate().await?;
    match command {
        User::Create { username } => create(&metadata, &username).await,
        User::Enable { username } => set_active(&metadata, &username, true).await,
        User::Disable { username } => set_active(&metadata, &username, false).await,
    }
}

async fn create(metadata: &MetadataStore, username: &Username) -> anyhow::Result<()> {
    const WHERE: &str = "the password on standard input cannot be used";
    let mut line = String::new();
    std::io::stdin().read_to_string(&mut line).context(WHERE)?;
    let password: Password = line.trim_end_matches(['\r', '\n']).parse().context(WHERE)?;
    match metadata.create_user(username, &password.hash()?, None).await {
        Ok(id) => println!("User {username} has id {id}."),
        Err(MetadataError::Taken(_)) => anyhow::bail!("there is a user {username} already"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

async fn set_active(metadata: &MetadataStore, username: &Username, active: bool) -> anyhow::Result<()> {
    let user = metadata.find_user(username).await?.with_context(|| format!("there is no user {username}"))?;
    ensure!(metadata.set_active(&user, active).await?, "user {username} is deleted");
    println!("User {username} is {}.", if active { "enabled" } else { "disabled" });
    Ok(())
}
