//! Loads the same manifests again and again: every look is at the whole tree, and only what changed in it is read.
//!
//! Promises the result that `load` would have, diagnostics included. What happened in between is not asked for: files are
//! compared by their stamps, and one whose last change is too young to be told from the next one is read again.

mod patch;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use self::patch::Patch;
use super::load::{self, Loaded, MOST, Part, Tally};
use super::report::Findings;
use super::source::Source;
use super::values::Values;
use super::{find, parallel};
use crate::domain::address::Address;
use crate::domain::desired::Touched;
use crate::domain::diagnostic::Diagnostic;
use crate::platform::fs::Stamp;
use crate::platform::watcher::Places;

/// The manifests in some files and folders, as they were at the last look.
#[derive(Debug)]
pub struct Incremental {
    paths: Vec<PathBuf>,
    values: Values,
    /// The files of the last look, in its order, and what they held.
    files: Vec<PathBuf>,
    kept: Vec<Kept>,
    /// What was wrong with the tree itself.
    astray: Findings,
    /// What the last look has loaded, if it has.
    loaded: Option<Loaded>,
}

/// What a look showed.
#[derive(Debug)]
pub struct Look {
    /// What is declared now, or everything that is wrong.
    pub loaded: Result<Loaded, Vec<Diagnostic>>,
    /// How many files were read for it.
    pub read: usize,
    /// Whether a text, or the set of files, is another one than at the look before.
    pub changed: bool,
    /// What is declared in another way than at the look before.
    pub touched: Touched,
    /// Where a change would lead to another look.
    pub places: Places,
}

/// A file as it was read last.
#[derive(Debug)]
struct Kept {
    /// `None` when the file is to be read again whatever its stamp says.
    stamp: Option<Stamp>,
    /// `None` when it could not be read.
    text: Option<(Source, Part)>,
    /// What is wrong with the file before it is YAML.
    flaws: Findings,
}

impl Kept {
    fn read(path: &Path, values: &Values, now: jiff::Timestamp, tally: &Tally) -> Self {
        // Before the text: a change in between shows at the next look.
        let stamp = Stamp::at(path).ok().filter(|stamp| stamp.proves(now));
        let mut flaws = Findings::default();
        let source = find::source(path, &mut flaws);
        tally.add_findings(&flaws);
        let text = source.map(|source| {
            tally.add_text(&source);
            let part = Part::of(MOST, &source, values);
            tally.add(&part);
            (source, part)
        });
        Self { stamp, text, flaws }
    }

    /// Counts what is kept to what was read anew.
    fn count(&self, tally: &Tally) {
        tally.add_findings(&self.flaws);
        if let Some((source, part)) = &self.text {
            tally.add_text(source);
            tally.add(part);
        }
    }

    /// What it gave, if nothing was wrong with it before it was YAML.
    fn part(&self) -> Option<&Part> {
        let (_, part) = self.text.as_ref()?;
        (self.flaws == Findings::default()).then_some(part)
    }

    fn is_current(&self, path: &Path) -> bool {
        self.stamp.is_some() && self.stamp == Stamp::at(path).ok()
    }

    fn says_the_same(&self, other: &Self) -> bool {
        let same_text = match (&self.text, &other.text) {
            (Some((one, _)), Some((other, _))) => one.text() == other.text(),
            (one, other) => one.is_none() && other.is_none(),
        };
        self.flaws == other.flaws && same_text
    }
}

impl Incremental {
    /// The manifests in these files and folders, with these values. Reads nothing yet.
    pub fn new(paths: Vec<PathBuf>, values: Values) -> Self {
        Self { paths, values, files: Vec::new(), kept: Vec::new(), astray: Findings::default(), loaded: None }
    }

    /// Where a change would lead to another look, as things are now.
    pub fn places(&self) -> Places {
        find::files_and_places(&self.paths, &mut Findings::default()).1
    }

