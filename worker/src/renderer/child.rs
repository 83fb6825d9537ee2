//! The renderer's side: the code that runs in the zygote and in the renderers, which are forks of it.

use std::io::{self, ErrorKind, Read, Stdin, Write};
use std::panic::PanicHookInfo;
use std::process::exit;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use resizinator_formats::Format;
use resizinator_shared::failure_code::FailureCode;
use resizinator_shared::variant::Wanted;
use rustix::process::Pid;

use super::allocator;
use super::confine::confine;
use super::protocol::{Job, MAX_VARIANT, Reply, greet};
use super::step_times::StepTimes;
use super::system::{self, Mapped};
use super::zygote;
use crate::pipeline::stopwatch::Stopwatch;
use crate::pipeline::{RenderError, RenderLimits, Variants, warm_up};

/// The first command line argument of the zygote. The second is the worker's process id, the third the
/// memory limit of a renderer in bytes.
pub(super) const ARGUMENT: &str = "__renderer";
/// The exit status of a renderer that ran out of memory.
pub(super) const OUT_OF_MEMORY: i32 = 86;
const FAILED: i32 = 1;

/// The function that a renderer calls for each original: [`crate::pipeline::render`], or another one in tests.
pub type Render = fn(Format, &[u8], &RenderLimits, Wanted) -> Result<Variants, RenderError>;

/// The number of the running job, for the panic hook.
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// Runs the zygote and its renderers and does not return, if this process was started as the zygote; otherwise returns
/// at once. `main` has to call this before anything else, because a renderer has no logger, no runtime, no settings, no
/// environment and no other thread.
pub fn serve_if_asked(render: Render) {
    let arguments: Vec<String> = std::env::args().skip(1).take(3).collect();
    let [argument, worker, memory] = arguments.as_slice() else { return };
    if argument != ARGUMENT {
        return;
    }
    let (Some(worker), Ok(memory)) = (worker.parse().ok().and_then(Pid::from_raw), memory.parse()) else {
        exit(FAILED)
    };
    exit(if serve(worker, memory, render).is_ok() { 0 } else { FAILED })
}

/// Forks renderers until the worker ends. In each renderer: answers jobs until the worker closes the connection.
fn serve(worker: Pid, memory: u64, render: Render) -> io::Result<()> {
    system::exit_when_exhausted::<OUT_OF_MEMORY>()?;
    std::panic::set_hook(Box::new(report));
    zygote::prepare(worker)?;
    system::keep_freed_memory();
    warm_up();
    system::give_back_free_memory();
    zygote::fork_on_request()?;
    let prepared = confine(worker, memory);
    greet(&prepared, Channel)?;
    prepared?;
    // Standard input is the original.
    let mut original = Mapped::new(io::stdin());
    loop {
        let mut job = [0; Job::LEN];
        match Channel.read_exact(&mut job) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            read => read?,
        }
        let job = Job::from_bytes(&job)?;
        NUMBER.store(job.number, Ordering::Relaxed);
        allocator::forget();
        answer(&job, &mut original, render)?.write(job.number, Channel)?;
    }
}

fn answer(job: &Job, original: &mut Mapped<Stdin>, render: Render) -> io::Result<Reply> {
    let len = usize::try_from(job.len).map_err(io::Error::other)?;
    let original = original.content(len)?;
    Stopwatch::read();
    let begun = Instant::now();
    Ok(match render(job.format, original, &job.limits, job.wanted) {
        Ok(variants) if [&variants.small, &variants.medium].iter().any(|v| v.bytes.len() > MAX_VARIANT) => {
            Reply::Refused {
                code: FailureCode::VariantTooLarge,
                detail: format!("A variant of the image would have more than {MAX_VARIANT} bytes."),
            }
        }
        Ok(variants) => Reply::Rendered(variants, StepTimes::measured(begun.elapsed())),
        Err(error) => Reply::Refused { code: error.code(), detail: error.to_string() },
    })
}

/// The panic hook: reports the panic to the worker and ends the process, because a decoder that panicked may have left
/// the process in a broken state.
fn report(panic: &PanicHookInfo<'_>) {
    // If the worker does not get this reply, it still sees the process exit.
    let _ = Reply::Panicked(panic.to_string()).write(NUMBER.load(Ordering::Relaxed), Channel);
    exit(FAILED)
}

/// The connection to the worker: a socket that the process has as its standard output.
struct Channel;

impl Read for Channel {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        Ok(rustix::io::read(io::stdout(), bytes)?)
    }
}

impl Write for Channel {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(io::stdout(), bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
