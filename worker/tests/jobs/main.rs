//! Every way that a job can end, told on a whole worker with the embedded backends: a SQLite file, a folder of objects
//! and the queue in this process, each of which a story can make fail.
//!
//! This executable is its own renderer, with orders in place of images, so its `main` comes before the test harness.

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
