//! The worker of Resizinator: it consumes resize jobs, renders the small and the medium variant of each image, and
//! stores them.

mod attempt;
mod conclude;
mod consume;
mod context;
mod error;
mod heartbeat;
mod in_vain;
mod lease;
mod metrics;
mod part;
pub mod pipeline;
mod process_job;
pub mod renderer;
mod status;
mod verdict;

pub use consume::run;
pub use error::WorkerError;
pub use part::WorkerPart;
pub use status::Status;
