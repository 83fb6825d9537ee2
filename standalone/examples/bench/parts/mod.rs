//! The parts of the whole service, and the resources that each of them uses.

mod find;
mod spending;

use std::fmt;

pub(crate) use find::Parts;
pub(crate) use spending::{Spending, Spent};

/// A part of the service, in the order of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Part {
    Api,
    /// The worker's own process.
    Worker,
    /// The worker's children, which decode and encode.
    Renderers,
    /// The database server with all its processes.
    Database,
    /// The broker with all its processes.
    Broker,
    /// The S3 server. The folder store has no process: the api and the worker read and write its files.
    Store,
    /// The bench itself, which uploads.
    Client,
}

impl Part {
    pub(crate) const ALL: [Self; 7] =
        [Self::Api, Self::Worker, Self::Renderers, Self::Database, Self::Broker, Self::Store, Self::Client];
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Api => "api",
            Self::Worker => "worker",
            Self::Renderers => "renderers",
            Self::Database => "database",
            Self::Broker => "broker",
            Self::Store => "store",
            Self::Client => "client",
        })
    }
}
