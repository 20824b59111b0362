//! The watch: when to look at the manifests, when a look becomes a pass, and what a pass leaves alone.
//!
//! # Expected flow
//! Whatever stirs leads to a look as soon as it is quiet again, the resync interval leads to one anyway. A look that shows
//! something new, or was not caused by files, becomes a pass: the same plan of what is there now, however it came about. Where
//! files alone have caused it, it may confine itself to what they touched.
//!
//! # Guarantees
//! What stirs while a pass runs is not lost. A pass that confines itself puts no other one off. What fails is tried again by itself, later and later, and holds up nothing else.
//! Without quiet there is no delete.
//!
//! Pure: time and chance are arguments; it neither waits nor reads.

mod backoff;
mod held;
mod machine;

pub use backoff::Chance;
pub use held::{Outcome, Turnout, same_declaration};
pub use machine::{Cause, Look, Next, Pass, Timing, Watch};
