//! Tests of every way that a job can end. They run a whole worker with the embedded backends: a SQLite file, a folder
//! of objects and a queue within this process, each of which a test can make fail.
//!
//! This executable is its own renderer, which gets orders instead of images. So its own `main` runs before the test
//! harness.

mod queue;
mod renderer;
mod stage;
mod store;
mod stories;

use libtest_mimic::{Arguments, run};
use resizinator_worker::renderer::serve_if_asked;

fn main() {
    serve_if_asked(renderer::render);
    run(&Arguments::from_args(), stories::all()).exit();
}
