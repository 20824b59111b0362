//! What bytes make of a state: the target of `tests/fuzz` for snapshot and journal.

use std::path::Path;

use super::disk::Machine;
use super::{journal_file, reading, snapshot_file};
use crate::platform::checksum;
use crate::ports::state_store::StateError;

/// Reads a snapshot with a journal behind it, as they are, and once more with checksums that fit: damage, or a state that is
/// written as it was read.
///
/// # Panics
/// When that does not hold.
pub fn files(bytes: &[u8]) {
    const END: &[u8] = b"\n}\n";
    let end = bytes.windows(END.len()).position(|part| part == END).map_or(bytes.len(), |at| at + END.len());
    let (snapshot, journal) = bytes.split_at(end);
    judge(snapshot, journal);
    judge(&checksum::seal(snapshot.to_vec()), &journal_file::resummed(journal));
}

fn judge(snapshot: &[u8], journal: &[u8]) {
    match reading::judge(&Machine, Path::new("/nonexistent"), snapshot, journal) {
        Ok(read) => {
            let again = snapshot_file::encode(read.snapshot()).map(|bytes| snapshot_file::decode(&bytes));
            assert!(
                matches!(&again, Ok(Ok(again)) if again == read.snapshot()),
                "a snapshot that was read is not read again: {again:?}"
            );
            let records = journal_file::decode(journal).unwrap_or_default().records;
            let again = journal_file::encode_all(&records).map(|bytes| journal_file::decode(&bytes));
            assert!(
                matches!(&again, Ok(Ok(again)) if again.records == records),
                "a journal that was read is not read again: {again:?}"
            );
        }
        Err(error) => {
            let is_damage = matches!(
                error,
                StateError::Corrupt { .. } | StateError::TooNew { .. } | StateError::LineageMismatch { .. }
            );
            assert!(is_damage, "not damage: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::platform::corpus::replay;

    #[test]
    fn the_corpus_of_state_files_reads_as_a_state_or_as_damage() {
        replay("state", super::files);
    }
}
