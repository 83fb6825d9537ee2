//! The allocator of worker and renderers, which remembers that it had no memory to give.
//!
//! Whoever asks with `try_reserve` goes on; whoever does not is aborted by the standard library, and then what is
//! remembered tells an exhausted renderer from a broken one.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, Ordering};

/// The allocator behind is chosen here and nowhere else.
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

// SAFETY: every call is handed on unchanged to an allocator that keeps the contract.
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
