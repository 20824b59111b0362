//! What a watch sees of the manifests: when something stirs, and what is there then.

use std::path::PathBuf;

use crate::cli::session::Session;
use crate::engine::watch::Cause;
use crate::manifest::{Incremental, Look};
use crate::platform::time::wall;
use crate::platform::watcher::{WatchError, Watcher};

/// The manifests, and what tells that they stir.
pub(super) struct Eyes {
    manifests: Incremental,
    /// `None` when the kernel tells nothing: only the resync interval looks then.
    watcher: Option<Watcher>,
    told: Option<String>,
}

impl Eyes {
    /// Opens them on these paths. What stirs in the state folder is our own doing.
    pub(super) fn open(session: &Session, paths: Vec<PathBuf>) -> Self {
        let watcher = Watcher::new(&paths, &[session.wired.state.path().to_owned()]);
        let manifests = Incremental::new(paths, session.wired.values.clone());
        let mut eyes = Self { manifests, watcher: None, told: None };
        match watcher {
            Ok(watcher) => eyes.watcher = Some(watcher),
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

    /// Looks. What stirs from here on is told.
    pub(super) fn look(&mut self, session: &Session, cause: Cause) -> Look {
        let followed = self.watcher.as_mut().map(|watcher| watcher.follow(cause == Cause::Resync));
        match followed {
            Some(Err(error)) => self.tell(session, &error),
            Some(Ok(())) => self.told = None,
            None => {}
        }
        self.manifests.look(wall())
    }

    fn tell(&mut self, session: &Session, error: &WatchError) {
        let text = format!("{error}: what changes there is seen at the next resync");
        if self.told.as_ref() != Some(&text) {
            session.events.note(&text);
            self.told = Some(text);
        }
    }
}
