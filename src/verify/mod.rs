//! The native engine of `verify` (design.md 7).

pub mod mysql;
pub mod property;
