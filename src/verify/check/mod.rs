//! Is in the table what should be in it, and nothing else (docs/adr/0034)?
//!
//! Promises: every row is compared, as the type that it has and without tolerance; memory is bounded whatever the number of
//! rows; what is counted is counted whole, and of the differences the first ones are named with key, field and both values.

mod buckets;
mod compare;
mod comparison;
mod constraints;
mod expected;
mod fingerprint;
mod latest;
mod pairs;
mod reader;

pub use compare::{Limits, compare};
pub use comparison::{CheckError, Comparison, Difference, FieldDifference, Kind};
pub use constraints::{Violation, violations};
pub use expected::{Expected, Keep, Rows};
