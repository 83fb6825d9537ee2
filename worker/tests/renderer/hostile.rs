//! The function that replaces the pipeline in these tests. It does what the original says.

use std::fs::File;
use std::hint::black_box;
use std::io;
use std::net::TcpListener;
use std::num::NonZeroU32;
use std::process::{Command, abort};
use std::thread;
use std::time::Duration;

use resizinator_formats::Format;
use resizinator_shared::placeholder::Placeholder;
use resizinator_shared::variant::Wanted;
use resizinator_worker::pipeline::{self, RenderError, RenderLimits, Variant, Variants};
use rustix::process::{Pid, test_kill_process};

const MB: usize = 1 << 20;

pub(crate) fn render(
    format: Format,
    input: &[u8],
    limits: &RenderLimits,
    wanted: Wanted,
) -> Result<Variants, RenderError> {
    let order = std::str::from_utf8(&input[..input.len().min(40)]).unwrap_or_default();
    match order.split_whitespace().next().unwrap_or_default() {
        "echo" => Ok(told(input)),
        "sum" => Ok(told(input.iter().map(|&byte| u64::from(byte)).sum::<u64>().to_string().as_bytes())),
        "pid" => Ok(told(std::process::id().to_string().as_bytes())),
        "environment" => Ok(told(format!("{:?}", std::env::vars_os().collect::<Vec<_>>()).as_bytes())),
        "burn" => {
            let (start, second) = (cpu_time(), Duration::from_millis(1100));
            while cpu_time() - start < second {
                std::hint::spin_loop();
            }
            Ok(told(b"burnt"))
        }
        "refuse" => Err(RenderError::TooManyScans { limit: 7 }),
        "panic" => panic!("of {} bytes", input.len()),
        "abort" => abort(),
        "overflow" => Ok(told(&[overflow(1)])),
        "fault" => fault(),
        "hang" => loop {
            thread::park();
        },
        "spin" => loop {
            std::hint::spin_loop();
        },
        "defy" => {
            block_signals();
            loop {
                std::hint::spin_loop();
            }
        }
        "bloat" => {
            let mut hoard = Vec::new();
            loop {
                hoard.push(vec![1_u8; MB]);
                black_box(&hoard);
            }
        }
        "reserve" => {
            let refused = Vec::<u8>::new().try_reserve_exact(1 << 40).is_err();
            Ok(told(if refused { b"refused" } else { b"given" }))
        }
        "garbage" => say(&[0xff; 4096]),
        "huge" => {
            // The reply to the first job: rendered, a WebP of 1 × 1 pixels and of 4 GiB.
            let mut reply =
                vec![1, 0, 0, 0, 0, 0, 0, 0, 1, 3, 1, 0, 0, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];
            reply.resize(4 * MB, 7);
            say(&reply)
        }
        "short" => {
            // Announces 64 MiB and sends four bytes; then nothing.
            let mut reply = vec![1, 0, 0, 0, 0, 0, 0, 0, 1];
            for _ in 0..2 {
                reply.extend([3, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4]);
            }
            reply.extend([1, 0, 0, 0, 8, 0]);
            reply.extend(b"BwcHBwc=");
            reply.extend([7; 4]);
            say(&reply)
        }
        // More frames than any limit allows.
        "crowd" => Ok(Variants { frames: NonZeroU32::MAX, ..told(b"crowd") }),
        "all" => {
            let mut all = Vec::new();
            let read = io::Read::read_to_end(&mut io::stdin().lock(), &mut all);
            Ok(told(if read.is_ok() { &all } else { b"unreadable" }))
        }
        "try" => Ok(told(attempt(order).as_bytes())),
        _ => pipeline::render(format, input, limits, wanted),
    }
}

/// Tries one thing that a renderer must not be able to do, and returns the system's answer.
fn attempt(order: &str) -> String {
    let what = order.split_whitespace().nth(1).unwrap_or_default();
    let done = match what {
        "open" => File::open("/dev/null").map(drop),
        "create" => File::create("/tmp/renderer-was-here").map(drop),
        "socket" => TcpListener::bind("127.0.0.1:0").map(drop),
        "exec" => Command::new("/bin/true").status().map(drop),
        "thread" => thread::Builder::new().spawn(|| ()).map(drop),
        "kill" => {
            let worker = order.split_whitespace().nth(2).and_then(|id| Pid::from_raw(id.parse().ok()?));
            test_kill_process(worker.expect("an id")).map_err(Into::into)
        }
        "write" => rustix::io::write(io::stdin(), b"x").map(drop).map_err(Into::into),
        "truncate" => rustix::fs::ftruncate(io::stdin(), 0).map_err(Into::into),
        "limits" => {
            let none = rustix::process::Rlimit { current: None, maximum: None };
            rustix::process::setrlimit(rustix::process::Resource::Data, none).map_err(Into::into)
        }
        other => return format!("what is {other}?"),
    };
    match done {
        Ok(()) => "done".into(),
        Err(error) => error.raw_os_error().map_or_else(|| error.to_string(), |code| code.to_string()),
    }
}

fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec.try_into().expect("nanoseconds"))
}

fn told(bytes: &[u8]) -> Variants {
    let variant = |bytes: &[u8]| Variant { bytes: bytes.to_vec(), format: Format::Png, width: 1, height: 1 };
    let placeholder = Placeholder::of(&[7; 25]).expect("a hash");
    Variants { small: variant(bytes), medium: variant(b"-"), frames: NonZeroU32::MIN, placeholder }
}

/// Writes to the worker without following the protocol, and then waits to be killed.
fn say(bytes: &[u8]) -> ! {
    let mut sent = 0;
    while let Ok(written @ 1..) = rustix::io::write(io::stdout(), &bytes[sent..]) {
        sent += written;
    }
    loop {
        thread::park();
    }
}

/// Blocks every signal that can be blocked.
#[allow(unsafe_code)]
fn block_signals() {
    let mut all = std::mem::MaybeUninit::uninit();
    // SAFETY: the first call fills the set that the second one reads.
    let blocked = unsafe {
        libc::sigfillset(all.as_mut_ptr());
        libc::pthread_sigmask(libc::SIG_BLOCK, all.as_ptr(), std::ptr::null_mut())
    };
    assert_eq!(blocked, 0, "the filter of system calls allows it");
}

/// Reads from an address where nothing is mapped.
#[allow(unsafe_code)]
fn fault() -> ! {
    // SAFETY: the fault is the purpose, and ends this process.
    let read = unsafe { std::ptr::without_provenance::<u8>(black_box(64)).read_volatile() };
    unreachable!("{read}")
}

fn overflow(depth: u64) -> u8 {
    let frame = black_box([1_u8; 4096]);
    if depth == 0 { 0 } else { overflow(black_box(depth + 1)).wrapping_add(frame[7]) }
}
