//! The asynchronous runtime of the api and of the worker. Both mostly wait for the database, the broker and the object store.

use std::future::Future;
use std::panic::resume_unwind;
use std::thread::available_parallelism;

/// How many cores there are to one thread of the runtime, which always has at least one thread. The worker's renderers are
/// processes of their own, and the threads that answer HTTP requests belong to the HTTP server, so neither counts here.
const CORES_PER_THREAD: usize = 4;

/// Runs the future of a program to its end, on a runtime with few threads, and returns its output. With one thread for each
/// core, the threads would wake each other for every message, which takes more time than handling the messages.
///
/// # Panics
/// If the operating system cannot start the threads of the runtime, or if the future panics.
pub fn run<P>(program: P) -> P::Output
where
    P: Future<Output: Send> + Send + 'static,
{
    let threads = available_parallelism().map_or(1, |cores| cores.get().div_ceil(CORES_PER_THREAD));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .expect("the system has threads");
    // It is a task like the others: what it waits for need not wake a thread of its own.
    runtime
        .block_on(async { tokio::spawn(program).await })
        .unwrap_or_else(|error| resume_unwind(error.into_panic()))
}
