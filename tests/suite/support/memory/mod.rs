//! A service in memory, nastier than the real one.

mod fault;
mod service;
mod stores;
mod truth;

pub(crate) use fault::{Fault, Operation, Processed};
pub(crate) use service::MemoryService;
