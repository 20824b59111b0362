//! The real binary as other processes see it: killed anywhere, interrupted, raced against itself, short of disk, and its
//! emulator judged by the vendor's own SDK.
//!
//! Promises to judge from outside only: command lines, exit codes, files, and what passes on the wire. Must not use the
//! library. A missing tool fails a test with the way to install it; nothing is skipped.
#![expect(clippy::disallowed_methods, reason = "tests prepare and inspect files and processes themselves")]

mod checker;
mod disk;
mod emulator;
mod kills;
mod locks;
mod order;
mod point;
mod program;
mod proxy;
mod scenario;
mod sdk;
mod signals;
mod site;
mod stage;
