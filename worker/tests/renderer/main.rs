//! Tests of the renderers with functions that crash, hang, use up memory or try to break out.
//!
//! This executable is its own renderer, with a hostile function instead of the pipeline, and its own worker that can be
//! killed. So its `main` checks the arguments before the test harness does.

mod hostile;
mod program;
mod stories;
mod users;
mod worker;

use libtest_mimic::{Arguments, run};
use resizinator_worker::renderer::serve_if_asked;

fn main() {
    serve_if_asked(hostile::render);
    worker::work_if_asked();
    let stories = stories::all().into_iter().chain(users::all()).collect();
    run(&Arguments::from_args(), stories).exit();
}
