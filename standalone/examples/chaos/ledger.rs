//! The ledger of a run: the uploads with the answers that clients got, and the faults.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::fault::Fault;

/// One upload as its client saw it.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    /// The file name, which is unique.
    pub(crate) file_name: String,
    pub(crate) picture: usize,
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
    pub(crate) answer: Answer,
    /// Whether the client was told that the image is deleted.
    pub(crate) deleted: bool,
    /// How often the client tried; `None` for an upload without a key, which is tried once.
    pub(crate) tries: Option<Tries>,
}

/// The tries of an upload that has a key.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tries {
    pub(crate) all: u32,
    /// Those whose connection the client cut.
    pub(crate) cut: u32,
    /// Those that were answered 409.
    pub(crate) told_to_wait: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The api answered 201 with this id.
    Accepted(i64),
    /// The api answered with another status, or could not be reached.
    Refused,
    /// The request was sent, but no answer came.
    None,
}

/// One fault, from its start to its end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Injection {
    pub(crate) fault: Fault,
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
}

#[derive(Debug, Default)]
pub(crate) struct Ledger {
    uploads: Mutex<Vec<Upload>>,
    injections: Mutex<Vec<Injection>>,
}

impl Ledger {
    pub(crate) fn note_upload(&self, upload: Upload) {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner).push(upload);
    }

    pub(crate) fn note_injection(&self, injection: Injection) {
        self.injections.lock().unwrap_or_else(PoisonError::into_inner).push(injection);
    }

    pub(crate) fn uploads(&self) -> Vec<Upload> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn injections(&self) -> Vec<Injection> {
        self.injections.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The least time that a fault has effects after its end.
const AFTERMATH: Duration = Duration::from_secs(1);

impl Injection {
    pub(crate) fn overlaps(&self, upload: &Upload) -> bool {
        upload.began <= self.ended + AFTERMATH && self.began <= upload.ended
    }
}
