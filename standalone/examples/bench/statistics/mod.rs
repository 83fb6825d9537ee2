//! The statistics of measured values.

mod median;
mod percentile;

pub(crate) use median::median;
pub(crate) use percentile::percentile;
