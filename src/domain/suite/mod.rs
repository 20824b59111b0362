//! A declared suite as plain values: what a `SinkVerification` says once it was checked (design.md 3.3).

pub mod mysql;
pub mod types;
