//! Finds manifest files and reads their text.
//!
//! Promises: everything below a named folder that could be a manifest is read or reported, because what is missed would
//! be deleted later; nothing outside of it is read; no link loop, pipe or device makes it hang.

use std::collections::BTreeSet;
use std::error::Error as _;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::report::Findings;
use super::source::{Flaw, Flawed, Source};
use super::{codes, limits, parallel};
use crate::platform::fs::{self, Entry, EntryKind, FsError};
use crate::platform::watcher::Places;

/// The project file's name; it is no manifest.
pub(super) const PROJECT_FILE: &str = "reconcile.yaml";

/// Reads all manifests in the given files and folders, in the given order, sorted by path within a folder.
pub(super) fn sources(paths: &[PathBuf], workers: usize, findings: &mut Findings) -> Vec<Source> {
    let files = files(paths, findings);
    let (errors, bytes) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let read = |file: &PathBuf| {
        let mut own = Findings::default();
        let source = source(file, &mut own);
        errors.fetch_add(own.errors(), Ordering::Relaxed);
        bytes.fetch_add(source.as_ref().map_or(0, |source| source.text().len()), Ordering::Relaxed);
        (source, own)
    };
    let goes_on = || {
        errors.load(Ordering::Relaxed) < limits::ERRORS
            && bytes.load(Ordering::Relaxed) <= limits::TOTAL_BYTES
    };
    let mut sources = Vec::new();
    let mut bytes = 0;
    for (source, own) in parallel::in_order(&files, workers, read, goes_on) {
        if findings.is_full() {
            break;
        }
        findings.append(own);
        let Some(source) = source else { continue };
        bytes += source.text().len();
        if bytes > limits::TOTAL_BYTES {
            let message = format!("more than {} bytes in all files together", limits::TOTAL_BYTES);
            findings.error(
                codes::TOO_LARGE,
                message,
                Vec::new(),
                Some("load fewer files at once".to_owned()),
            );
            break;
        }
        sources.push(source);
    }
    sources
}

/// The manifest files in the given files and folders, in the same order.
pub(super) fn files(paths: &[PathBuf], findings: &mut Findings) -> Vec<PathBuf> {
    files_and_places(paths, findings).0
}

/// The same, and where a change could lead to other files or another text of them.
pub(super) fn files_and_places(paths: &[PathBuf], findings: &mut Findings) -> (Vec<PathBuf>, Places) {
    let mut search = Search { findings, seen: BTreeSet::new(), files: Vec::new(), places: Places::default() };
    for path in paths {
        search.named(path);
    }
    (search.files, search.places)
}

/// The names of the manifest files in the given files and folders, as diagnostics name them; what cannot be looked at has
/// none.
pub fn names(paths: &[PathBuf]) -> Vec<String> {
    files(paths, &mut Findings::default()).iter().map(|file| shown(file)).collect()
}

/// Reads one file as text; what is wrong with it is reported.
pub(super) fn source(path: &Path, findings: &mut Findings) -> Option<Source> {
    match fs::read(path, limits::FILE_BYTES) {
        Ok(bytes) => Some(text(shown(path), bytes, findings)?.below(fs::parent(path))),
        Err(error) => {
            unreadable(&error, findings);
            None
        }
    }
}

/// Takes the bytes of a file as text; what is wrong with them is reported.
pub(super) fn text(name: String, bytes: Vec<u8>, findings: &mut Findings) -> Option<Source> {
    let Flawed { source, at, flaw } = match Source::new(name, bytes) {
        Ok(source) => return Some(source),
        Err(flawed) => *flawed,
    };
    let (code, message, help) = match flaw {
        Flaw::NotUtf8 => {
            let help = "save the file with the encoding UTF-8".to_owned();
            (codes::NOT_UTF8, format!("{} is not UTF-8", source.name()), help)
        }
        Flaw::LineEnd(c) => {
            let code_point = u32::from(c);
            let message = format!("the character U+{code_point:04X} ends a line for some YAML readers only");
            (
                codes::LINE_END,
                message,
                format!("write \"\\u{code_point:04x}\", in double quotes, or remove it"),
            )
        }
    };
    findings.error(code, message, vec![source.label(at, "here")], Some(help));
    None
}

