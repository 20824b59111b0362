//! Rendering: values in, text out. Nothing here prints.

pub(crate) mod checks;
pub mod diagnostic;
pub(crate) mod drift;
mod fit;
pub(crate) mod json;
pub(crate) mod moved;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod simulation;
pub(crate) mod status;
pub(crate) mod style;
pub(crate) mod summary;
pub(crate) mod table;
pub(crate) mod text_diff;
pub(crate) mod verification;
pub(crate) mod words;
