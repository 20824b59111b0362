//! Tests of the folder as a whole. Each file asks one question.

mod faults;
mod images;
mod key;
mod locking;
mod plans;
mod power_cut;
mod remembered;
mod rot;
mod runs;
mod scenario;
mod scripted_disk;
pub(crate) mod world;
