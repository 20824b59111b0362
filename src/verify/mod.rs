//! Does every row arrive, exactly? The built-in engine of a verification (design.md 7).

pub mod row;
pub mod types;
