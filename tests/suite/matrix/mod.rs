//! Every operation of both services against every fault that can come over a wire (reliability.md section 6): a raw
//! loopback server plays it, the real clients meet it, and what they make of it is judged. `docs/fault-matrix.md` is the
//! table that is played.

use std::sync::Mutex;

mod binary;
mod cells;
mod fault;
mod page;
mod play;
mod server;

/// Deadlines are short here: whoever plays many cells has the machine.
static TURN: Mutex<()> = Mutex::new(());
