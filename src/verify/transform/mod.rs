//! What is made of rows between their source and their table (Properties 31 and 35; docs/verify-transforms.md).
//!
//! Promises: a transform that cannot work is refused before the first row; a row that cannot be transformed is refused with
//! its field, and the others go on; nothing is rounded, cut or made a float without being asked to. Rows stay in their order.

pub use cel::{Expression, ExpressionError, Failure};
pub use error::{TransformError, WrongRow, WrongValue};
pub use program::ProgramError;
pub use transforms::{Chunk, Losses, Numbered, Transforms};

mod cel;
mod error;
mod flatten;
mod program;
mod set;
#[cfg(test)]
mod tests;
mod transforms;
