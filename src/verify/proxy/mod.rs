//! A way over TCP between us and a database, under our hands (design.md 7, faults on the wire; Property 13).
//!
//! Promises: what is not disturbed passes unchanged and in order; a disturbance begins when it is called for and is counted;
//! the port stays ours while connections are refused, and everything ends with the proxy. Bytes are not looked at, so TLS
//! passes through: the client checks the declared host's certificate ([`Client::through`]). Listens on the loopback address
//! alone. Knows no statement and no row.
//!
//! [`Client::through`]: super::mysql::client::Client::through

mod effect;
mod listen;
mod pass;
mod path;
mod trouble;

#[cfg(test)]
mod tests;

pub use effect::{Done, Injected};
pub use listen::FaultProxy;
pub use trouble::Trouble;
