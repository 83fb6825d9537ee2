//! The allocator of this process.
#![allow(unsafe_code)]

/// Allocations from this size on come from the system and go back to it as soon as they are freed. It is larger than
/// the blocks of an upload, and smaller than the 19 MiB of a password's hash.
const FROM_THE_SYSTEM: i32 = 4 << 20;

/// Makes large allocations go back to the system. Otherwise glibc raises that size after the first one of them, and
/// then keeps 19 MiB for each thread that has ever hashed a password (mallopt(3), `M_MMAP_THRESHOLD`).
pub(crate) fn give_back_large_allocations() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it sets a parameter of the allocator, and nothing else.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, FROM_THE_SYSTEM);
    }
}
