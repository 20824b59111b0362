//! What does a power cut leave, at every point of the scenario (G3)?
//!
//! A model of a file system keeps, for every file, the bytes that were synced and those that were written, and for
//! every name what was synced and what was set. From the log of the scenario it makes the images that a cut may
//! leave, and each is read as a state.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::scenario::{RUNS, Seen, Witness, run};
use super::scripted_disk::{Call, ScriptedDisk};
use crate::domain::journal::JournalRecord;
use crate::platform::fs;
use crate::ports::state_store::Durability;
use crate::state::disk::{Disk, Machine};
use crate::state::{StateFolder, reading};

#[derive(Default, Clone)]
struct File {
    written: Vec<u8>,
    synced: Vec<u8>,
}

/// Files by number; names, as they are set and as they are synced.
#[derive(Default, Clone)]
struct Model {
    files: Vec<File>,
    names: BTreeMap<PathBuf, usize>,
    synced_names: BTreeMap<PathBuf, usize>,
}

/// Which half of what was not synced survives.
#[derive(Debug, Clone, Copy)]
struct Survives {
    bytes: bool,
    names: bool,
}

impl Model {
    fn apply(&mut self, call: &Call) {
        match call {
            Call::Create(path, bytes) => {
                self.files.push(File { written: bytes.clone(), synced: Vec::new() });
                self.names.insert(path.clone(), self.files.len() - 1);
            }
            Call::Append(path, bytes) => self.file(path).written.extend_from_slice(bytes),
            Call::Truncate(path, length) => {
                self.file(path).written.truncate(usize::try_from(*length).unwrap());
            }
            Call::Sync(path) => {
                let file = self.file(path);
                file.synced.clone_from(&file.written);
            }
            Call::SyncFolder(folder) => {
                self.synced_names.retain(|path, _| path.parent() != Some(folder));
                let names = self.names.iter().filter(|(path, _)| path.parent() == Some(folder));
                self.synced_names.extend(names.map(|(path, file)| (path.clone(), *file)));
            }
            Call::Rename(from, to) => {
                let file = self.names.remove(from).unwrap();
                self.names.insert(to.clone(), file);
            }
            Call::Link(from, to) => {
                self.names.insert(to.clone(), self.names[from]);
            }
            Call::Remove(path) => {
                self.names.remove(path);
            }
            Call::Other => {}
        }
    }

    fn file(&mut self, path: &Path) -> &mut File {
        let number = self.names[path];
        &mut self.files[number]
    }

    fn read(&self, folder: &Path, survives: Survives) -> Result<Seen, String> {
        let names = if survives.names { &self.names } else { &self.synced_names };
        let bytes = |number: &usize| {
            let File { written, synced } = &self.files[*number];
            if survives.bytes { written } else { synced }
        };
        let file = |path: PathBuf| names.get(&path).map(bytes);
        let found = if let Some(snapshot) = file(reading::snapshot_path(folder)) {
            let journal = file(reading::journal_path(folder)).map_or(&[][..], Vec::as_slice);
            reading::judge(&Machine, Path::new("/nonexistent"), snapshot, journal)
                .map(|reading| Some(reading.recovered))
        } else {
            // Whether it counts as new depends on the whole folder.
            let image = tempfile::tempdir().unwrap();
            for (path, number) in names {
                let path = image.path().join(path.strip_prefix(folder).unwrap());
                fs::create_folder(fs::parent(&path)).unwrap();
                Machine.create(&path, bytes(number)).unwrap();
            }
            StateFolder::open(image.path()).read()
        };
        found.map(Seen::of).map_err(|error| format!("{error}: {error:?}"))
    }
}

/// What was reported, and after how many calls of the disk.
struct History {
    disk: Arc<ScriptedDisk>,
    reports: Vec<Report>,
    attempted: Seen,
}

struct Report {
    calls: usize,
    durability: Durability,
    seen: Seen,
}

impl History {
    fn latest(&self) -> Seen {
        self.reports.last().map_or_else(|| Seen::of(None), |report| report.seen.clone())
    }
}

impl Witness for History {
    fn before(&mut self, record: Option<&JournalRecord>) {
        self.attempted = record.map_or_else(|| self.latest(), |record| self.latest().after(record));
    }

    fn after(&mut self, durability: Durability) {
        self.reports.push(Report { calls: self.disk.log().len(), durability, seen: self.attempted.clone() });
    }
}

#[test]
fn after_a_cut_at_any_call_the_state_is_the_reported_one_or_the_next() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("state");
    let disk = Arc::new(ScriptedDisk::default());
    let folder = StateFolder::on(disk.clone(), &path);
    let mut history = History { disk: disk.clone(), reports: Vec::new(), attempted: Seen::of(None) };
    for number in 0..RUNS {
        run(&folder, number, &mut history).unwrap();
    }
    let reports = &history.reports;
    let log = disk.log();
    let mut model = Model::default();
    for cut in 0..=log.len() {
        if let Some(call) = cut.checked_sub(1).map(|last| &log[last]) {
            model.apply(call);
        }
        let mut images = vec![model.clone()];
        if let Some(Call::Append(path, bytes)) = log.get(cut) {
            // The call under way, torn.
            images.extend((1..bytes.len()).step_by(3).map(|torn| {
                let mut model = model.clone();
                model.apply(&Call::Append(path.clone(), bytes[..torn].to_vec()));
                model
            }));
        }
        for (bytes, names) in [(true, true), (true, false), (false, true), (false, false)] {
            let survives = Survives { bytes, names };
            // A kill keeps what was reported as written, a power cut what was reported as synced.
            let is_kill = bytes && names;
            let sure = reports.iter().rposition(|report| {
                report.calls <= cut && (is_kill || report.durability == Durability::Synced)
            });
            let under_way = reports.iter().position(|report| report.calls > cut).unwrap_or(reports.len() - 1);
            let mut allowed: Vec<Seen> =
                reports[sure.unwrap_or(0)..=under_way].iter().map(|report| report.seen.clone()).collect();
            if sure.is_none() {
                allowed.push(Seen::of(None));
            }
            // Torn bytes are bytes that were not synced.
            for image in images.iter().take(if bytes { images.len() } else { 1 }) {
                let place = format!("cut after call {cut}, {survives:?}, next {:?}", log.get(cut));
                match image.read(&path, survives) {
                    Ok(seen) => assert!(allowed.contains(&seen), "{place}: {seen:?} is none of {allowed:?}"),
                    Err(error) => panic!("{place}: {error}"),
                }
            }
        }
    }
}
