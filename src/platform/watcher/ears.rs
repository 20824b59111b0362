//! What the thread of the kernel's events and the watcher share.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{Error, Event};
use tokio::sync::Notify;

use super::places::Places;

/// Hears events.
#[derive(Debug)]
pub(super) struct Ears {
    stirred: Notify,
    heard: Mutex<Heard>,
}

#[derive(Debug)]
struct Heard {
    places: Places,
    /// Real paths.
    ignored: Vec<PathBuf>,
    content: fn(&Path) -> bool,
    /// The folders that the kernel was asked for, and that nothing happened to since.
    followed: BTreeSet<PathBuf>,
    /// Events were lost: anything may have happened to what is followed.
    has_lost: bool,
    /// Files that were changed by somebody who has not closed them yet.
    written: BTreeSet<PathBuf>,
}

impl Ears {
    /// Ears that were told of no place yet.
    pub(super) fn new(ignored: Vec<PathBuf>, content: fn(&Path) -> bool) -> Self {
        let heard = Heard {
            places: Places::default(),
            ignored,
            content,
            followed: BTreeSet::new(),
            has_lost: false,
            written: BTreeSet::new(),
        };
        Self { stirred: Notify::new(), heard: Mutex::new(heard) }
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Completes when something stirred since the time that it completed last.
    pub(super) async fn stirred(&self) {
        self.stirred.notified().await;
    }

    /// Something stirred.
    pub(super) fn stir(&self) {
        self.stirred.notify_one();
    }

    /// Whether a file is still being written.
    pub(super) fn is_written(&self) -> bool {
        !self.lock().written.is_empty()
    }

    /// Forgets who writes.
    pub(super) fn doubt_writers(&self) {
        self.lock().written.clear();
    }

    /// The folders to follow for these places.
    pub(super) fn wanted(&self, places: &Places) -> BTreeSet<PathBuf> {
        let heard = self.lock();
        places.watched().into_iter().filter(|path| !heard.is_ignored(path)).collect()
    }

    /// From now on these places matter. Returns what is not to be followed any more.
    pub(super) fn turn_to(&self, places: Places, wanted: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
        let mut heard = self.lock();
        heard.places = places;
        let dropped: Vec<PathBuf> = heard.followed.difference(wanted).cloned().collect();
        for path in &dropped {
            heard.followed.remove(path);
            heard.written.retain(|written| written.parent() != Some(path));
        }
        dropped
    }

    /// Everything that is followed, if events were lost or somebody asks; it is not followed any more then.
    pub(super) fn doubted(&self, is_asked: bool) -> Vec<PathBuf> {
        let mut heard = self.lock();
        if !(std::mem::take(&mut heard.has_lost) | is_asked) {
            return Vec::new();
        }
        heard.written.clear();
        std::mem::take(&mut heard.followed).into_iter().collect()
    }

    /// What of it is not followed.
    pub(super) fn missing(&self, wanted: &BTreeSet<PathBuf>) -> Vec<PathBuf> {
        wanted.difference(&self.lock().followed).cloned().collect()
    }

    /// A folder is followed.
    pub(super) fn add(&self, path: PathBuf) {
        self.lock().followed.insert(path);
    }

    /// A folder is not followed.
    pub(super) fn remove(&self, path: &Path) {
        self.lock().followed.remove(path);
    }

    /// Takes in an event, or that some were lost.
    pub(super) fn hear(&self, event: Result<Event, Error>) {
        if self.lock().hear(event) {
            self.stir();
        }
    }
}

impl Heard {
    /// Whether it stirs.
    fn hear(&mut self, event: Result<Event, Error>) -> bool {
        let event = match event {
            Ok(event) if !event.need_rescan() => event,
            Ok(_) | Err(_) => {
                self.has_lost = true;
                self.written.clear();
                return true;
            }
        };
        match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => {
                return event.paths.iter().any(|path| self.written.remove(path));
            }
            EventKind::Access(_) => return false,
            EventKind::Modify(ModifyKind::Data(_)) => {
                let content = |path: &&PathBuf| self.is_content(path);
                let written: Vec<PathBuf> = event.paths.iter().filter(content).cloned().collect();
                let stirs = !written.is_empty() || event.paths.is_empty();
                // Elsewhere nobody tells that a file was closed.
                if cfg!(target_os = "linux") {
                    self.written.extend(written);
                }
                return stirs;
            }
            EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => {
                // The path may be another thing now, and what the kernel follows may be elsewhere.
                event.paths.iter().for_each(|path| self.forget(path));
            }
            EventKind::Any | EventKind::Other | EventKind::Modify(_) => {}
        }
        event.paths.is_empty() || event.paths.iter().any(|path| self.is_told(path))
    }

    /// Forgets that a folder and all below it are followed, and that somebody writes there.
    fn forget(&mut self, path: &Path) {
        for all in [&mut self.followed, &mut self.written] {
            while let Some(below) =
                all.range(path.to_owned()..).next().filter(|below| below.starts_with(path))
            {
                let below = below.clone();
                all.remove(&below);
            }
        }
    }

    fn is_ignored(&self, path: &Path) -> bool {
        self.ignored.iter().any(|ignored| path.starts_with(ignored))
    }

    fn is_told(&self, path: &Path) -> bool {
        self.places.concern(path) && !self.is_ignored(path)
    }

    /// Whether the content of the file is part of the picture.
    fn is_content(&self, path: &Path) -> bool {
        self.is_told(path) && ((self.content)(path) || self.places.name(path))
    }
}
