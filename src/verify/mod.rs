//! Does every row arrive, exactly? The built-in engine of a verification (design.md 7).

pub mod check;
pub mod codes;
pub mod generate;
pub mod mysql;
pub mod pipeline;
pub mod property;
pub mod proxy;
pub mod record;
pub mod row;
pub mod run;
pub mod source;
pub mod table;
pub mod transform;
pub mod types;
