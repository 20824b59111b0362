//! Told by the kernel that something stirs in some places. What it was is not told on: events are dropped, doubled and
//! late, so they only say when to look.
//!
//! Promises: an overflow and an error stir too; what was not followed before stirs once it is, because nobody told of what
//! happened there until then; a place that cannot be followed keeps none of the others from being followed; reading stirs
//! nothing. The one thing that is believed is that somebody is still writing a file: nobody else knows.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::FutureExt as _;
use notify::{ErrorKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use self::ears::Ears;
pub use self::places::Places;

mod ears;
mod places;
#[cfg(test)]
mod tests;

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

/// Follows some places.
pub struct Watcher {
    ears: Arc<Ears>,
    /// Of single folders only: what it makes of folders in folders and of links, it makes of names, and names change.
    kernel: RecommendedWatcher,
}

impl std::fmt::Debug for Watcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watcher").field("ears", &self.ears).finish_non_exhaustive()
    }
}

impl Watcher {
    /// Prepares to follow. What stirs below the `ignored` is nobody's business; of a change of content only the files
    /// whose `content` matters are. Nothing is followed before [`Self::follow`].
    ///
    /// # Errors
    /// [`WatchError::Unsupported`]
    pub fn new(ignored: &[PathBuf], content: fn(&Path) -> bool) -> Result<Self, WatchError> {
        let unsupported = |error: &dyn std::fmt::Display| WatchError::Unsupported(error.to_string());
        let real = ignored.iter().map(|path| places::way(path).into_iter().next_back().unwrap_or_default());
        let ears = Arc::new(Ears::new(real.collect(), content));
        let heard = Arc::clone(&ears);
        let kernel = notify::recommended_watcher(move |event| heard.hear(event))
            .map_err(|error| unsupported(&error))?;
        Ok(Self { ears, kernel })
    }

    /// Completes when something stirred since the time that it completed last.
    pub async fn stirred(&self) {
        self.ears.stirred().await;
    }

    /// Whether something stirred since the last time that this, or [`Self::stirred`], said so.
    pub fn has_stirred(&self) -> bool {
        self.ears.stirred().now_or_never().is_some()
    }

    /// Whether somebody has changed a file that is followed and still holds it open.
    pub fn is_written(&self) -> bool {
        self.ears.is_written()
    }

    /// Whoever holds a file open that he changed is not taken for a writer any more until he changes it again.
    pub fn doubt_writers(&self) {
        self.ears.doubt_writers();
    }

    /// Follows these places and no others from now on. To be called after each look: it stirs when there is a place that
    /// was not followed during the look.
    ///
    /// # Errors
    /// [`WatchError::Path`], the first one; the other places are followed.
    pub fn follow(&mut self, places: Places) -> Result<(), WatchError> {
        let wanted = self.ears.wanted(&places);
        let dropped = self.ears.turn_to(places, &wanted);
        self.unwatch(&dropped);
        let mut failed = None;
        let mut has_news = false;
        for path in self.ears.missing(&wanted) {
            match self.watch(path) {
                Ok(()) => has_news = true,
                Err((path, error)) => {
                    let is_last = matches!(error.kind, ErrorKind::MaxFilesWatch);
                    // Of what went away meanwhile, the folder above has told.
                    if !matches!(error.kind, ErrorKind::PathNotFound) {
                        failed.get_or_insert(WatchError::Path { path, reason: error.to_string() });
                    }
                    if is_last {
                        break;
                    }
                }
            }
        }
        if has_news {
            self.ears.stir();
        }
        failed.map_or(Ok(()), Err)
    }

    /// Follows everything anew if events were lost, or if asked to: whatever is followed may be another thing. To be called
    /// before a look.
    pub fn renew(&mut self, is_asked: bool) {
        let all = self.ears.doubted(is_asked);
        self.unwatch(&all);
        for path in all {
            // What is still wanted comes up again after the look.
            if let Err((path, error)) = self.watch(path) {
                tracing::debug!(path = %path.display(), %error, "not followed any more");
            }
        }
    }

    fn watch(&mut self, path: PathBuf) -> Result<(), (PathBuf, notify::Error)> {
        // Before the kernel is asked: an event may take it away again at once.
        self.ears.add(path.clone());
        self.kernel.watch(&path, RecursiveMode::NonRecursive).map_err(|error| {
            self.ears.remove(&path);
            (path, error)
        })
    }

    fn unwatch(&mut self, paths: &[PathBuf]) {
        for path in paths {
            // The kernel forgets by itself what is removed.
            if let Err(error) = self.kernel.unwatch(path) {
                tracing::debug!(path = %path.display(), %error, "not followed any more");
            }
        }
    }
}
