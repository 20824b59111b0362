//! What a watch sees of the manifests: when something stirs, and what is there then.

use std::path::PathBuf;

use crate::cli::session::Session;
use crate::engine::watch::{Cause, Look};
use crate::manifest::{self, Incremental, is_manifest};
use crate::platform::time::wall;
use crate::platform::watcher::{Places, WatchError, Watcher};

/// What a look shows.
pub(super) type Seen = manifest::Look;

/// The manifests, and what tells that they stir.
pub(super) struct Eyes {
    manifests: Incremental,
    /// `None` when the kernel tells nothing: only the resync interval looks then.
    watcher: Option<Watcher>,
    told: Option<String>,
}

impl Eyes {
    /// Opens them on these paths: what stirs from here on is told. What stirs in the state folder is our own doing.
    pub(super) fn open(session: &Session, paths: Vec<PathBuf>) -> Self {
        let watcher = Watcher::new(&[session.wired.state.path().to_owned()], is_manifest);
        let manifests = Incremental::new(paths, session.wired.values.clone());
        let mut eyes = Self { manifests, watcher: None, told: None };
        match watcher {
            Ok(watcher) => {
                eyes.watcher = Some(watcher);
                eyes.follow(session, None);
                // That it was not followed before is no news to somebody who has not looked yet.
                eyes.has_stirred();
            }
            Err(error) => eyes.tell(session, &error),
        }
        eyes
    }

    /// Completes when something stirred since it completed last.
    pub(super) async fn stirred(&self) {
        match &self.watcher {
            Some(watcher) => watcher.stirred().await,
            None => std::future::pending().await,
        }
    }

    /// Whether something stirred since then.
    pub(super) fn has_stirred(&self) -> bool {
        self.watcher.as_ref().is_some_and(Watcher::has_stirred)
    }

    /// Whether somebody is still writing a manifest.
    pub(super) fn is_written(&self) -> bool {
        self.watcher.as_ref().is_some_and(Watcher::is_written)
    }

    /// Looks.
    pub(super) fn look(&mut self, session: &Session, look: Look) -> Seen {
        if let Some(watcher) = &mut self.watcher {
            if !look.quiet {
                watcher.doubt_writers();
            }
            watcher.renew(look.cause == Cause::Resync);
        }
        let mut seen = self.manifests.look(wall());
        self.follow(session, Some(std::mem::take(&mut seen.places)));
        seen
    }

    /// Follows these places, or those that there are now.
    fn follow(&mut self, session: &Session, places: Option<Places>) {
        let Some(watcher) = &mut self.watcher else { return };
        match watcher.follow(places.unwrap_or_else(|| self.manifests.places())) {
            Ok(()) => self.told = None,
            Err(error) => self.tell(session, &error),
        }
    }

    fn tell(&mut self, session: &Session, error: &WatchError) {
        let text = format!("{error}: what changes there is seen at the next resync");
        if self.told.as_ref() != Some(&text) {
            session.events.note(&text);
            self.told = Some(text);
        }
    }
}
