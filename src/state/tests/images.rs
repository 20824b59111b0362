//! What may a power cut leave at worst (G3)? A sample of everything that no sync forbids: of each name any value that it had
//! since its folder was synced, each by itself; of each file any sectors, of 512 bytes or of 4 KiB, at any length; the call under
//! way in part. Each image is a folder of its own, is read, and then a run goes on with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::power_cut::History;
use super::scenario::{Ledger, RUNS, Seen, run};
use super::scripted_disk::{Call, ScriptedDisk};
use crate::chance::Chance;
use crate::platform::fs;
use crate::ports::state_store::StateError;
use crate::reliability::{self, Report};
use crate::state::StateFolder;
use crate::state::disk::{Disk, Machine};

const SEED: u64 = 20_261_121;

#[derive(Default, Clone)]
struct File {
    written: Vec<u8>,
    synced: Vec<u8>,
}

impl File {
    fn after_a_cut(&self, chance: &mut Chance) -> Vec<u8> {
        let File { written, synced } = self;
        if written == synced {
            return written.clone();
        }
        let sector = *chance.one_of(&[512, 4096]);
        let (short, long) = (written.len().min(synced.len()), written.len().max(synced.len()));
        let length = match chance.below(4) {
            0 => written.len(),
            1 => synced.len(),
            2 => (short + chance.below(long - short + 1)).next_multiple_of(sector).min(long),
            _ => short + chance.below(long - short + 1),
        };
        // All of them, none, or each by itself.
        let way = chance.below(3);
        let kept: Vec<bool> =
            (0..=length / sector).map(|_| way == 0 || (way == 2 && chance.below(2) == 0)).collect();
        let byte = |at: usize| {
            let from = if kept[at / sector] { written } else { synced };
            from.get(at).copied().unwrap_or(0)
        };
        (0..length).map(byte).collect()
    }
}

/// The names of one folder: as they were synced, and every change since.
#[derive(Default, Clone)]
struct Names {
    synced: BTreeMap<PathBuf, usize>,
    since: Vec<(PathBuf, Option<usize>)>,
}

impl Names {
    fn now(&self) -> BTreeMap<PathBuf, usize> {
        Self::with(&self.synced, &self.since)
    }

    fn with(
        synced: &BTreeMap<PathBuf, usize>,
        changes: &[(PathBuf, Option<usize>)],
    ) -> BTreeMap<PathBuf, usize> {
        let mut names = synced.clone();
        for (name, file) in changes {
            match file {
                Some(file) => names.insert(name.clone(), *file),
                None => names.remove(name),
            };
        }
        names
    }

    fn after_a_cut(&self, chance: &mut Chance) -> BTreeMap<PathBuf, usize> {
        if chance.below(2) == 0 {
            return Self::with(&self.synced, &self.since[..chance.below(self.since.len() + 1)]);
        }
        // Each name stops somewhere of its own.
        let mut stops: BTreeMap<&Path, usize> = BTreeMap::new();
        for (name, _) in &self.since {
            stops.entry(name).or_insert_with(|| chance.below(self.since.len() + 1));
        }
        let reached = self.since.iter().enumerate().filter(|(nth, (name, _))| *nth < stops[name.as_path()]);
        Self::with(&self.synced, &reached.map(|(_, change)| change.clone()).collect::<Vec<_>>())
    }
}

#[derive(Default, Clone)]
struct Model {
    files: Vec<File>,
    folders: BTreeMap<PathBuf, Names>,
}

impl Model {
    fn names(&mut self, path: &Path) -> &mut Names {
        self.folders.entry(fs::parent(path).to_owned()).or_default()
    }

    fn number(&mut self, path: &Path) -> usize {
        if let Some(number) = self.names(path).now().get(path) {
            return *number;
        }
        self.files.push(File::default());
        let number = self.files.len() - 1;
        self.names(path).since.push((path.to_owned(), Some(number)));
        number
    }

    fn file(&mut self, path: &Path) -> &mut File {
        let number = self.number(path);
        &mut self.files[number]
    }

    fn apply(&mut self, call: &Call) {
        match call {
            Call::Create(path, bytes) | Call::Overwrite(path, bytes) => {
                self.file(path).written.clone_from(bytes);
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
                let names = self.folders.entry(folder.clone()).or_default();
                *names = Names { synced: names.now(), since: Vec::new() };
            }
            Call::Rename(from, to) => {
                let number = self.number(from);
                let names = self.names(from);
                names.since.extend([(to.clone(), Some(number)), (from.clone(), None)]);
            }
            Call::Link(from, to) => {
                let number = self.number(from);
                self.names(to).since.push((to.clone(), Some(number)));
            }
            Call::Remove(path) => self.names(path).since.push((path.clone(), None)),
            Call::Other => {}
        }
    }

    /// The part of a call that is under way.
    fn apply_in_part(&mut self, call: &Call, chance: &mut Chance) {
        let (Call::Create(path, bytes) | Call::Append(path, bytes) | Call::Overwrite(path, bytes)) = call
        else {
            return;
        };
        let part = bytes[..chance.below(bytes.len() + 1)].to_vec();
        let call = match call {
            Call::Create(..) => Call::Create(path.clone(), part),
            Call::Append(..) => Call::Append(path.clone(), part),
            _ => {
                let rest = self.file(path).written.get(part.len()..).unwrap_or_default().to_vec();
                Call::Overwrite(path.clone(), [part, rest].concat())
            }
        };
        self.apply(&call);
    }

