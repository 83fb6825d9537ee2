//! The HTTP endpoints for operators: `metrics`, `healthz` and `readyz`, on an address apart from that of clients. What they
//! tell comes from the parts of the process: the backends, the api and the worker.

mod backends;
mod listener;
mod part;
mod process;
mod readiness;
mod seconds;

pub use backends::{BackendsPart, Problems};
pub use listener::serve;
pub use part::Part;
pub use readiness::Readiness;
pub use seconds::seconds;
