//! A process and all its descendants.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use anyhow::{Context, bail};

use super::{ProcessIo, ProcessStat};

/// How many times the processes are read again if one begins or ends meanwhile.
const TRIES: u32 = 50;

/// The processes at one moment. The root is the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Family(Vec<(u32, ProcessStat)>);

impl Family {
    /// Reads the processes below `root`. When a child ends, its CPU time moves to its parent, and could be counted
    /// twice or not at all. So this reads until the members are the same before and after.
    pub(crate) fn of(root: u32) -> anyhow::Result<Self> {
        let mut before = Self::look(root)?;
        for _ in 0..TRIES {
            let after = Self::look(root)?;
            if before.pids().eq(after.pids()) {
                return Ok(after);
            }
            before = after;
        }
        bail!("process {root} has other children whenever one looks")
    }

    fn look(root: u32) -> anyhow::Result<Self> {
        let mut all = HashMap::new();
        for entry in fs::read_dir("/proc").context("/proc")? {
            let name = entry?.file_name();
            let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            // The process may have ended meanwhile. If it belongs to the family, the second read shows that.
            let Ok(stat) = ProcessStat::of(pid) else { continue };
            all.insert(pid, stat);
        }
        Self::among(root, &all)
    }

    fn among(root: u32, all: &HashMap<u32, ProcessStat>) -> anyhow::Result<Self> {
        let mut members =
            vec![(root, *all.get(&root).with_context(|| format!("there is no process {root}"))?)];
        let mut next = 0;
        while let Some(&(parent, _)) = members.get(next) {
            let mut children: Vec<_> = all
                .iter()
                .filter(|(_, stat)| stat.parent == parent)
                .map(|(pid, stat)| (*pid, *stat))
                .collect();
            children.sort_unstable_by_key(|(pid, _)| *pid);
            members.extend(children);
            next += 1;
        }
        Ok(Self(members))
    }

    fn pids(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|(pid, _)| *pid)
    }

    /// The number of descendants that are alive.
    pub(crate) fn descendants(&self) -> usize {
        self.0.len() - 1
    }

    /// The CPU time of the root process itself.
    pub(crate) fn cpu_of_root(&self) -> Duration {
        self.0[0].1.own()
    }

    /// The CPU time of all descendants, including those that have ended.
    pub(crate) fn cpu_of_descendants(&self) -> Duration {
        let alive: Duration = self.0[1..].iter().map(|(_, stat)| stat.own()).sum();
        let ended: Duration = self.0.iter().map(|(_, stat)| stat.reaped()).sum();
        alive + ended
    }

    pub(crate) fn cpu(&self) -> Duration {
        self.cpu_of_root() + self.cpu_of_descendants()
    }

    /// The bytes that all processes wrote to disk. The kernel counts a process that has ended with its parent.
    pub(crate) fn written(&self) -> anyhow::Result<u64> {
        self.pids().map(|pid| Ok(ProcessIo::of(pid)?.net())).sum()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use super::*;

    fn parents(pairs: &[(u32, u32)]) -> HashMap<u32, ProcessStat> {
        let example = ProcessStat::of(std::process::id()).expect("this process");
        pairs.iter().map(|(pid, parent)| (*pid, ProcessStat { parent: *parent, ..example })).collect()
    }

    #[test]
    fn a_family_is_the_root_its_children_and_theirs_and_nobody_else() {
        let all = parents(&[(1, 0), (10, 1), (11, 10), (12, 10), (13, 12), (20, 1), (21, 20)]);
        let family = Family::among(10, &all).expect("a family");
        assert_eq!(family.pids().collect::<Vec<_>>(), [10, 11, 12, 13]);
        assert_eq!(family.descendants(), 3);
    }

    #[test]
    fn a_root_that_is_not_there_is_an_error_and_not_a_zero() {
        let error = Family::of(u32::MAX).expect_err("no such process");
        assert_eq!(error.to_string(), "there is no process 4294967295");
    }

    #[test]
    fn the_work_of_a_child_that_has_ended_still_counts() {
        // The parentheses make a child of the shell do the counting, and `read` keeps the shell itself alive.
        let script = "(i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done); echo over; read wait";
        let mut shell = Command::new("sh")
            .args(["-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let mut line = String::new();
        let stdout = shell.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        let family = Family::of(shell.id()).expect("a family");
        shell.kill().expect("ends");
        shell.wait().expect("ended");
        assert_eq!((line.trim(), family.descendants()), ("over", 0));
        assert!(family.cpu_of_descendants() >= Duration::from_millis(10), "{family:?}");
        assert!(family.cpu_of_root() < family.cpu_of_descendants(), "{family:?}");
    }
}
