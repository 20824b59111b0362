//! `drift`: how live stands against what was last applied and what is declared, a word for every field. Changes nothing,
//! unless it is told to accept drift into the manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::json;

use super::accept::accept;
use crate::cli::args::{Accepting, Manifests, Pace, Selecting};
use crate::cli::error::CliError;
use crate::cli::events;
use crate::cli::exit::Exit;
use crate::cli::offline;
use crate::cli::options::{Sending, paths, selection};
use crate::cli::render::drift::{self, Standing};
use crate::cli::render::json;
use crate::cli::session::{Planned, Session};
use crate::domain::desired::{DesiredSet, Unresolved};
use crate::domain::evidence::Evidence;
use crate::domain::field::Fields;
use crate::domain::live::World;
use crate::domain::natural_key::NaturalKey;
use crate::domain::snapshot::Snapshot;
use crate::engine::planner::Options;
use crate::ports::provider::Provider;

/// What is looked at, and how the program ends.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish<'a> {
    /// Read each object by itself, where that shows more than a listing.
    pub(super) deep: bool,
    /// Not live, but what this live snapshot holds.
    pub(super) offline: Option<&'a Path>,
    /// Exit 7 when live moved.
    pub(super) detailed_exitcode: bool,
    /// Write what moved into the manifests.
    pub(super) accepting: Accepting,
}

pub(super) async fn drift(
    session: &Session,
    manifests: &Manifests,
    wish: Wish<'_>,
    selecting: &Selecting,
    pace: &Pace,
) -> Result<Exit, CliError> {
    let sending = Sending::try_from(pace)?;
    let options = Options { selection: selection(selecting)?, ..Options::default() };
    let loaded = session.manifests(paths(manifests))?;
    let (desired, evidence) = match wish.offline {
        Some(file) => offline::evidence(session, file, loaded.desired)?,
        None => observed(session, loaded.desired, wish.deep, sending).await?,
    };
    let planned = Planned::on(evidence, &desired, &options)?;
    let standings = drift::standings(&planned.plan, &desired, &planned.evidence.live);
    standings.iter().filter_map(events::drift).for_each(|told| session.events.tell(told));
    session.events.learn(|facts| facts.stood(&standings, &desired));
    session.events.know(None, planned.plan.serial);
    let moved = standings.iter().any(Standing::has_moved);
    if !session.common.json {
        session.terminal.data(&drift::text(&standings, wish.deep));
    }
    let accepted = if wish.accepting.write {
        Some(accept(session, &standings, &desired, wish.accepting.yes).await?)
    } else {
        None
    };
    if session.common.json {
        let mut fields = drift::json(&standings, wish.deep);
        if let (Some(accepted), Some(fields)) = (&accepted, fields.as_object_mut()) {
            fields.insert("written".to_owned(), json!(accepted.written));
            fields.insert("left".to_owned(), json!(accepted.left));
        }
        session.terminal.data(&json::document("drift", fields));
    }
    Ok(match accepted {
        // What was asked for was not done whole.
        Some(accepted) if !accepted.left.is_empty() => Exit::Error,
        None if moved && wish.detailed_exitcode => Exit::Drift,
        _ => Exit::Success,
    })
}

/// Lists, and with `deep` reads each object by itself.
async fn observed(
    session: &Session,
    declared: Unresolved,
    deep: bool,
    sending: Sending,
) -> Result<(DesiredSet, Evidence), CliError> {
    let desired = session.resolve(declared, None)?;
    let recovered = session.recorded()?;
    let services = session.services()?;
    let provider = &services.provider;
    let mut evidence = session.evidence(provider, &desired, recovered, sending).await?;
    if deep {
        let recorded = &evidence.recovered.snapshot;
        let details = describe(session, provider, &desired, recorded, &evidence.live).await?;
        for census in evidence.live.values_mut() {
            census.detail(&details);
        }
    }
    Ok((desired, evidence))
}

/// One request for each object that is ours: what a listing does not show of it.
async fn describe<P: Provider>(
    session: &Session,
    provider: &P,
    desired: &DesiredSet,
    recorded: &Snapshot,
    live: &World,
) -> Result<BTreeMap<NaturalKey, Fields>, CliError> {
    let declared = desired.values().map(|desired| desired.spec.key());
    let keys: BTreeSet<NaturalKey> = declared.chain(recorded.resources.keys().cloned()).collect();
    let present = keys.iter().filter_map(|key| live.get(&key.scope())?.get(key));
    let mut details = BTreeMap::new();
    for live in present {
        let described = session.describe(provider, live).await?;
        details.extend(described.map(|fields| (live.key.clone(), fields)));
    }
    Ok(details)
}
