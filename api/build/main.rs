//! Prepares the pages that the program itself has: `docs/` and the console.

mod console;
mod docs;
mod pack;

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo::rerun-if-changed=build");
    let made = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    docs::prepare(&made);
    console::prepare(&made);
}
