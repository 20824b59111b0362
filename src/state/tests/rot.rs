//! Is every changed or missing byte noticed (G27)?

use std::path::Path;

use super::world;
use crate::chance::Chance;
use crate::domain::journal::{JournalRecord, Recovered, fold};
use crate::platform::fs;
use crate::platform::time::SystemClock;
use crate::ports::state_store::{StateError, StateStore};
use crate::reliability::{self, Report};
use crate::state::disk::Machine;
use crate::state::{StateFolder, journal_file, reading, snapshot_file};

const SEED: u64 = 20_261_121;

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

/// One fault of a disk, anywhere in these bytes.
fn rot(bytes: &mut Vec<u8>, chance: &mut Chance) {
    if bytes.is_empty() {
        return;
    }
    let at = chance.below(bytes.len());
    let end = (at + 1 + chance.below(600)).min(bytes.len());
    match chance.below(7) {
        0 | 1 => bytes[at] ^= 1 << chance.below(8),
        2 => bytes[at] = u8::try_from(chance.below(256)).unwrap(),
        3 => bytes.truncate(at),
        4 => bytes[at..end].fill(0),
        5 => drop(bytes.drain(at..end)),
        _ => bytes.extend_from_within(at..end),
    }
}

#[test]
fn two_faults_anywhere_are_damage_or_leave_what_was_there_up_to_some_record() {
    let Files { snapshot, records, journal } = files();
    let harmless: Vec<Recovered> =
        (0..=records.len()).map(|whole| fold(world::snapshot(7), &records[..whole]).unwrap()).collect();
    let rounds = if reliability::is_long() { 1_000_000 } else { 5_000 };
    let mut chance = Chance::new(SEED);
    let mut detected = 0;
    for round in 0..rounds {
        let mut rotten = [snapshot.clone(), journal.clone()];
        for _ in 0..2 {
            rot(&mut rotten[chance.below(2)], &mut chance);
        }
        match read(&rotten[0], &rotten[1]) {
            // A line that is cut off, or whose sector was never written, is what a power cut leaves.
            Ok(found) => assert!(harmless.contains(&found), "round {round}, seed {SEED}: {found:?}"),
            Err(StateError::Corrupt { .. }) => detected += 1,
            Err(other) => panic!("round {round}, seed {SEED}: {other}"),
        }
    }
    assert!(detected > rounds / 2, "{detected} of {rounds}");
    let single = (snapshot.len() + journal.len()) * 8;
    Report {
        harness: "state::rot",
        what: "every bit of a snapshot and of a journal changed, every length of both, two random faults in them",
        cases: format!("{single} bits, {} lengths, {rounds} pairs", snapshot.len() + journal.len()),
        seed: Some(SEED),
        result: format!("0 read as something else; {detected} pairs are damage, the others end at a whole record"),
        planted: "a journal whose sums are believed without a look: `without_its_sums_a_journal_reads_as_something_else`",
    }
    .hand_in();
}

#[test]
fn without_its_sums_a_journal_reads_as_something_else() {
    let Files { records, journal, .. } = files();
    let is_other = |(_, flipped): (usize, Vec<u8>)| {
        let read = journal_file::decode(&journal_file::resummed(&flipped));
        read.is_ok_and(|read| !records.starts_with(&read.records))
    };
    let others = flips(&journal).filter_map(|flip| is_other(flip).then_some(())).count();
    assert!(others > 100, "{others} of {} bits", journal.len() * 8);
}

#[test]
fn what_is_restored_over_a_rotten_snapshot_is_the_last_whole_generation() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("state");
    let folder = StateFolder::open(&path);
    let mut generations = Vec::new();
    for name in ["a", "b", "c"] {
        let mut state = world::lock(&folder, name).unwrap();
        let mut next = state.recovered().snapshot.clone();
        next.apply(world::put(name));
        state.fold(&next).unwrap();
        generations.push(state.recovered().snapshot.clone());
    }
    let file = path.join("snapshot.json");
    let whole = fs::read(&file, 1 << 20).unwrap();
    let last_whole = &generations[generations.len() - 2];
    let step = if reliability::is_long() { 7 } else { 401 };
    for (bit, flipped) in flips(&whole).step_by(step) {
        let copy = tempfile::tempdir().unwrap();
        for from in [&path, &path.join("backups")] {
            let to = copy.path().join(from.strip_prefix(&path).unwrap());
            fs::create_folder(&to).unwrap();
            for file in fs::list(from).unwrap().iter().filter(|path| path.is_file()) {
                std::fs::copy(file, to.join(file.file_name().unwrap())).unwrap();
            }
        }
        fs::replace(&copy.path().join("snapshot.json"), &flipped).unwrap();
        let rotten = StateFolder::open(copy.path());
        assert!(matches!(rotten.read(), Err(StateError::Corrupt { .. })), "bit {bit}");
        let newest = rotten.backups().unwrap().remove(0);
        let clock = SystemClock::start();
        drop(world::block_on(rotten.restore(&newest, world::request("back"), &clock, |_| {})).unwrap());
        let restored = rotten.read().unwrap().unwrap().snapshot;
        assert_eq!(restored.resources, last_whole.resources, "bit {bit}");
        assert!(
            restored.serial > generations[generations.len() - 1].serial,
            "bit {bit}: a serial is used twice"
        );
    }
}
