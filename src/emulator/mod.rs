//! An emulator of the Alibaba Cloud (Ververica) connector API and of the DeltaStream statement API, on loopback, over a
//! small persistent world (design.md section 6).
//!
//! It promises to be an adapter of its own: its messages, its signature check, its SQL and its rules are written from the
//! protocol, so that it can disagree with our client; the vendors' own SDKs judge it. It must not know the domain, the
//! ports or the providers: of ours it uses `platform` and nothing else.
//!
//! ```text
//! local ─▶ server ─▶ service ─▶ signature             is the request believed?
//!            │          ├─────▶ operation             what does it ask for?
//!            │          ├─────▶ simulation ─▶ fault   is something to go wrong?
//!            │          ├─────▶ jar, store ─▶ world   what does it change?
//!            │          └─────▶ answer                what does the caller hear?
//!            ├────▶ deltastream                       the same for the paths below /v2
//!            └──▶ connection, folder, change_file, served, log, address
//! ```

mod address;
mod answer;
mod change_file;
mod connection;
mod connector;
mod credentials;
mod deltastream;
mod encoding;
mod error;
mod fault;
mod folder;
mod jar;
mod local;
mod log;
mod operation;
mod request;
mod served;
mod server;
mod service;
mod signature;
mod simulation;
mod store;
mod world;

pub use credentials::access_key;
pub use deltastream::api_token;
pub use error::EmulatorError;
pub use fault::{Fault, FaultError};
pub use jar::Mode;
pub use local::{Attached, attach_or_start};
pub use server::{Config, Emulator, Handle};
pub use simulation::{LoginCheck, Simulation, StoreSimulation};

#[cfg(test)]
mod tests;