    /// Looks at the whole tree, at this time of day, and reads what is not as it was.
    pub fn look(&mut self, now: jiff::Timestamp) -> Look {
        let mut astray = Findings::default();
        let (files, places) = find::files_and_places(&self.paths, &mut astray);
        let same_files = is_same(&files, &self.files) && astray == self.astray;
        let before = self.kept_of(&files);
        let is_current =
            |(path, kept): &(&PathBuf, Option<Kept>)| kept.as_ref().is_some_and(|kept| kept.is_current(path));
        let before: Vec<_> = files.iter().zip(before).collect();
        let current = parallel::in_order(&before, parallel::workers(), is_current, || true);
        let moved: Vec<&PathBuf> =
            files.iter().zip(&current).filter(|(_, current)| !**current).map(|(path, _)| path).collect();

        let tally = Tally::default();
        tally.add_findings(&astray);
        let read = |path: &&PathBuf| Kept::read(path, &self.values, now, &tally);
        let fresh = parallel::in_order(&moved, parallel::workers(), read, || tally.fits(MOST));
        let read = fresh.len();

        self.astray = astray;
        let mut changed = !same_files;
        let mut kept = Vec::with_capacity(files.len());
        // What was read, with what stood there before.
        let mut replaced = Vec::new();
        let mut fresh = fresh.into_iter();
        for ((_, old), current) in before.into_iter().zip(current) {
            match old {
                Some(old) if current => {
                    old.count(&tally);
                    kept.push(old);
                }
                old => {
                    // Where it ends, a limit of the whole load was reached.
                    let Some(fresh) = fresh.next() else { break };
                    changed |= old.as_ref().is_none_or(|old| !old.says_the_same(&fresh));
                    replaced.extend(old.map(|old| (kept.len(), old)));
                    kept.push(fresh);
                }
            }
        }
        if kept.len() < files.len() || !tally.fits(MOST) {
            // A limit of the whole load lies somewhere in these files: only who reads them in order finds it.
            (self.files, self.kept, self.loaded) = (Vec::new(), Vec::new(), None);
            let loaded = load::load(&self.paths, &self.values);
            return Look { loaded, read: files.len(), changed: true, touched: Touched::Anything, places };
        }
        (self.files, self.kept) = (files, kept);
        let patched =
            self.loaded.take().filter(|_| same_files).and_then(|loaded| self.patch(loaded, &replaced));
        let (loaded, touched) = match patched {
            Some((loaded, touched)) => (Ok(loaded), Touched::Only(touched)),
            None => (self.join(), Touched::Anything),
        };
        self.loaded = loaded.as_ref().ok().cloned();
        Look { loaded, read, changed, touched, places }
    }

    /// What is kept of each of these files.
    fn kept_of(&mut self, files: &[PathBuf]) -> Vec<Option<Kept>> {
        let (before, kept) = (std::mem::take(&mut self.files), std::mem::take(&mut self.kept));
        if is_same(files, &before) {
            return kept.into_iter().map(Some).collect();
        }
        let mut kept: BTreeMap<OsString, Kept> =
            before.into_iter().map(PathBuf::into_os_string).zip(kept).collect();
        files.iter().map(|path| kept.remove(path.as_os_str())).collect()
    }

    /// What was loaded before, with what these files say now in place of what they said.
    fn patch(&self, mut loaded: Loaded, replaced: &[(usize, Kept)]) -> Option<(Loaded, BTreeSet<Address>)> {
        let mut touched = BTreeSet::new();
        for (index, old) in replaced {
            let new = self.kept.get(*index)?;
            let patch = Patch::between(old.part()?, new.part()?)?;
            touched.append(&mut patch.put_into(&mut loaded));
        }
        Some((loaded, touched))
    }

    /// One load of what is kept.
    fn join(&self) -> Result<Loaded, Vec<Diagnostic>> {
        let mut findings = self.astray.clone();
        self.kept.iter().for_each(|kept| findings.append(kept.flaws.clone()));
        let parts = self.kept.iter().filter_map(|kept| kept.text.as_ref());
        let parts = parts.map(|(source, part)| (source, Some(part.clone())));
        load::join(MOST, parts, &self.values, findings)
    }
}

/// Whether these are the same paths in the same order. As texts, which are compared faster than paths.
fn is_same(one: &[PathBuf], other: &[PathBuf]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one.as_os_str() == other.as_os_str())
}
