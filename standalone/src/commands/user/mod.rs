//! The operator's commands for users.

mod delete;
mod found;
mod list;
mod log;
mod password;
mod quota;
mod rights;

use std::num::NonZeroUsize;

use clap::Subcommand;
use resizinator_shared::account::Username;
use resizinator_shared::metadata::MetadataStore;
use resizinator_shared::settings::Settings;

#[derive(Subcommand)]
pub(crate) enum User {
    /// Creates a user; the password is read from standard input
    Create {
        /// The name of the user
        name: Username,
    },
    /// Prints all users, one on each line
    ///
    /// The columns are separated by tabs: id, name, state (active, disabled or deleted), "admin" or "-", images, bytes,
    /// quota of images, quota of bytes ("default", "unlimited" or a number), and time of creation.
    List,
    /// Enables a user who was disabled
    Enable {
        /// The name of the user
        name: Username,
    },
    /// Disables a user, whose tokens and logins are refused at once
    Disable {
        /// The name of the user
        name: Username,
    },
    /// Deletes a user for good, with all images; the running api removes the files soon afterwards
    Delete {
        /// The name of the user
        name: Username,
        /// Really deletes the user
        #[arg(long)]
        yes: bool,
    },
    /// Changes the password, which is read from standard input, and revokes all tokens of the user
    SetPassword {
        /// The name of the user
        name: Username,
    },
    /// Prints how much a user has and may have, after it has set what the options say
    Quota {
        /// The name of the user
        name: Username,
        #[command(flatten)]
        change: quota::Change,
    },
    /// Lets a user use the endpoints for operators, or no longer
    Admin {
        /// The name of the user
        name: Username,
        /// Whether the user may use them
        switch: rights::Switch,
    },
    /// Prints what happened to the account of a user in the last 90 days, the latest event last
    ///
    /// The columns are separated by tabs: time, id of the user, event, address of the client or "-", and details or "-".
    Log {
        /// The name of the user, who may be deleted; several users may have had the name
        name: Username,
        /// How many events to print at most; they are the latest ones
        #[arg(long, default_value = "1000")]
        limit: NonZeroUsize,
    },
}

pub(crate) async fn run(settings: &Settings, command: User) -> anyhow::Result<()> {
    let metadata = &MetadataStore::open(&settings.database)?;
    metadata.migrate().await?;
    let limits = &settings.limits;
    match command {
        User::Create { name } => password::create(metadata, &name, limits.password_min).await,
        User::List => list::run(metadata).await,
        User::Enable { name } => rights::set_active(metadata, &name, true).await,
        User::Disable { name } => rights::set_active(metadata, &name, false).await,
        User::Delete { name, yes } => delete::run(metadata, &name, yes).await,
        User::SetPassword { name } => password::set(metadata, &name, limits.password_min).await,
        User::Quota { name, change } => quota::run(metadata, &name, change, limits.quotas).await,
        User::Admin { name, switch } => rights::set_admin(metadata, &name, switch).await,
        User::Log { name, limit } => log::run(metadata, &name, limit.get()).await,
    }
}
