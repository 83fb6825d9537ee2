//! Renders images in child processes of the worker's own executable. Decoders work on untrusted files, which can make
//! them crash, hang, use up memory or run an attacker's code.
//!
//! In the worker, [`Renderers`] keeps up to two running children per slot, of which one renders while the original of the
//! other is fetched. A [`Slot`] is used for one original of one user. It
//! lends its `input` (a memfd that the original is written to), sends one job to its `process`, and gets one reply. What
//! has read one user's original never reads another's: the `place` replaces such a renderer first.
//!
//! The `spawner` is the thread that starts the zygote, and has it fork all children. In the child, [`serve_if_asked`]
//! turns the process into the `zygote`, and a fork of it into a renderer, which confines itself (`confine`: limits;
//! `filter`: system calls) before it reads its first job. `protocol` defines the messages between a renderer and the
//! worker; the worker does not trust the replies.

mod allocator;
mod child;
mod confine;
mod cpu_limit;
mod error;
mod filter;
mod forked;
mod input;
mod place;
mod pool;
mod process;
mod protocol;
mod restarts;
mod spawner;
mod step_times;
mod system;
mod zygote;

pub use child::{Render, serve_if_asked};
pub use error::RendererError;
pub use pool::{Rendered, Renderers, Slot};
pub use restarts::{Reason, Restarts};
pub use step_times::StepTimes;
pub use system::{keep_freed_memory, keep_memory_private};
