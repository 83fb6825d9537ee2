//! The user whom a command names.

use std::fmt::Display;

use anyhow::Context;
use resizinator_shared::account::Username;
use resizinator_shared::ids::UserId;
use resizinator_shared::metadata::{MetadataStore, User, UserSummary};

/// A name as it is printed. Its user chose it, and if it contains a line break, it must not look like two lines.
pub(super) fn printed(name: &str) -> impl Display {
    name.escape_debug()
}

/// The user with this name, who may be disabled or deleted.
pub(super) async fn user(metadata: &MetadataStore, name: &Username) -> anyhow::Result<User> {
    metadata.find_user(name).await?.with_context(|| format!("there is no user {}", printed(name.as_str())))
}

/// The user with this name, with all that the list of users shows. A deleted user is an error.
pub(super) async fn summary(metadata: &MetadataStore, name: &Username) -> anyhow::Result<UserSummary> {
    let user = user(metadata, name).await?;
    // The list of users from this one on. There is no id before the first one.
    let before = UserId::try_from(user.id.get() - 1).ok();
    let listed = metadata.users(before, 1).await?;
    let summary = listed.into_iter().find(|summary| summary.user.id == user.id);
    summary.filter(|summary| summary.deleted_at.is_none()).with_context(|| deleted(&user))
}

/// What a command says of a user who is deleted.
pub(super) fn deleted(user: &User) -> String {
    let name = printed(&user.username);
    format!("user {name} is deleted, and the name is free again once the images are removed")
}
