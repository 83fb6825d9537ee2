//! The worker: consumes resize jobs, renders the small and the medium variant, stores them.

mod consume;
mod error;
mod lease;
pub mod pipeline;
mod process_job;
pub mod renderer;

pub use consume::run;
pub use error::WorkerError;
