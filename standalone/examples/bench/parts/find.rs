//! Finds the processes of all parts. A part that cannot be found is an error and does not count as zero.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};

use super::{Part, Spending, Spent};
use crate::kernel::{Family, ProcessIo, ProcessStat};

/// The root process of each part.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    api: u32,
    worker: u32,
    database: u32,
    broker: u32,
    /// The S3 server, or `None` with the folder store.
    store: Option<u32>,
}

impl Parts {
    /// Finds the processes. `services` is the folder in which `scripts/services.sh` keeps its pid files.
    pub(crate) fn find(api: u32, worker: u32, services: &Path, with_s3: bool) -> anyhow::Result<Self> {
        let service = |name: &str| recorded(&services.join(format!("{name}.pid")));
        let store = if with_s3 { Some(service("s3")?) } else { None };
        Ok(Self { api, worker, database: service("postgres")?, broker: service("rabbitmq")?, store })
    }

    /// The resources that all parts have used so far.
    pub(crate) fn spending(&self) -> anyhow::Result<Spending> {
        let worker = Family::of(self.worker)?;
        ensure!(worker.descendants() > 0, "the worker has no renderers");
        let mut parts = BTreeMap::from([
            (Part::Api, whole(self.api)?),
            (Part::Worker, Spent { cpu: worker.cpu_of_root(), written: ProcessIo::of(self.worker)?.net() }),
            // The filter of system calls does not let renderers open files, so they write none.
            (Part::Renderers, Spent { cpu: worker.cpu_of_descendants(), written: 0 }),
            (Part::Database, whole(self.database)?),
            (Part::Broker, whole(self.broker)?),
            (Part::Client, own(std::process::id())?),
        ]);
        if let Some(store) = self.store {
            parts.insert(Part::Store, whole(store)?);
        }
        Ok(Spending(parts))
    }
}

/// The resources that a process and all its descendants have used.
fn whole(root: u32) -> anyhow::Result<Spent> {
    let family = Family::of(root)?;
    Ok(Spent { cpu: family.cpu(), written: family.written()? })
}

/// The resources that a process without its descendants has used: the api and the worker are children of the bench.
fn own(pid: u32) -> anyhow::Result<Spent> {
    Ok(Spent { cpu: ProcessStat::of(pid)?.own(), written: ProcessIo::of(pid)?.net() })
}

/// Reads a pid file: the pid, then when the process started.
fn recorded(file: &Path) -> anyhow::Result<u32> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let mut lines = text.lines().map(str::trim);
    let mut number = || lines.next().and_then(|line| line.parse::<u64>().ok());
    let (Some(pid), Some(started)) = (number(), number()) else {
        anyhow::bail!("{} does not hold a pid and a start time", file.display());
    };
    let pid = u32::try_from(pid)?;
    let stat = ProcessStat::of(pid)?;
    ensure!(stat.started == started, "{}: process {pid} is another one by now", file.display());
    Ok(pid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pid_file(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("postgres.pid");
        fs::write(&file, text).expect("a file");
        (folder, file)
    }

    #[test]
    fn a_pid_file_names_the_process_that_started_then() {
        let own = std::process::id();
        let started = ProcessStat::of(own).expect("this process").started;
        let (_folder, file) = pid_file(&format!("{own}\n{started}\n"));
        assert_eq!(recorded(&file).expect("this process"), own);
    }

    #[test]
    fn a_pid_that_another_process_has_by_now_is_an_error() {
        let (_folder, file) = pid_file(&format!("{}\n1\n", std::process::id()));
        let error = recorded(&file).expect_err("it started later");
        assert!(error.to_string().contains("is another one by now"), "{error}");
    }

    #[test]
    fn a_missing_or_empty_pid_file_is_an_error() {
        let (folder, file) = pid_file("\n");
        assert!(recorded(&file).is_err());
        assert!(recorded(&folder.path().join("s3.pid")).is_err());
    }

    #[test]
    fn a_worker_without_renderers_is_an_error_and_not_a_zero() {
        let mut idle = std::process::Command::new("sleep").arg("60").spawn().expect("sleep");
        let own = std::process::id();
        let parts = Parts { api: own, worker: idle.id(), database: own, broker: own, store: None };
        let error = parts.spending().expect_err("no renderers");
        idle.kill().expect("ends");
        idle.wait().expect("ended");
        assert_eq!(error.to_string(), "the worker has no renderers");
    }
}
