//! The allocator of this process.
#![allow(unsafe_code)]

use std::convert::Infallible;
use std::time::Duration;

use tokio::time::sleep;

/// Allocations from this size on come from the system and go back to it as soon as they are freed. It is larger than
/// the blocks of an upload, and smaller than the 19 MiB of a password's hash.
const FROM_THE_SYSTEM: i32 = 4 << 20;

/// How much free memory the allocator keeps at the end of a heap. Without it, glibc would keep 128 KiB, and the blocks of
/// each upload would be asked for and given back anew.
const KEPT: i32 = 4 << 20;

/// How often unused memory goes back to the system.
const OFTEN: Duration = Duration::from_secs(30);

/// Makes large allocations go back to the system. Otherwise glibc raises that size after the first one of them, and
/// then keeps 19 MiB for each thread that has ever hashed a password (mallopt(3), `M_MMAP_THRESHOLD`).
pub(crate) fn give_back_large_allocations() {
    #[cfg(target_env = "gnu")]
    // SAFETY: both set a parameter of the allocator, and nothing else.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, FROM_THE_SYSTEM);
        libc::mallopt(libc::M_TRIM_THRESHOLD, KEPT);
    }
}

/// Gives unused memory back to the system now and then. After many connections at a time the allocator holds pages that
/// are free, between others that are not (malloc_trim(3)).
pub(crate) async fn keep_giving_back() -> Infallible {
    loop {
        sleep(OFTEN).await;
        // It takes some milliseconds, for which a thread of the event loops should not wait.
        drop(tokio::task::spawn_blocking(give_back).await);
    }
}

pub(crate) fn give_back() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it releases pages that hold no allocation, and nothing else.
    unsafe {
        libc::malloc_trim(0);
    }
}
