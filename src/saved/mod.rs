//! Saved files: a plan that can be applied later, and what was live and recorded at one moment.
//!
//! Promises: one envelope for both, with a checksum over every byte, so that a file is read as it was written or refused;
//! no value of a secret, only where it comes from and its fingerprint; a file is written whole or not at all.
//!
//! Must not know how evidence is gathered, what is recorded now, or who asks.

mod approved;
mod declared;
mod envelope;
mod evidence;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod live;
mod plan;

pub use approved::{read_approved, write_approved};
pub use envelope::{Kind, SavedError, Stamp, kind_of};
pub use live::SavedLive;
pub use plan::SavedPlan;
