//! The emulator over real sockets.

mod caller;
mod durability;
mod faults;
mod protocol;
