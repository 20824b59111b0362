//! The emulator over real sockets.

mod caller;
mod durability;
mod faults;
mod golden;
mod protocol;
mod statement_faults;
mod statements;
mod stores;
