//! What is followed: folders, and single names that lead to them.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::{Component, Path, PathBuf};

/// So many links are followed to find where a path leads, as the kernel does.
const LINKS: usize = 40;

/// Folders and names that matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// Every name in these matters. Real paths.
    pub(super) folders: BTreeSet<PathBuf>,
    /// These matter, whether there is something or not; the folders that they are in are real paths.
    pub(super) names: BTreeSet<PathBuf>,
}

impl Places {
    /// A folder, by its real path: every name in it matters.
    pub fn add_folder(&mut self, real: &Path) {
        self.folders.insert(real.to_owned());
    }

    /// Where a path leads: every link on the way matters, and the place at the end of it.
    pub fn add_path(&mut self, path: &Path) {
        self.names.extend(way(path));
    }

    /// The folders in which something has to be followed.
    pub(super) fn watched(&self) -> BTreeSet<PathBuf> {
        let above = self.names.iter().filter_map(|name| name.parent()).map(Path::to_owned);
        self.folders.iter().cloned().chain(above).collect()
    }

    /// Whether what happens at a path may be another picture. What happens to a folder happens to all that is below it.
    pub(super) fn concern(&self, path: &Path) -> bool {
        self.folders.contains(path)
            || path.parent().is_some_and(|above| self.folders.contains(above))
            || begins(&self.names, path)
    }

    /// Whether a path is one of the names.
    pub(super) fn name(&self, path: &Path) -> bool {
        self.names.contains(path)
    }
}

/// Whether one of the paths is this one, or lies below it.
fn begins(all: &BTreeSet<PathBuf>, path: &Path) -> bool {
    all.range(path.to_owned()..).next().is_some_and(|first| first.starts_with(path))
}

/// The links on the way of a path, and where it leads: each in a folder that is real. What cannot be gone further ends the
/// way.
pub(super) fn way(path: &Path) -> Vec<PathBuf> {
    let mut way = Vec::new();
    let Ok(path) = std::path::absolute(path) else { return way };
    let mut real = PathBuf::from("/");
    let mut rest: Vec<OsString> = Vec::new();
    push(&mut rest, &path);
    while let Some(part) = rest.pop() {
        if part == OsStr::new("..") {
            real.pop();
            continue;
        }
        let there = real.join(&part);
        let Ok(found) = std::fs::symlink_metadata(&there) else {
            way.push(there);
            return way;
        };
        if !found.is_symlink() {
            real = there;
            continue;
        }
        let target = std::fs::read_link(&there);
        way.push(there);
        match target {
            Ok(target) if way.len() <= LINKS => {
                if target.is_absolute() {
                    real = PathBuf::from("/");
                }
                push(&mut rest, &target);
            }
            Ok(_) | Err(_) => return way,
        }
    }
    way.push(real);
    way
}

/// Puts the parts of a path on top of a stack, its first part uppermost.
fn push(rest: &mut Vec<OsString>, path: &Path) {
    let parts = path.components().rev().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        Component::CurDir | Component::RootDir | Component::Prefix(_) => None,
    });
    rest.extend(parts);
}
