//! The name of this process, for people who look at the broker.

use std::fmt;

use crate::host;

/// The name of a process, which is displayed as `resizinator-worker@host:1234`.
#[derive(Clone)]
pub(super) struct Identity {
    pub(super) application: &'static str,
    pub(super) host: String,
}

impl Identity {
    pub(super) fn new(application: &'static str) -> Self {
        Self { application, host: host::name() }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}:{}", self.application, self.host, std::process::id())
    }
}
