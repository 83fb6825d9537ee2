//! What was done, and what clients were told.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::fault::Fault;

/// One upload, as its client saw it.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    /// No other upload has this name.
    pub(crate) file_name: String,
    pub(crate) picture: usize,
    pub(crate) began: Instant,
    pub(crate) ended: Instant,
    pub(crate) answer: Answer,
    /// The client was told that it is deleted.
    pub(crate) deleted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// 201, with this id.
    Accepted(i64),
    /// Another status, or no connection.
    Refused,
    /// Sent, and no answer came.
    None,
}

/// One fault, from its beginning to its end.
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

/// How long a fault is felt after its end, at least.
const AFTERMATH: Duration = Duration::from_secs(1);

impl Injection {
    pub(crate) fn overlaps(&self, upload: &Upload) -> bool {
        upload.began <= self.ended + AFTERMATH && self.began <= upload.ended
    }
}
