//! The worker of Resizinator: it consumes resize jobs, renders the small and the medium variant of each image, and
//! stores them.

mod attempt;
mod conclude;
mod consume;
mod context;
mod error;
pub mod health;
mod in_vain;
mod lease;
pub mod pipeline;
mod process_job;
pub mod renderer;
mod status;
mod verdict;

pub use consume::run;
pub use error::WorkerError;
pub use status::Status;
