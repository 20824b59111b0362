//! What bytes make of a saved file: the target of `tests/fuzz` for plans.

use std::path::Path;

use super::{SavedLive, SavedPlan, read_approved};
use crate::platform::checksum;

/// Reads a plan and a live snapshot, as they are and with a checksum that fits: an error, or what is written as it was read.
///
/// # Panics
/// When that does not hold.
pub fn file(bytes: &[u8]) {
    let path = Path::new("p");
    for bytes in [bytes.to_vec(), checksum::seal(bytes.to_vec())] {
        if let Ok(plan) = SavedPlan::decode(path, &bytes) {
            let again = plan.encode(path).and_then(|bytes| SavedPlan::decode(path, &bytes));
            assert!(
                matches!(&again, Ok(again) if *again == plan),
                "a plan that was read is not read again: {again:?}"
            );
        }
        if let Ok(live) = SavedLive::decode(path, &bytes) {
            let again = live.encode(path).and_then(|bytes| SavedLive::decode(path, &bytes));
            assert!(
                matches!(&again, Ok(again) if *again == live),
                "a live snapshot that was read is not read again: {again:?}"
            );
        }
        if let Ok(text) = std::str::from_utf8(&bytes) {
            drop(read_approved(text));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::platform::corpus::replay;

    #[test]
    fn the_corpus_of_saved_files_is_read_as_it_was_written_or_refused() {
        replay("plan", super::file);
    }
}
