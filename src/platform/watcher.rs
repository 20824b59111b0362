//! Told by the kernel that something stirs below some paths. What it was is not told on: events are dropped, doubled and
//! late, so they only say when to look.
//!
//! Promises: an overflow, a rescan and an error stir too; a path that is removed and made again, or a link that is turned,
//! is followed after the next look; reading stirs nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::Notify;

/// Why nothing is told of some path.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The kernel tells nothing at all.
    #[error("changes of files cannot be followed: {0}")]
    Unsupported(String),
    /// It tells nothing of this path.
    #[error("changes below {path} cannot be followed: {reason}")]
    Path {
        /// The path.
        path: PathBuf,
        /// Why, for example that there are too many folders.
        reason: String,
    },
}

/// What the thread of the kernel's events and the watcher share.
#[derive(Debug, Default)]
struct Shared {
    stirred: Notify,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// What is watched, as absolute paths.
    roots: Vec<PathBuf>,
    /// What stirs below these is nobody's business.
    ignored: Vec<PathBuf>,
    /// What is watched may not be what it was: the watches are to be made anew.
    turned: bool,
}

/// Follows some files and folders.
pub struct Watcher {
    shared: Arc<Shared>,
    inner: RecommendedWatcher,
    roots: Vec<PathBuf>,
    /// What is registered with the kernel, and whether with everything below it.
    registered: BTreeMap<PathBuf, RecursiveMode>,
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watcher").field("roots", &self.roots).finish_non_exhaustive()
    }
}

impl Watcher {
    /// Prepares to follow these paths, but for what is below the others. Nothing is followed before [`Self::follow`].
    ///
    /// # Errors
    /// [`WatchError::Unsupported`]
    pub fn new(paths: &[PathBuf], ignored: &[PathBuf]) -> Result<Self, WatchError> {
        let unsupported = |error: &dyn std::fmt::Display| WatchError::Unsupported(error.to_string());
        let absolute = |paths: &[PathBuf]| {
            let all: std::io::Result<Vec<PathBuf>> = paths.iter().map(std::path::absolute).collect();
            all.map_err(|error| unsupported(&error))
        };
        let roots = absolute(paths)?;
        let inner = Inner { roots: roots.clone(), ignored: absolute(ignored)?, turned: true };
        let shared = Arc::new(Shared { inner: Mutex::new(inner), ..Shared::default() });
        let heard = Arc::clone(&shared);
        let inner = notify::recommended_watcher(move |event| heard.hear(event))
            .map_err(|error| unsupported(&error))?;
        Ok(Self { shared, inner, roots, registered: BTreeMap::new() })
    }

    /// Completes when something stirred since the last time that it completed.
    pub async fn stirred(&self) {
        self.shared.stirred.notified().await;
    }

