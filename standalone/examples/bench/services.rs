//! The private PostgreSQL, RabbitMQ and S3 server of `scripts/services.sh`.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

/// `start` or `stop` one of them.
pub(crate) fn services(command: &str, name: &str) -> anyhow::Result<()> {
    let mut script = Command::new("scripts/services.sh");
    let status = script.args([command, name]).stdin(Stdio::null()).stdout(Stdio::null()).status();
    ensure!(status.context("scripts/services.sh")?.success(), "scripts/services.sh {command} {name}");
    Ok(())
}

/// Where they keep their data and their pid files.
pub(crate) fn folder() -> anyhow::Result<PathBuf> {
    let folder =
        std::env::var_os("RESIZINATOR_SERVICES_DIR").context("RESIZINATOR_SERVICES_DIR is not set")?;
    Ok(folder.into())
}
