//! Rendering: values in, text out. Nothing here prints.

pub mod diagnostic;
pub(crate) mod drift;
pub(crate) mod json;
pub(crate) mod plan;
pub(crate) mod progress;
pub(crate) mod style;
pub(crate) mod summary;
pub(crate) mod table;
pub(crate) mod text_diff;
mod words;
