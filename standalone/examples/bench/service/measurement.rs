//! The result of one load.

use std::fmt;

use anyhow::Context;

use super::StoreKind;
use crate::parts::Spending;
use crate::statistics::percentile;

/// How the clients upload.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Load {
    /// This many clients, each of which uploads again as soon as it has its answer.
    Closed { clients: u32 },
    /// Uploads at fixed times, with this percentage of the rate that the closed loop reached.
    Open { percent: u32 },
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed { clients } => write!(f, "closed, {clients} clients"),
            Self::Open { percent } => write!(f, "open, {percent} %"),
        }
    }
}

/// The percentiles of one kind of waiting time, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waits {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

impl Waits {
    pub(super) fn of(values: &[f64]) -> anyhow::Result<Self> {
        let of = |percent| percentile(values, percent).context("nothing was uploaded");
        Ok(Self { p50: of(50)?, p99: of(99)? })
    }
}

#[derive(Debug)]
pub(crate) struct Measurement {
    pub(crate) store: StoreKind,
    pub(crate) file: &'static str,
    pub(crate) load: Load,
    /// The number of images that became ready.
    pub(crate) images: u32,
    pub(crate) refused: u32,
    /// The uploads per second that the schedule demands, or `None` in a closed loop.
    pub(crate) offered: Option<f64>,
    /// The 201 answers per second, from the first upload to the last answer.
    pub(crate) accepted: f64,
    /// The finished images per second, from the first upload to the last variant.
    pub(crate) rate: f64,
    /// The number of cores that the service and its clients share.
    pub(crate) cores: f64,
    /// The share of all cores that was idle during a backlog, or `None` if there was no backlog.
    pub(crate) idle: Option<f64>,
    pub(crate) answer_to_ready: Waits,
    pub(crate) intended_to_ready: Waits,
    pub(crate) intended_to_answer: Waits,
    pub(crate) late: Waits,
    /// The CPU time by part, until the last variant.
    pub(crate) cpu: Spending,
    /// The CPU time of all programs on the machine in the same time, in milliseconds.
    pub(crate) machine_ms: f64,
    /// The bytes to disk by part, until the database's checkpoint after the last variant.
    pub(crate) written: Spending,
    /// The bytes that all programs wrote to the disk that holds the data, until then. `None` if this is unknown.
    pub(crate) device: Option<u64>,
    /// The bytes that the objects take on disk.
    pub(crate) objects: u64,
    /// The bytes that the rows and their indexes take on disk.
    pub(crate) rows: u64,
    /// The bytes of the database's write-ahead log, which are part of what the database wrote.
    pub(crate) log: u64,
}

impl Measurement {
    /// The share of one image in a total.
    pub(crate) fn each(&self, total: f64) -> f64 {
        total / f64::from(self.images)
    }
}
