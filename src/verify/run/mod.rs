//! Runs suites: which scenarios and properties are meant, on which server, and what came of it (design.md 7).
//!
//! Promises: what was not done does not look done: a scenario with a fault that cannot be injected is not run, one
//! whose fault never came or met nothing does not hold, a property
//! that cannot be judged is not said to hold, and each says why; whatever a run makes it takes away again, also when it is
//! stopped. Knows no file of ours and no terminal: what it needs of them are ports.

mod arrived;
mod fault;
mod judge;
mod outcome;
mod refusal;
mod reporter;
mod rows;
mod scenario;
mod select;
mod server;
mod spoil;
mod suite;

pub use outcome::{FaultEnd, FaultOutcome, NotBegun, Ran, ScenarioEnd, ScenarioOutcome, SuiteOutcome};
pub use refusal::Refusal;
pub use reporter::{Reporter, Told};
pub use select::{Chosen, SelectError, Selection, select};
pub use server::{OwnServer, Server};
pub use suite::{Around, RunOptions, run_suite};
