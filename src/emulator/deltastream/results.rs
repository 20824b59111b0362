//! The statements whose results can still be fetched.

use std::collections::{BTreeMap, VecDeque};

use super::answer::Executed;

/// How many rows are kept; the oldest statements are forgotten first, the newest one never.
const ROWS: usize = 200_000;

/// A statement, and how often it is still said to be incomplete.
struct Kept {
    executed: Executed,
    pending: u32,
}

/// The memory of executed statements. It ends with the process.
#[derive(Default)]
pub(super) struct Results {
    kept: BTreeMap<String, Kept>,
    /// Oldest first.
    order: VecDeque<String>,
    rows: usize,
}

fn weight(executed: &Executed) -> usize {
    executed.end.as_ref().map_or(0, |table| table.rows.len()) + 1
}

impl Results {
    /// Keeps a statement that is said to be incomplete so often.
    pub(super) fn keep(&mut self, executed: Executed, pending: u32) {
        self.rows += weight(&executed);
        self.order.push_back(executed.id.clone());
        self.kept.insert(executed.id.clone(), Kept { executed, pending });
        while self.rows > ROWS && self.order.len() > 1 {
            let oldest = self.order.pop_front().and_then(|id| self.kept.remove(&id));
            self.rows -= oldest.map_or(0, |kept| weight(&kept.executed));
        }
    }

    /// A statement, and whether it is complete now.
    pub(super) fn ask(&mut self, id: &str) -> Option<(&Executed, bool)> {
        let kept = self.kept.get_mut(id)?;
        let complete = kept.pending == 0;
        kept.pending = kept.pending.saturating_sub(1);
        Some((&kept.executed, complete))
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::emulator::deltastream::context::Context;
    use crate::emulator::deltastream::table::Table;

    fn executed(id: &str, rows: usize) -> Executed {
        let (database, schema, store, compute_pool) = (None, None, None, None);
        Executed {
            id: id.to_owned(),
            created_on: Timestamp::UNIX_EPOCH,
            context: Context { role: "r".to_owned(), database, schema, store, compute_pool },
            end: Ok(Table { columns: vec![], rows: vec![vec![]; rows] }),
            on_dataplane: false,
        }
    }

    #[test]
    fn a_statement_is_incomplete_so_often_and_complete_for_ever_after() {
        let mut results = Results::default();
        results.keep(executed("a", 1), 2);
        let complete: Vec<bool> = (0..4).map(|_| results.ask("a").unwrap().1).collect();
        assert_eq!(complete, [false, false, true, true]);
        assert!(results.ask("b").is_none());
    }

    #[test]
    fn the_oldest_statements_are_forgotten_and_the_newest_one_never() {
        let mut results = Results::default();
        results.keep(executed("a", ROWS / 2), 0);
        results.keep(executed("b", ROWS / 2 - 2), 0);
        assert!(results.ask("a").is_some() && results.ask("b").is_some());
        results.keep(executed("c", 2 * ROWS), 0);
        assert!(results.ask("a").is_none() && results.ask("b").is_none() && results.ask("c").is_some());
        results.keep(executed("d", 0), 0);
        assert!(results.ask("c").is_none() && results.ask("d").is_some());
        assert_eq!((results.rows, results.kept.len()), (1, 1));
    }
}
