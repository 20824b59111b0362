//! Is every changed or missing byte noticed (G27)?

use std::path::Path;

use super::world;
use crate::domain::journal::{JournalRecord, Recovered, fold};
use crate::ports::state_store::StateError;
use crate::state::disk::Machine;
use crate::state::{journal_file, reading, snapshot_file};

struct Files {
    snapshot: Vec<u8>,
    records: Vec<JournalRecord>,
    journal: Vec<u8>,
}

fn files() -> Files {
    let records = world::records();
    let journal = journal_file::encode_all(&records).unwrap();
    Files { snapshot: snapshot_file::encode(&world::snapshot(7)).unwrap(), records, journal }
}

fn read(snapshot: &[u8], journal: &[u8]) -> Result<Recovered, StateError> {
    reading::judge(&Machine, Path::new("/nonexistent"), snapshot, journal).map(|reading| reading.recovered)
}

fn flips(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> {
    (0..bytes.len() * 8).map(|bit| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        (bit, flipped)
    })
}

#[test]
fn every_flipped_bit_of_a_snapshot_is_damage() {
    let Files { snapshot, .. } = files();
    for (bit, flipped) in flips(&snapshot) {
        let found = read(&flipped, b"");
        assert!(matches!(found, Err(StateError::Corrupt { .. })), "bit {bit}: {found:?}");
    }
}

#[test]
fn every_shortened_snapshot_is_damage() {
    let Files { snapshot, .. } = files();
    for length in 0..snapshot.len() {
        let found = read(&snapshot[..length], b"");
        assert!(matches!(found, Err(StateError::Corrupt { .. })), "{length} bytes: {found:?}");
    }
}

#[test]
fn every_flipped_bit_of_a_journal_is_damage_even_in_its_last_line() {
    let Files { journal, .. } = files();
    for (bit, flipped) in flips(&journal) {
        assert!(journal_file::decode(&flipped).is_err(), "bit {bit}: {}", String::from_utf8_lossy(&flipped));
    }
}

#[test]
fn a_shortened_journal_reads_as_its_whole_lines() {
    let Files { snapshot, records, journal } = files();
    for length in 0..=journal.len() {
        let whole = journal[..length].split(|byte| *byte == b'\n').count() - 1;
        let expected = fold(world::snapshot(7), &records[..whole]).unwrap();
        assert_eq!(read(&snapshot, &journal[..length]).unwrap(), expected, "{length} bytes");
    }
}
