//! Measures the whole service with one of its stores: an api and a worker on private services, under different loads.

mod backlog;
mod idle;
mod latency;
mod measure;
mod measurement;
mod running;
mod setup;
mod stored;

pub(crate) use idle::idle_latency;
pub(crate) use measure::measure;
pub(crate) use measurement::{Load, Measurement, Waits};
pub(crate) use running::Running;
pub(crate) use setup::{Setup, StoreKind};
