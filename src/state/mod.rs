//! The state folder: lock, snapshot, journal, backups, recovery (design.md section 5).
//!
//! Promises the protocol rules 1 to 7 and 11 to 13: what a call reported as done survives a kill or a power cut;
//! damage is found and named, never taken for emptiness; one writer at a time. Reading takes no lock.
//!
//! Must not know what the records mean: that is `domain::journal`. The layers, from the bottom:
//! ```text
//! disk                              one call, one thing that can fail
//! snapshot_file  journal_file       bytes ⇄ values, with checksums; pure
//! lock  holder  backup  rescue  key_file  one file or folder each
//! reading  restore                  the folder as a whole, judged and repaired
//! remembered                        what is known of it without reading
//! history  check                    what is kept and whether it is sound; read only
//! folder                            reading without lock; taking the lock
//! locked                            writing
//! ```

mod backup;
mod check;
mod disk;
mod folder;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod history;
mod holder;
mod journal_file;
mod key_file;
mod lock;
mod locked;
mod reading;
mod remembered;
mod rescue;
mod restore;
mod snapshot_file;
#[cfg(test)]
mod tests;

pub use backup::Backup;
pub use check::Finding;
pub use folder::{LockRequest, StateFolder, WatchLock};
pub use history::Generation;
pub use holder::{Holder, HolderProcess};
pub use lock::LockStatus;
pub use locked::LockedState;
pub use remembered::Remembered;
pub use rescue::Rescued;