    /// One image, as a folder.
    fn image(&self, state: &Path, into: &Path, chance: &mut Chance) {
        let bytes: Vec<Vec<u8>> = self.files.iter().map(|file| file.after_a_cut(chance)).collect();
        fs::create_folder(into).unwrap();
        for names in self.folders.values() {
            for (path, number) in names.after_a_cut(chance) {
                let path = into.join(path.strip_prefix(state).unwrap());
                fs::create_folder(fs::parent(&path)).unwrap();
                Machine.create(&path, &bytes[number]).unwrap();
            }
        }
    }
}

/// What the images of a log came to.
#[derive(Default)]
struct Tally {
    old: usize,
    new: usize,
    damaged: Vec<String>,
    wrong: Vec<String>,
}

/// So many images, cut behind each call in turn.
fn sample(log: &[Call], history: &History, state: &Path, images: usize) -> Tally {
    let mut chance = Chance::new(SEED);
    let mut tally = Tally::default();
    let place =
        tempfile::tempdir_in(["/dev/shm", "/tmp"].into_iter().find(|path| Path::new(path).is_dir()).unwrap());
    let place = place.unwrap();
    let mut model = Model::default();
    for cut in 0..=log.len() {
        if let Some(call) = cut.checked_sub(1).map(|last| &log[last]) {
            model.apply(call);
        }
        let each = images / (log.len() + 1) + usize::from(cut < images % (log.len() + 1));
        for nth in 0..each {
            let mut model = model.clone();
            if let Some(call) = log.get(cut).filter(|_| nth % 2 == 1) {
                model.apply_in_part(call, &mut chance);
            }
            let path = place.path().join("image");
            model.image(state, &path, &mut chance);
            judge(&path, &history.allowed(cut, false), &format!("image {nth} of cut {cut}"), &mut tally);
            std::fs::remove_dir_all(&path).unwrap();
        }
    }
    tally
}

fn judge(path: &Path, allowed: &[Seen], case: &str, tally: &mut Tally) {
    let found = match StateFolder::open(path).read() {
        Ok(found) => Seen::of(found),
        Err(error @ (StateError::Corrupt { .. } | StateError::LineageMismatch { .. })) => {
            tally.damaged.push(format!("{case}: {error}: {error:?}"));
            return;
        }
        Err(error) => return tally.wrong.push(format!("{case}: {error:?}")),
    };
    if !allowed.contains(&found) {
        return tally.wrong.push(format!("{case}: {found:?} is none of {allowed:?}"));
    }
    *(if allowed.first() == Some(&found) { &mut tally.old } else { &mut tally.new }) += 1;
    // A run goes on with it.
    let mut ledger = Ledger::from(found);
    let after = run(&StateFolder::on(Arc::new(ScriptedDisk::default()), path), RUNS - 1, &mut ledger);
    let read = StateFolder::open(path).read().map(Seen::of);
    if !matches!((&after, &read), (Ok(()), Ok(read)) if *read == ledger.sure) {
        tally.wrong.push(format!("{case}: goes on as {after:?}, {read:?}"));
    }
}

fn played() -> (tempfile::TempDir, PathBuf, Vec<Call>, History) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("state");
    let disk = Arc::new(ScriptedDisk::default());
    let folder = StateFolder::on(disk.clone(), &path);
    let mut history = History::on(&disk, Seen::of(None));
    for number in 0..RUNS {
        run(&folder, number, &mut history).unwrap();
    }
    let log = disk.log();
    (place, path, log, history)
}

#[test]
fn every_image_of_a_power_cut_is_the_old_state_or_the_new_one_and_a_run_goes_on_with_it() {
    let (_place, path, log, history) = played();
    let images = if reliability::is_long() { 100_000 } else { 10_000 };
    let Tally { old, new, damaged, wrong } = sample(&log, &history, &path, images);
    assert_eq!(wrong, [""; 0], "{} of {images}, seed {SEED}", wrong.len());
    assert_eq!(damaged, [""; 0], "{} of {images}, seed {SEED}", damaged.len());
    Report {
        harness: "state::power_cut",
        what: "images that a power cut may leave, each read and gone on with",
        cases: format!("{images} images behind {} calls", log.len() + 1),
        seed: Some(SEED),
        result: format!("{old} the old state, {new} a newer one, 0 damaged, 0 something else"),
        planted: "a snapshot, or its folder, that is not synced: `a_sync_that_is_left_out_is_found`",
    }
    .hand_in();
}

#[test]
fn a_sync_that_is_left_out_is_found() {
    let (_place, path, log, history) = played();
    let is_snapshot = |path: &PathBuf| path.ends_with("snapshot.json.new");
    let is_journal = |path: &PathBuf| path.ends_with("journal.jsonl");
    let without = |left_out: &dyn Fn(&Call) -> bool| {
        let log: Vec<Call> =
            log.iter().map(|call| if left_out(call) { Call::Other } else { call.clone() }).collect();
        let tally = sample(&log, &history, &path, 700);
        tally.wrong.len() + tally.damaged.len()
    };
    assert!(without(&|call| matches!(call, Call::Sync(path) if is_snapshot(path))) > 0);
    assert!(without(&|call| matches!(call, Call::Sync(path) if is_journal(path))) > 0);
    assert!(without(&|call| matches!(call, Call::SyncFolder(folder) if *folder == path)) > 0);
}
