//! The table of a scenario: designed from its schema, made or adopted, checked against what the server says (Property 24),
//! and gone afterwards if the run made it (Property 25).
//!
//! Promises: a table that is there already is never dropped, emptied or changed; what is handed out has every field's column,
//! of the type that was declared or mapped; texts are kept and told apart byte by byte.

mod collation;
mod column;
mod error;
mod layout;
mod live;
mod prepare;

pub use collation::Collations;
pub use column::TableColumn;
pub use error::{LayoutError, Mismatch, TableError};
pub use layout::TableLayout;
pub use live::{LiveColumn, LiveIndex, LiveTable};
pub use prepare::{Note, TargetTable, clean_up, prepare};
