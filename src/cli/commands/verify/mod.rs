//! `verify`: runs the declared suites, and tells property by property what was proven.

mod command;
mod end;
mod reader;
mod records;
mod reporter;
mod start;
mod wish;

pub(super) use command::verify;
