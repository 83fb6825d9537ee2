//! The private PostgreSQL, RabbitMQ and S3 server of `scripts/services.sh`.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};

/// Starts or stops one of the services.
pub(crate) fn services(command: &str, name: &str) -> anyhow::Result<()> {
    let mut script = Command::new("scripts/services.sh");
    let status = script.args([command, name]).stdin(Stdio::null()).stdout(Stdio::null()).status();
    ensure!(status.context("scripts/services.sh")?.success(), "scripts/services.sh {command} {name}");
    Ok(())
}

/// The folder in which the services keep their data and their pid files.
pub(crate) fn folder() -> anyhow::Result<PathBuf> {
    let folder =
        std::env::var_os("RESIZINATOR_SERVICES_DIR").context("RESIZINATOR_SERVICES_DIR is not set")?;
    Ok(folder.into())
}
