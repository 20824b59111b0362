//! `verify`: runs the declared suites, and tells property by property what was proven.

mod end;
mod reader;
mod records;
mod reporter;
mod start;
mod verify;
mod wish;

pub(super) use verify::verify;
