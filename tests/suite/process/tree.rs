//! A folder of manifests that is edited in the ways of people and programs, and what it declares.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::scenario::{Connector, NAMESPACES};
use super::site::manifest;
use crate::support::chance::Chance;

/// Files that come, go and move.
const FILES: usize = 6;
const FOLDERS: [&str; 4] = [".", "one", "one/deep", "two"];

/// Longer than the debounce of the tests by far: somebody who does not know better looks meanwhile.
const PAUSE: Duration = Duration::from_millis(400);

/// Ways to edit.
#[derive(Debug, Clone, Copy)]
pub(super) enum Edit {
    /// Written in place.
    Write,
    /// A new file over the old one.
    Over,
    /// The old one out of the way, a new one, the old one removed.
    LikeVim,
    /// In place, with a long pause in the middle of it.
    InHalves,
    Remove,
    /// To another folder.
    Move,
    /// A folder with all that is in it.
    MoveFolder,
    /// A folder goes, and comes again as it was.
    FolderAnew,
    /// A folder takes the place of the file, and has it in it.
    IntoFolder,
    /// A link is turned to other files.
    Turn,
    /// No manifest any more, until it is written again.
    Break,
    /// A file that comes and goes.
    Pass,
    /// Files that are none.
    Noise,
}

impl Edit {
    pub(super) const ALL: [Self; 13] = [
        Self::Write,
        Self::Over,
        Self::LikeVim,
        Self::InHalves,
        Self::Remove,
        Self::Move,
        Self::MoveFolder,
        Self::FolderAnew,
        Self::IntoFolder,
        Self::Turn,
        Self::Break,
        Self::Pass,
        Self::Noise,
    ];
}

/// One file of the tree.
struct Text {
    path: PathBuf,
    /// What it declares; `None` when there is no such file.
    declares: Option<Vec<Connector>>,
    is_broken: bool,
}

/// The tree.
pub(super) struct Tree {
    root: PathBuf,
    files: Vec<Text>,
    turned: u32,
    version: u32,
    /// How often an object was declared in another way than before, or not at all, for however short a time: that many may
    /// have been deleted, and no more.
    pub(super) disturbed: usize,
}

impl Tree {
    /// A new one, with a connector that stays as it is.
    pub(super) fn new(root: &Path) -> Self {
        for folder in ["one/deep", "two", "links"] {
            fs::create_dir_all(root.join(folder)).unwrap();
        }
        fs::write(root.join("stays.yaml"), manifest(&[Self::staying()])).unwrap();
        symlink("..data/linked.yaml", root.join("links/linked.yaml")).unwrap();
        let text = |number| Text {
            path: root.join(FOLDERS[number % FOLDERS.len()]).join(format!("f{number}.yaml")),
            declares: None,
            is_broken: false,
        };
        let files = (0..FILES).map(text).collect();
        let mut tree = Self { root: root.to_owned(), files, turned: 0, version: 1, disturbed: 0 };
        tree.turn();
        tree
    }

    fn staying() -> Connector {
        Connector::new("orders", "stays", 1)
    }

    fn linked(&self) -> Connector {
        Connector::new("payments", "linked", self.turned)
    }

    /// Everything that is declared.
    pub(super) fn declared(&self) -> Vec<Connector> {
        let written = self.files.iter().filter_map(|file| file.declares.clone()).flatten();
        written.chain([Self::staying(), self.linked()]).collect()
    }

