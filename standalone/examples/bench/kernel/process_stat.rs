//! The CPU time and the parent of a process (`/proc/<pid>/stat`).

use std::time::Duration;

use anyhow::Context;

use super::{read, ticks};

/// The status of a process. CPU times are the sum of user and system time, in ticks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProcessStat {
    pub(crate) parent: u32,
    /// The CPU time of all its threads, including those that have ended.
    pub(super) own: u64,
    /// The CPU time of its children that have ended and that it has waited for, and of their children.
    pub(super) reaped: u64,
    /// The start time in ticks since the machine started. A pid may be reused, but not together with its start time.
    pub(crate) started: u64,
}

impl ProcessStat {
    pub(crate) fn of(pid: u32) -> anyhow::Result<Self> {
        Self::parse(&read(&format!("/proc/{pid}/stat"))?).with_context(|| format!("/proc/{pid}/stat"))
    }

    /// Parses the line. The numbers of the fields are those of proc_pid_stat(5).
    fn parse(line: &str) -> anyhow::Result<Self> {
        // The second field is the program's name in parentheses, which may hold spaces and parentheses itself.
        let (_, rest) = line.rsplit_once(')').context("no name of a program")?;
        let fields: Vec<_> = rest.split_whitespace().collect();
        let field = |number: usize| -> anyhow::Result<u64> {
            let text = fields.get(number - 3).with_context(|| format!("no field {number}"))?;
            text.parse().with_context(|| format!("field {number} is {text:?}"))
        };
        Ok(Self {
            parent: field(4)?.try_into()?,
            own: field(14)? + field(15)?,
            reaped: field(16)? + field(17)?,
            started: field(22)?,
        })
    }

    pub(crate) fn own(self) -> Duration {
        ticks(self.own)
    }

    pub(crate) fn reaped(self) -> Duration {
        ticks(self.reaped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        "4711 (a) b (c) S 1 4711 4711 0 -1 4194560 2557 99 0 0 120 34 5 6 20 0 9 0 8812 2489 6 7\n";

    #[test]
    fn the_fields_of_a_process_are_found_behind_a_name_with_parentheses() {
        let stat = ProcessStat::parse(LINE).expect("a line");
        assert_eq!(stat, ProcessStat { parent: 1, own: 154, reaped: 11, started: 8812 });
    }

    #[test]
    fn a_line_that_ends_too_early_or_holds_no_number_is_an_error() {
        for line in
            ["", "4711 (a", "4711 (a) S 1 4711", &LINE.replace("8812", "x"), &LINE.replace("120", "-3")]
        {
            assert!(ProcessStat::parse(line).is_err(), "{line:?}");
        }
    }

    #[test]
    fn a_process_that_is_not_there_is_an_error_that_names_the_file() {
        let error = ProcessStat::of(u32::MAX).expect_err("no such process");
        assert!(error.to_string().contains("/proc/4294967295/stat"), "{error}");
    }

    #[test]
    fn the_cpu_time_of_this_very_process_grows_as_it_works() {
        let own = || ProcessStat::of(std::process::id()).expect("this process").own();
        let before = own();
        while own() < before + Duration::from_millis(20) {
            std::hint::black_box([0_u8; 4096].iter().sum::<u8>());
        }
    }
}
