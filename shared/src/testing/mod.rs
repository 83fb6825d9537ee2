//! The behaviour suites that every implementation of a seam has to pass.

pub mod jobs;
pub mod metadata;
pub mod objects;
