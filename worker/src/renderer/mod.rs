//! Renders images in child processes of the worker's own executable. Decoders work on untrusted files, which can make
//! them crash, hang, use up memory or run an attacker's code.
//!
//! In the worker, [`Renderers`] keeps one running child per slot. A [`Slot`] lends its `input` (a memfd that the
//! original is written to), sends one job to its `process`, and gets one reply. The `spawner` is the thread that spawns
//! all children. In the child, [`serve_if_asked`] turns the process into a renderer, which confines itself (`confine`:
//! limits; `filter`: system calls) before it reads its first job. `protocol` defines the messages between the two; the
//! worker does not trust the replies.

mod allocator;
mod child;
mod confine;
mod error;
mod filter;
mod input;
mod pool;
mod process;
mod protocol;
mod spawner;
mod system;

pub use child::{Render, serve_if_asked};
pub use error::RendererError;
pub use pool::{Renderers, Slot};
