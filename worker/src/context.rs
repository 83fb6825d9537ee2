//! The parts of a worker that all its jobs share.

use std::sync::Arc;

use resizinator_shared::backends::Backends;
use resizinator_shared::settings::Limits;

use crate::renderer::Renderers;
use crate::status::Status;

/// The settings, the backends and the renderers of one worker.
pub(crate) struct WorkerContext {
    pub(crate) limits: Limits,
    pub(crate) backends: Backends,
    pub(crate) renderers: Arc<Renderers>,
    pub(crate) status: Status,
}