    /// Edits a file, or what it is in, in this way.
    pub(super) fn edit(&mut self, edit: Edit, chance: &mut Chance) {
        let number = chance.below(FILES);
        let path = self.files[number].path.clone();
        let beside = path.with_file_name("beside");
        match edit {
            Edit::Write => self.save(number, chance, |text| fs::write(&path, text).unwrap()),
            Edit::Over => self.save(number, chance, |text| {
                fs::write(&beside, text).unwrap();
                fs::rename(&beside, &path).unwrap();
            }),
            Edit::LikeVim => {
                self.is_absent(number);
                self.save(number, chance, |text| {
                    let was_there = fs::rename(&path, &beside).is_ok();
                    fs::write(&path, text).unwrap();
                    if was_there {
                        fs::remove_file(&beside).unwrap();
                    }
                });
            }
            Edit::InHalves => {
                let cut = chance.below(1_000);
                self.save(number, chance, |text| {
                    let (one, other) = text.as_bytes().split_at(text.len() * cut / 1_000);
                    let mut file = File::create(&path).unwrap();
                    file.write_all(one).unwrap();
                    std::thread::sleep(PAUSE);
                    file.write_all(other).unwrap();
                });
            }
            Edit::Remove => {
                self.is_absent(number);
                self.files[number].declares = None;
                self.files[number].is_broken = false;
                if path.exists() {
                    fs::remove_file(path).unwrap();
                }
            }
            Edit::Move => {
                let to = self.root.join(chance.one_of(&FOLDERS)).join(format!("f{number}.yaml"));
                // A rename is one step, but two folders cannot be looked at in one.
                self.is_absent(number);
                if path.exists() && !to.exists() {
                    fs::rename(&path, &to).unwrap();
                    self.files[number].path = to;
                }
            }
            Edit::MoveFolder => {
                for (from, to) in [("one", "away"), ("two", "one"), ("away", "two")] {
                    self.move_folder(from, to);
                }
                fs::create_dir_all(self.root.join("one/deep")).unwrap();
            }
            Edit::FolderAnew => self.folder_anew(),
            Edit::IntoFolder => {
                let is_file =
                    path.is_file() && path.parent().is_some_and(|above| above.extension().is_none());
                if is_file {
                    self.is_absent(number);
                    let text = fs::read(&path).unwrap();
                    fs::remove_file(&path).unwrap();
                    fs::create_dir(&path).unwrap();
                    fs::write(path.join("in.yaml"), text).unwrap();
                    self.files[number].path = path.join("in.yaml");
                }
            }
            Edit::Turn => (0..=chance.below(3)).for_each(|_| self.turn()),
            Edit::Break => {
                fs::write(path, "kind: [").unwrap();
                self.is_absent(number);
                self.files[number].is_broken = true;
            }
            Edit::Pass => {
                let passing = self.root.join("two/passing.yaml");
                for _ in 0..20 {
                    fs::write(&passing, manifest(&[Connector::new("orders", "passing", 1)])).unwrap();
                    fs::remove_file(&passing).unwrap();
                    self.disturbed += 1;
                }
            }
            Edit::Noise => {
                for turn in 0..1_000 {
                    let noise = self.root.join(format!("one/{}.tmp", turn % 7));
                    fs::write(&noise, "noise").unwrap();
                    fs::remove_file(noise).unwrap();
                }
            }
        }
    }

    /// Writes again what is broken.
    pub(super) fn repair(&mut self, chance: &mut Chance) {
        for number in 0..FILES {
            if self.files[number].is_broken {
                let path = self.files[number].path.clone();
                self.save(number, chance, |text| fs::write(path, text).unwrap());
            }
        }
    }

    /// Another text for a file: one or two connectors, of which one may be as it was.
    fn save(&mut self, number: usize, chance: &mut Chance, write: impl FnOnce(&str)) {
        self.version += 1;
        let both = ["x", "y"]
            .map(|letter| Connector::new(NAMESPACES[number % 2], &format!("{letter}{number}"), self.version));
        let before = self.files[number].declares.clone().unwrap_or_default();
        let mut after = both[..=chance.below(2)].to_vec();
        if let (Some(old), [_, new]) = (before.get(1), &mut after[..]) {
            *new = old.clone();
        }
        let stays = |old: &&Connector| !after.iter().any(|new| new.seen() == old.seen());
        self.disturbed += before.iter().filter(stays).count();
        write(&manifest(&after));
        self.files[number].declares = Some(after);
        self.files[number].is_broken = false;
    }

    /// For a moment a file is not to be seen.
    fn is_absent(&mut self, number: usize) {
        self.disturbed += self.files[number].declares.as_ref().map_or(0, Vec::len);
    }

    fn move_folder(&mut self, from: &str, to: &str) {
        let (from, to) = (self.root.join(from), self.root.join(to));
        fs::rename(&from, &to).unwrap();
        for number in 0..FILES {
            if let Ok(below) = self.files[number].path.strip_prefix(&from) {
                self.files[number].path = to.join(below);
                self.is_absent(number);
            }
        }
    }

    fn folder_anew(&mut self) {
        let folder = self.root.join("one");
        let inside: Vec<usize> =
            (0..FILES).filter(|number| self.files[*number].path.starts_with(&folder)).collect();
        let texts: Vec<Option<Vec<u8>>> =
            inside.iter().map(|number| fs::read(&self.files[*number].path).ok()).collect();
        fs::remove_dir_all(&folder).unwrap();
        fs::create_dir_all(folder.join("deep")).unwrap();
        for (number, text) in inside.into_iter().zip(texts) {
            self.is_absent(number);
            let path = &self.files[number].path;
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            if let Some(text) = text {
                fs::write(path, text).unwrap();
            }
        }
    }

    /// As Kubernetes does it.
    fn turn(&mut self) {
        let links = self.root.join("links");
        let old = links.join(format!("..{}", self.turned));
        self.turned += 1;
        self.disturbed += 1;
        let new = format!("..{}", self.turned);
        fs::create_dir(links.join(&new)).unwrap();
        fs::write(links.join(&new).join("linked.yaml"), manifest(&[self.linked()])).unwrap();
        symlink(&new, links.join("..tmp")).unwrap();
        fs::rename(links.join("..tmp"), links.join("..data")).unwrap();
        if old.exists() {
            fs::remove_dir_all(old).unwrap();
        }
    }
}