    /// Makes the watches anew if what is watched may not be what it was, or if asked to. To be called before each look:
    /// what stirs after it is told.
    ///
    /// # Errors
    /// [`WatchError::Path`]; the others are followed.
    pub fn follow(&mut self, anew: bool) -> Result<(), WatchError> {
        let turned = std::mem::take(&mut self.shared.lock().turned);
        if !turned && !anew {
            return Ok(());
        }
        for path in std::mem::take(&mut self.registered).into_keys() {
            // The kernel forgets by itself what is removed.
            if let Err(error) = self.inner.unwatch(&path) {
                tracing::debug!(path = %path.display(), %error, "not followed any more");
            }
        }
        let mut wanted: BTreeMap<PathBuf, RecursiveMode> = BTreeMap::new();
        for root in &self.roots {
            // The folder above tells when the root itself is removed, made, renamed or turned to another place.
            let above = root.ancestors().skip(1).find(|above| above.is_dir());
            wanted.extend(
                above
                    .filter(|above| !wanted.contains_key(*above))
                    .map(|above| (above.to_owned(), RecursiveMode::NonRecursive)),
            );
        }
        let folders = self.roots.iter().filter(|root| root.is_dir());
        wanted.extend(folders.map(|root| (root.clone(), RecursiveMode::Recursive)));
        let mut failed = None;
        for (path, mode) in wanted {
            match self.inner.watch(&path, mode) {
                Ok(()) => {
                    self.registered.insert(path, mode);
                }
                Err(error) => {
                    // It may be there at the next look.
                    self.shared.lock().turned = true;
                    failed = Some(WatchError::Path { path, reason: error.to_string() });
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hear(&self, event: Result<Event, notify::Error>) {
        let mut inner = self.lock();
        match event {
            // Something was lost: whatever is watched may be another thing.
            Err(_) => inner.turned = true,
            Ok(event) if event.need_rescan() => inner.turned = true,
            Ok(event) => {
                inner.turned |= inner.is_turned(&event);
                if !inner.is_told(&event) {
                    return;
                }
            }
        }
        drop(inner);
        self.stirred.notify_one();
    }
}

impl Inner {
    /// Whether the event is about one of the roots itself, or something above it.
    fn is_turned(&self, event: &Event) -> bool {
        let moves = matches!(
            event.kind,
            EventKind::Create(_)
                | EventKind::Remove(_)
                | EventKind::Modify(notify::event::ModifyKind::Name(_))
        );
        moves && event.paths.iter().any(|path| self.roots.iter().any(|root| root.starts_with(path)))
    }

    /// Whether the event may mean another text or another file. One without paths may.
    fn is_told(&self, event: &Event) -> bool {
        let below = |path: &Path, all: &[PathBuf]| all.iter().any(|root| path.starts_with(root));
        let about_us = |path: &PathBuf| {
            (below(path, &self.roots) || self.roots.iter().any(|root| root.starts_with(path)))
                && !below(path, &self.ignored)
        };
        !event.kind.is_access() && (event.paths.is_empty() || event.paths.iter().any(about_us))
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{AccessKind, CreateKind, Flag, ModifyKind, RemoveKind, RenameMode};

    use super::*;

    fn shared() -> Shared {
        let inner = Inner { roots: vec!["/p/m".into()], ignored: vec!["/p/m/state".into()], turned: false };
        Shared { inner: Mutex::new(inner), ..Shared::default() }
    }

    fn event(kind: EventKind, path: &str) -> Event {
        Event::new(kind).add_path(path.into())
    }

    /// Whether it stirred, and whether the watches are to be made anew.
    fn heard(event: Result<Event, notify::Error>) -> (bool, bool) {
        use futures_util::FutureExt as _;
        let shared = shared();
        shared.hear(event);
        (shared.stirred.notified().now_or_never().is_some(), shared.lock().turned)
    }

    #[test]
    fn what_may_be_another_text_stirs_and_reading_does_not() {
        let modified = EventKind::Modify(ModifyKind::Any);
        assert_eq!(heard(Ok(event(modified, "/p/m/a.yaml"))), (true, false));
        assert_eq!(heard(Ok(event(modified, "/p/m/state/lock"))), (false, false));
        assert_eq!(heard(Ok(event(modified, "/p/other"))), (false, false));
        assert_eq!(heard(Ok(event(EventKind::Access(AccessKind::Any), "/p/m/a.yaml"))), (false, false));
    }

    #[test]
    fn a_root_that_comes_goes_or_turns_stirs_and_is_followed_anew() {
        for kind in [
            EventKind::Create(CreateKind::Any),
            EventKind::Remove(RemoveKind::Any),
            EventKind::Modify(ModifyKind::Name(RenameMode::Any)),
        ] {
            assert_eq!(heard(Ok(event(kind, "/p/m"))), (true, true));
            assert_eq!(heard(Ok(event(kind, "/p"))), (true, true));
            assert_eq!(heard(Ok(event(kind, "/p/m/deep"))), (true, false));
        }
    }

    /// An overflow comes as an event without paths: a filter by path must not drop it.
    #[test]
    fn an_overflow_an_error_and_an_event_without_paths_stir() {
        assert_eq!(heard(Ok(Event::new(EventKind::Other).set_flag(Flag::Rescan))), (true, true));
        assert_eq!(heard(Err(notify::Error::generic("lost"))), (true, true));
        assert_eq!(heard(Ok(Event::new(EventKind::Any))), (true, false));
    }

    #[tokio::test]
    async fn a_folder_that_is_removed_and_made_again_is_followed_again() {
        let above = tempfile::tempdir().unwrap();
        let (root, file) = (above.path().join("m"), above.path().join("m/a.yaml"));
        let mut watcher = Watcher::new(std::slice::from_ref(&root), &[]).unwrap();
        watcher.follow(false).unwrap();
        for text in ["one", "two"] {
            std::fs::create_dir(&root).unwrap();
            watcher.stirred().await;
            watcher.follow(false).unwrap();
            crate::platform::fs::replace(&file, text.as_bytes()).unwrap();
            watcher.stirred().await;
            std::fs::remove_dir_all(&root).unwrap();
            watcher.stirred().await;
            watcher.follow(false).unwrap();
        }
    }
}