/// Reports a file or folder that cannot be read.
pub(super) fn unreadable(error: &FsError, findings: &mut Findings) {
    let code = match error {
        FsError::TooLarge { .. } => codes::TOO_LARGE,
        FsError::Io { .. } => codes::UNREADABLE,
    };
    let message = match error.source() {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    };
    findings.error(code, message, Vec::new(), None);
}

struct Search<'a> {
    findings: &'a mut Findings,
    /// The real paths of files and folders that were reached; as texts, which are compared faster than paths.
    seen: BTreeSet<OsString>,
    files: Vec<PathBuf>,
    places: Places,
}

impl Search<'_> {
    /// A path that the user named.
    fn named(&mut self, path: &Path) {
        self.places.add_path(path);
        match fs::entry(path) {
            Err(error) => unreadable(&error, self.findings),
            Ok(entry) if !self.seen.insert(entry.real.clone().into_os_string()) => {}
            Ok(entry) => match entry.kind {
                EntryKind::Other => self.not_regular(path),
                EntryKind::File => self.files.push(path.to_owned()),
                EntryKind::Folder => {
                    let before = self.files.len();
                    self.folder(path, &entry.real);
                    if let Some(found) = self.files.get_mut(before..) {
                        found.sort();
                    }
                }
            },
        }
    }

    /// A folder and everything below it that lies within `root`.
    fn folder(&mut self, path: &Path, root: &Path) {
        let mut open = vec![(path.to_owned(), root.to_owned())];
        while let Some((folder, real)) = open.pop() {
            self.places.add_folder(&real);
            match fs::entries(&folder, &real) {
                Err(error) => unreadable(&error, self.findings),
                Ok(entries) => {
                    for (path, entry) in entries.into_iter().filter(|(path, _)| !is_left_out(path)) {
                        if is_link(&path, &entry, &real) {
                            self.places.add_path(&path);
                        }
                        open.extend(self.found(path, entry, root));
                    }
                }
            }
            if self.seen.len() > limits::FILES {
                let message = format!("more than {} files and folders", limits::FILES);
                let help = Some("load fewer files at once".to_owned());
                return self.findings.error(codes::TOO_LARGE, message, Vec::new(), help);
            }
        }
    }

    /// Something in a folder; returned with its real path when it is a folder that was not seen yet.
    fn found(
        &mut self,
        path: PathBuf,
        entry: Result<Entry, FsError>,
        root: &Path,
    ) -> Option<(PathBuf, PathBuf)> {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                unreadable(&error, self.findings);
                return None;
            }
        };
        if entry.kind != EntryKind::Folder && !is_manifest(&path) {
            return None;
        }
        if !entry.real.starts_with(root) {
            let message = format!("{} is a link that leads out of the folder that was named", shown(&path));
            let help = Some("name its target too, or remove the link".to_owned());
            self.findings.error(codes::UNREADABLE, message, Vec::new(), help);
            return None;
        }
        if !self.seen.insert(entry.real.clone().into_os_string()) {
            return None;
        }
        match entry.kind {
            EntryKind::Folder => return Some((path, entry.real)),
            EntryKind::File => self.files.push(path),
            EntryKind::Other => self.not_regular(&path),
        }
        None
    }

    fn not_regular(&mut self, path: &Path) {
        let message = format!("cannot read {}: not a regular file", shown(path));
        self.findings.error(codes::UNREADABLE, message, Vec::new(), None);
    }
}

/// Hidden names (`.git`, `..data` of a Kubernetes volume) and the project file.
fn is_left_out(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    name.starts_with('.') || name == PROJECT_FILE
}

/// Whether an entry of the folder with this real path is a link. One that leads nowhere is one too.
fn is_link(path: &Path, entry: &Result<Entry, FsError>, folder: &Path) -> bool {
    entry.as_ref().map_or(true, |entry| {
        entry.real.file_name() != path.file_name() || entry.real.parent() != Some(folder)
    })
}

/// Whether a file of this name is read as a manifest.
pub fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// The path as messages show it: `.` in front of it says nothing.
pub(super) fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}
