//! Rows into a table: a batch is one transaction (Property 15), and a row that the table refuses is left out with its reason
//! while the rest is written (Properties 11, 12).
//!
//! # When it is not known whether a batch was written
//! The connection may be lost between our COMMIT and the server's answer. Then the batch is sent again:
//! - **upsert**: writing the same rows again leaves the same rows.
//! - **insert**: the first statement of every attempt inserts the batch's number into a table of marks that the run owns
//!   ([`Marks`]), in the same transaction. When an attempt was written after all, the next one is refused as a duplicate
//!   there, and the batch is known to be written, once. When the server is still at it, the next attempt waits for its
//!   lock on the mark, so that there is no moment at which looking would tell the wrong thing.

mod bisect;
mod marks;
mod rows;
mod statement;
mod write;

pub use marks::{Marks, Receipt};
pub use rows::{Batch, Refused, Row};
pub use statement::{Mode, Target};
pub use write::{Written, write_batch, write_once};
