//! The real binary as other processes see it: killed anywhere, interrupted, raced against itself, short of disk, and its
//! emulator judged by the vendor's own SDK. Also what a real database server makes of our statements.
//!
//! Promises to judge from outside only: command lines, exit codes, files, and what passes on the wire. Must not use the
//! library, except `quoting`, which hands what our quoting made to a server. A missing tool fails a test with the way to install it; nothing is skipped.
#![expect(clippy::disallowed_methods, reason = "tests prepare and inspect files and processes themselves")]

mod appliers;
mod audit;
mod beside;
mod browser;
mod checker;
mod disk;
mod emulator;
mod kills;
mod kubernetes;
mod listen;
mod locks;
mod looking;
mod narrow;
mod offline;
mod order;
mod page;
mod point;
pub(crate) mod postgres;
mod program;
mod proxy;
mod quoting;
mod receiver;
mod release;
mod resume;
mod scenario;
mod scenarios;
mod sdk;
mod signals;
mod site;
mod soak;
mod stage;
mod storm;
mod storms;
mod syncs;
mod systemd;
mod tree;
mod units;
mod watch;
mod watching;
mod webhook;
mod world;
