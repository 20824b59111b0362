//! What does a power cut leave, at every point of the scenario (G3)?
//!
//! A model of a file system keeps, for every file, the bytes that were synced and those that were written, and for
//! every name what was synced and what was set. From the log of the scenario it makes the images that a cut may
//! leave, and each is read as a state. Of what was appended to the journal since its last sync, any sectors may be missing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::scenario::{RUNS, Seen, Witness, run};
use super::scripted_disk::{Call, ScriptedDisk};
use super::world::{durably, lock, register};
use crate::domain::journal::JournalRecord;
use crate::platform::fs;
use crate::ports::state_store::StateStore;
use crate::state::disk::{Disk, Machine};
use crate::state::{StateFolder, backup, reading};

/// What a disk writes in one piece, in bytes.
const SECTOR: usize = 512;

#[derive(Default, Clone)]
struct File {
    written: Vec<u8>,
    synced: Vec<u8>,
}

impl File {
    /// What it may hold after a cut: it ends where it was synced or written, behind a line, or about a sector; and of what
    /// was not synced it holds any sectors. The others are as they were synced; where nothing was, they read as zeros.
    fn after_a_cut(&self) -> BTreeSet<Vec<u8>> {
        let File { written, synced } = self;
        let same = written.iter().zip(synced).take_while(|(one, other)| one == other).count();
        let (short, long) = (written.len().min(synced.len()), written.len().max(synced.len()));
        let ends = |length: &usize| {
            let is_behind_a_line =
                length.checked_sub(1).is_some_and(|last| written.get(last) == Some(&b'\n'));
            [short, long].contains(length) || length % SECTOR <= 1 || is_behind_a_line
        };
        let held = |length: usize| {
            let first = same / SECTOR;
            subsets(length.div_ceil(SECTOR).saturating_sub(first)).into_iter().map(move |kept| {
                let byte = |at: usize| {
                    let is_kept = (at / SECTOR).checked_sub(first).is_none_or(|sector| kept[sector]);
                    let from = if is_kept { written } else { synced };
                    from.get(at).copied().unwrap_or(0)
                };
                (0..length).map(byte).collect()
            })
        };
        (short..=long).filter(ends).flat_map(held).collect()
    }
}

/// All subsets of so many things, or, when those are too many, the ones with at most one in or one out.
fn subsets(things: usize) -> Vec<Vec<bool>> {
    if things <= 5 {
        return (0..1 << things)
            .map(|bits| (0..things).map(|thing| bits >> thing & 1 == 1).collect())
            .collect();
    }
    let but_one = |one: usize, rest: bool| (0..things).map(|thing| (thing == one) != rest).collect();
    (0..=things).flat_map(|one| [but_one(one, false), but_one(one, true)]).collect()
}

/// Files by number; names, as they are set and as they are synced.
#[derive(Default, Clone)]
struct Model {
    files: Vec<File>,
    names: BTreeMap<PathBuf, usize>,
    synced_names: BTreeMap<PathBuf, usize>,
}

/// Which half of what was not synced survives, the bytes of the journal aside.
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
            // The lock file: here it always tells nothing. `images` has it.
            Call::Overwrite(..) | Call::Other => {}
        }
    }

    fn file(&mut self, path: &Path) -> &mut File {
        let number = self.names[path];
        &mut self.files[number]
    }

    /// The files of a folder, all of them synced.
    fn of(folder: &Path) -> Self {
        let mut model = Self::default();
        for path in
            [folder, &backup::folder_of(folder)].into_iter().flat_map(|folder| Machine.list(folder).unwrap())
        {
            if path.is_file() && !path.ends_with("lock") {
                model.apply(&Call::Create(path.clone(), Machine.read(&path).unwrap().unwrap()));
                model.apply(&Call::Sync(path));
            }
        }
        model.synced_names.clone_from(&model.names);
        model
    }

    fn names(&self, survives: Survives) -> &BTreeMap<PathBuf, usize> {
        if survives.names { &self.names } else { &self.synced_names }
    }

    /// What the journal may hold.
    fn journals(&self, folder: &Path, survives: Survives) -> BTreeSet<Vec<u8>> {
        match self.names(survives).get(&reading::journal_path(folder)).map(|number| &self.files[*number]) {
            None => [Vec::new()].into(),
            Some(journal) if !survives.bytes => [journal.synced.clone()].into(),
            Some(journal) => journal.after_a_cut(),
        }
    }

    fn read(&self, folder: &Path, survives: Survives, journal: &[u8]) -> Result<Seen, String> {
        let names = self.names(survives);
        let bytes = |number: &usize| {
            let File { written, synced } = &self.files[*number];
            if survives.bytes { written } else { synced }
        };
        let found = if let Some(snapshot) = names.get(&reading::snapshot_path(folder)) {
            reading::judge(&Machine, Path::new("/nonexistent"), bytes(snapshot), journal)
                .map(|reading| Some(reading.recovered))
        } else {
            // Whether it counts as new depends on the whole folder.
            let image = tempfile::tempdir().unwrap();
            for (path, number) in names {
                let bytes = if *path == reading::journal_path(folder) { journal } else { bytes(number) };
                let path = image.path().join(path.strip_prefix(folder).unwrap());
                fs::create_folder(fs::parent(&path)).unwrap();
                Machine.create(&path, bytes).unwrap();
            }
            StateFolder::open(image.path()).read()
        };
        found.map(Seen::of).map_err(|error| format!("{error}: {error:?}"))
    }
}

