//! The rows that should be in a table.

use crate::verify::row::Row;

/// What remains of rows with one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Every row is in the table: it has no key, or each key comes once.
    Every,
    /// Of each key the last row is: an upsert.
    LastOfKey,
}

/// Somebody who knows the rows that were written, in the order in which they were, refused ones left out. They are walked
/// several times, and are the same each time.
pub trait Expected {
    /// Hands out every row, one after the other. Gives way now and then when it computes much.
    ///
    /// # Errors
    /// In words: they cannot be told.
    fn walk(&self, each: &mut dyn FnMut(&Row)) -> impl Future<Output = Result<(), String>>;
}

/// Rows that an iterator makes anew each time.
#[derive(Debug, Clone)]
pub struct Rows<F>(pub F);

/// After so many rows others may go on.
const TURN: usize = 256;

impl<F: Fn() -> I, I: Iterator<Item = Row>> Expected for Rows<F> {
    async fn walk(&self, each: &mut dyn FnMut(&Row)) -> Result<(), String> {
        for (number, row) in (self.0)().enumerate() {
            each(&row);
            if number % TURN == TURN - 1 {
                tokio::task::yield_now().await;
            }
        }
        Ok(())
    }
}
