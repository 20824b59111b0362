//! Loads the same manifests again and again: every look is at the whole tree, and only what changed in it is read.
//!
//! Promises the result that `load` would have, diagnostics included. What happened in between is not asked for: files are
//! compared by their stamps, and one whose last change is too young to be told from the next one is read again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::load::{self, Loaded, MOST, Part, Tally};
use super::report::Findings;
use super::source::Source;
use super::values::Values;
use super::{find, parallel};
use crate::domain::diagnostic::Diagnostic;
use crate::platform::fs::Stamp;
use crate::platform::watcher::Places;

/// The manifests in some files and folders, as they were at the last look.
#[derive(Debug)]
pub struct Incremental {
    paths: Vec<PathBuf>,
    values: Values,
    kept: BTreeMap<PathBuf, Kept>,
    /// What was wrong with the tree itself.
    astray: Findings,
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

    fn is_current(&self, path: &Path) -> bool {
        self.stamp.is_some() && self.stamp == Stamp::at(path).ok()
    }

    fn says_the_same(&self, other: &Self) -> bool {
        let text = |kept: &Self| kept.text.as_ref().map(|(source, _)| source.text().to_owned());
        self.flaws == other.flaws && text(self) == text(other)
    }
}

impl Incremental {
    /// The manifests in these files and folders, with these values. Reads nothing yet.
    pub fn new(paths: Vec<PathBuf>, values: Values) -> Self {
        Self { paths, values, kept: BTreeMap::new(), astray: Findings::default() }
    }

    /// Where a change would lead to another look, as things are now.
    pub fn places(&self) -> Places {
        find::files_and_places(&self.paths, &mut Findings::default()).1
    }

    /// Looks at the whole tree, at this time of day, and reads what is not as it was.
    pub fn look(&mut self, now: jiff::Timestamp) -> Look {
        let mut astray = Findings::default();
        let (files, places) = find::files_and_places(&self.paths, &mut astray);
        let mut before = std::mem::take(&mut self.kept);
        let is_current =
            |path: &&PathBuf| before.get(path.as_path()).is_some_and(|kept| kept.is_current(path));
        let moved: Vec<PathBuf> = files.iter().filter(|path| !is_current(path)).cloned().collect();

        let tally = Tally::default();
        tally.add_findings(&astray);
        let read = |path: &PathBuf| Kept::read(path, &self.values, now, &tally);
        let fresh = parallel::in_order(&moved, parallel::workers(), read, || tally.fits(MOST));
        let read = fresh.len();

        let mut changed = astray != self.astray;
        self.astray = astray;
        for (path, fresh) in moved.into_iter().zip(fresh) {
            let old = before.remove(&path);
            changed |= old.is_none_or(|old| !old.says_the_same(&fresh));
            self.kept.insert(path, fresh);
        }
        for path in &files {
            if let Some((path, kept)) = before.remove_entry(path)
                && kept.stamp.is_some()
            {
                kept.count(&tally);
                self.kept.insert(path, kept);
            }
        }
        changed |= !before.is_empty();
        if self.kept.len() < files.len() || !tally.fits(MOST) {
            // A limit of the whole load lies somewhere in these files: only who reads them in order finds it.
            self.kept.clear();
            let loaded = load::load(&self.paths, &self.values);
            return Look { loaded, read: files.len(), changed: true, places };
        }
        Look { loaded: self.join(&files), read, changed, places }
    }

    /// One load of what is kept.
    fn join(&self, files: &[PathBuf]) -> Result<Loaded, Vec<Diagnostic>> {
        let mut findings = self.astray.clone();
        let kept = || files.iter().filter_map(|path| self.kept.get(path));
        kept().for_each(|kept| findings.append(kept.flaws.clone()));
        let parts = kept().filter_map(|kept| kept.text.as_ref());
        let parts = parts.map(|(source, part)| (source, Some(part.clone())));
        load::join(MOST, parts, &self.values, findings)
    }
}
