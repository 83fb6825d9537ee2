//! Renders in child processes of our own executable, since decoders of strangers' files crash, hang and eat
//! memory, and may be made to do worse.
//!
//! In the worker: [`Renderers`] keeps one warm child per slot; a [`Slot`] lends its `input` (a memfd that the
//! object is fetched into) and exchanges one job for one reply with its `process`; the `spawner` is the thread that
//! all children are spawned from. In the child: [`serve_if_asked`] turns the process into a renderer, which
//! confines itself (`confine`: limits; `filter`: system calls) before it reads its first job. Between them lies
//! `protocol`, whose replies the worker takes for hostile.

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