/// What was reported, and after how many calls of the disk.
pub(super) struct History {
    disk: Arc<ScriptedDisk>,
    initial: Seen,
    reports: Vec<Report>,
    attempted: Seen,
}

struct Report {
    calls: usize,
    is_durable: bool,
    seen: Seen,
}

impl History {
    pub(super) fn on(disk: &Arc<ScriptedDisk>, initial: Seen) -> Self {
        Self { disk: disk.clone(), attempted: initial.clone(), initial, reports: Vec::new() }
    }

    fn latest(&self) -> Seen {
        self.reports.last().map_or_else(|| self.initial.clone(), |report| report.seen.clone())
    }

    /// What a kill or a power cut behind so many calls may leave.
    pub(super) fn allowed(&self, cut: usize, is_kill: bool) -> Vec<Seen> {
        let reports = &self.reports;
        // A kill keeps what was reported as written, a power cut what was reported as durable.
        let sure = reports.iter().rposition(|report| report.calls <= cut && (is_kill || report.is_durable));
        let under_way = reports.iter().position(|report| report.calls > cut).unwrap_or(reports.len() - 1);
        let between = reports[sure.unwrap_or(0)..=under_way].iter().map(|report| report.seen.clone());
        between.chain(sure.is_none().then(|| self.initial.clone())).collect()
    }
}

impl Witness for History {
    fn before(&mut self, record: Option<&JournalRecord>) {
        self.attempted = record.map_or_else(|| self.latest(), |record| self.latest().after(record));
    }

    fn after(&mut self, is_durable: bool) {
        self.reports.push(Report { calls: self.disk.log().len(), is_durable, seen: self.attempted.clone() });
    }
}

/// Cuts behind every call, and in the middle of every appended line.
fn cut_everywhere(mut model: Model, history: &History, folder: &Path) {
    let log = history.disk.log();
    let (mut images, mut holes) = (0, 0);
    for cut in 0..=log.len() {
        if let Some(call) = cut.checked_sub(1).map(|last| &log[last]) {
            model.apply(call);
        }
        let mut judge = |survives: Survives, journal: &[u8], is_kill: bool| {
            let place = || format!("cut after call {cut}, {survives:?}, next {:?}", log.get(cut));
            let show = || String::from_utf8_lossy(journal).replace('\0', "·");
            let allowed = history.allowed(cut, is_kill);
            images += 1;
            holes += usize::from(journal.contains(&0));
            match model.read(folder, survives, journal) {
                Ok(seen) => assert!(allowed.contains(&seen), "{}: {seen:?} is none of {allowed:?}", place()),
                Err(error) => panic!("{}: {error}\n{}", place(), show()),
            }
        };
        let everything = Survives { bytes: true, names: true };
        let journal = model.names.get(&reading::journal_path(folder)).map(|number| &model.files[*number]);
        let written = journal.map_or(&[][..], |journal| &journal.written);
        judge(everything, written, true);
        if let Some(Call::Append(_, bytes)) = log.get(cut) {
            // The call under way, torn.
            for torn in (1..bytes.len()).step_by(3) {
                judge(everything, &[written, &bytes[..torn]].concat(), true);
            }
        }
        for (bytes, names) in [(true, true), (true, false), (false, true), (false, false)] {
            let survives = Survives { bytes, names };
            if names || model.names != model.synced_names {
                for journal in model.journals(folder, survives) {
                    judge(survives, &journal, false);
                }
            }
        }
    }
    assert!(images > 1_000 && holes > 100, "{images} images, {holes} with holes");
}

#[test]
fn after_a_cut_at_any_call_the_state_is_the_reported_one_or_the_next() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("state");
    let disk = Arc::new(ScriptedDisk::default());
    let folder = StateFolder::on(disk.clone(), &path);
    let mut history = History::on(&disk, Seen::of(None));
    for number in 0..RUNS {
        run(&folder, number, &mut history).unwrap();
    }
    cut_everywhere(Model::default(), &history, &path);
}

#[test]
fn what_a_cut_left_does_not_mix_with_what_the_next_run_writes() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("state");
    let mut state = lock(&StateFolder::open(&path), "run-1").unwrap();
    durably(&mut state, &register(0, "a")).unwrap();
    let journal = reading::journal_path(&path);
    let synced = Machine.read(&journal).unwrap().unwrap().len();
    for (write, name) in [(1, "b"), (2, "c"), (3, "d"), (4, "e"), (5, "g")] {
        state.append(&register(write, name)).unwrap();
    }
    drop(state);
    // The cut takes the third sector of what was not synced.
    let mut bytes = Machine.read(&journal).unwrap().unwrap();
    let hole = synced.next_multiple_of(SECTOR) + 2 * SECTOR;
    bytes[hole..hole + SECTOR].fill(0);
    fs::replace(&journal, &bytes).unwrap();
    let left = StateFolder::open(&path).read().unwrap();
    let open = left.as_ref().unwrap().open.len();
    assert!((2..6).contains(&open), "what is before the hole is there, and nothing else: {open}");

    let model = Model::of(&path);
    let disk = Arc::new(ScriptedDisk::default());
    let mut history = History::on(&disk, Seen::of(left));
    run(&StateFolder::on(disk.clone(), &path), 2, &mut history).unwrap();
    cut_everywhere(model, &history, &path);
}
