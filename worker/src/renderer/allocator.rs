//! The allocator of the worker and its renderers, which records that an allocation has failed.
//!
//! Code that allocates with `try_reserve` gets an error and continues; other code is aborted by the standard library.
//! After such an abort the record tells a renderer that ran out of memory from one that crashed.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

/// The global allocator. This is the only place that chooses the allocator that does the work.
#[global_allocator]
static ALLOCATOR: Remembering<System> = Remembering(System);

static EXHAUSTED: AtomicBool = AtomicBool::new(false);

struct Remembering<A>(A);

/// Whether an allocation has failed since [`forget`].
pub(super) fn was_exhausted() -> bool {
    EXHAUSTED.load(Ordering::Relaxed)
}

pub(super) fn forget() {
    EXHAUSTED.store(false, Ordering::Relaxed);
}

fn noted(memory: *mut u8) -> *mut u8 {
    if memory.is_null() {
        EXHAUSTED.store(true, Ordering::Relaxed);
    }
    memory
}

// SAFETY: every call is passed on unchanged to an allocator that keeps the contract.
unsafe impl<A: GlobalAlloc> GlobalAlloc for Remembering<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the same.
        noted(unsafe { self.0.alloc(layout) })
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promise is the same.
        noted(unsafe { self.0.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's promise is the same.
        noted(unsafe { self.0.realloc(memory, layout, size) })
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is the same.
        unsafe { self.0.dealloc(memory, layout) }
    }
}
