//! What a `SinkVerification` declares (design.md 3.3): plain values, checked, with every default filled in.
//!
//! Promises: a suite that exists can be run; nobody behind the reader asks again whether a field is there, in range or
//! together with another one. No I/O and no YAML.

pub mod mysql;
pub mod verdict;
