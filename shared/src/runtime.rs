//! The runtime of a program that mostly waits for others.

use std::future::Future;
use std::panic::resume_unwind;
use std::thread::available_parallelism;

/// There is one thread for so many cores, and at least one. A worker's renderers and the threads that answer requests are not
/// among them.
const CORES_PER_THREAD: usize = 4;

/// Runs a program on few threads. Those who wait for a database, a broker and a store need little time of a core; with a
/// thread for each core, the threads wake each other for every message, which costs more than the messages do.
///
/// # Panics
/// If the system gives the program no thread, or if the program panics.
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
