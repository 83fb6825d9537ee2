//! What came out of one load.

use std::fmt;

use anyhow::Context;

use super::StoreKind;
use crate::parts::Spending;
use crate::statistics::percentile;

/// How the clients upload.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Load {
    /// So many clients, each uploads again as soon as it has its answer.
    Closed { clients: u32 },
    /// At fixed times, so many percent of what the closed loop reached.
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

/// Of one kind of waiting, in milliseconds.
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
    /// Ready ones.
    pub(crate) images: u32,
    pub(crate) refused: u32,
    /// Uploads a second that the schedule asks for; none in a closed loop.
    pub(crate) offered: Option<f64>,
    /// 201 a second, from the first upload to the last answer.
    pub(crate) accepted: f64,
    /// A second, from the first upload to the last variant.
    pub(crate) rate: f64,
    /// Share of all cores that was idle while a backlog stood; none if none stood.
    pub(crate) idle: Option<f64>,
    pub(crate) answer_to_ready: Waits,
    pub(crate) intended_to_ready: Waits,
    pub(crate) intended_to_answer: Waits,
    pub(crate) late: Waits,
    /// CPU time by part, until the last variant.
    pub(crate) cpu: Spending,
    /// CPU milliseconds of everything on the machine during that.
    pub(crate) machine_ms: f64,
    /// Bytes to disk by part, until the database's checkpoint after the last variant.
    pub(crate) written: Spending,
    /// Bytes that went to the disk that holds the data, whoever wrote them, until then; none if that is unknown.
    pub(crate) device: Option<u64>,
    /// Bytes that the objects take on disk.
    pub(crate) objects: u64,
    /// Bytes that the rows and their indexes take on disk.
    pub(crate) rows: u64,
    /// Bytes of the database's write-ahead log, part of what the database wrote.
    pub(crate) log: u64,
}

impl Measurement {
    /// What falls on one image.
    pub(crate) fn each(&self, total: f64) -> f64 {
        total / f64::from(self.images)
    }
}
