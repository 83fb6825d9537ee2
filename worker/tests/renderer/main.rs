//! Renderers that do their worst, and what it comes to.
//!
//! This executable is its own renderer, with a hostile function in the pipeline's place, and its own worker that can
//! be killed. So its `main` looks at the arguments before the test harness does.

mod hostile;
mod stories;
mod worker;

use libtest_mimic::{Arguments, run};
use resizinator_worker::renderer::serve_if_asked;

fn main() {
    serve_if_asked(hostile::render);
    worker::work_if_asked();
    run(&Arguments::from_args(), stories::all()).exit();
}
