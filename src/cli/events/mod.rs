//! The event stream (`--events`, features 3.7): one JSON object a line about what a run does, beside what a person reads.
//!
//! Promises: `seq` has no gaps, `version` is the first record and `run_end` the last one on every way out; a stream that
//! cannot be written any more is told once and does not change the run. It renders: what it tells was decided elsewhere.

mod destination;
mod fanout;
mod pass;
mod record;
mod schema;
mod show;
mod stream;
#[cfg(test)]
mod tests;
mod translate;

pub(crate) use destination::{Destination, DestinationError};
pub(crate) use fanout::Fanout;
pub(crate) use pass::{Passed, pass_end, pass_start};
pub(crate) use schema::schema;
pub(crate) use stream::Stream;
pub(crate) use translate::{change_summary, diagnostic, drift, notice, planned_change};
