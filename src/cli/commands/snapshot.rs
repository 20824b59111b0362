//! `snapshot`: records what a plan reads, for planning elsewhere. Changes nothing and takes no lock.

use std::path::Path;

use serde_json::json;

use crate::cli::args::{Manifests, Pace};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::options::{Sending, paths};
use crate::cli::render::json;
use crate::cli::render::summary::count;
use crate::cli::session::Session;
use crate::domain::live::Census;
use crate::ports::clock::Clock;
use crate::saved::{SavedLive, Stamp};

pub(super) async fn snapshot(
    session: &Session,
    manifests: &Manifests,
    out: &Path,
    pace: &Pace,
) -> Result<Exit, CliError> {
    let sending = Sending::try_from(pace)?;
    let loaded = session.manifests(paths(manifests))?;
    let recovered = session.recorded()?;
    let services = session.services()?;
    let declared = loaded.desired.declared();
    let evidence = session.evidence(&services.provider, declared, recovered, sending).await?;
    let stamp = Stamp::of(session.clock.timestamp());
    let saved = SavedLive { stamp, profile: session.wired.profile.clone(), evidence };
    saved.write(out)?;
    let live = &saved.evidence.live;
    let objects: usize = live.values().map(Census::len).sum();
    let serial = saved.evidence.recovered.snapshot.serial;
    if session.common.json {
        let document = json!({
            "file": out.display().to_string(), "createdAt": saved.stamp.created_at, "profile": saved.profile,
            "serial": serial, "scopes": live.keys().map(ToString::to_string).collect::<Vec<_>>(), "objects": objects,
        });
        session.terminal.data(&json::document("snapshot", document));
    } else {
        let (objects, scopes) = (count(objects, "live object"), count(live.len(), "scope"));
        session.terminal.data(&format!(
            "Recorded {objects} of {scopes} and the state at serial {serial} in {}.\n",
            out.display()
        ));
    }
    Ok(Exit::Success)
}
