//! `status`: the state at a glance. It reads the state alone, takes no lock, and asks a service only with `--live`.

use crate::cli::args::Status as Args;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::options::Sending;
use crate::cli::render::json;
use crate::cli::render::status::{self, Declared, Lock, Seen, Status};
use crate::cli::session::{Session, no_state};
use crate::domain::desired::{DesiredSet, Unresolved};
use crate::domain::journal::{Intent, Recovered};
use crate::domain::live::{Census, World};
use crate::domain::natural_key::NaturalKey;
use crate::engine::planner::scopes;
use crate::state::LockStatus;

pub(super) async fn status(session: &Session, args: Args) -> Result<Exit, CliError> {
    let sending = Sending::try_from(&args.pace)?;
    let paths: Vec<_> = args.paths.into_iter().chain(args.filename).collect();
    let desired = if paths.is_empty() { None } else { Some(session.manifests(paths)?.desired) };
    let folder = &session.wired.state;
    let (recovered, cut_off) = folder.read_with_cut_off()?.unwrap_or_else(|| (no_state(), Vec::new()));
    let seen =
        if args.live { Some(look(session, &recovered, desired.as_ref(), sending).await?) } else { None };
    let declared = desired.map(|desired| {
        let keys = desired.declared().values().map(|object| object.spec.key());
        let all: Vec<NaturalKey> = keys.collect();
        let recorded = all.iter().filter(|key| recovered.snapshot.resources.contains_key(key)).count();
        Declared { objects: all.len(), not_recorded: all.len() - recorded }
    });
    let lock = match folder.inspect_lock()? {
        LockStatus::Free => Lock::Free,
        LockStatus::Stale(holder) => Lock::Stale(holder),
        LockStatus::Held(holder) => Lock::Held(holder),
    };
    // What is under way is not cut off.
    let cut_off = cut_off.last().filter(|_| !matches!(lock, Lock::Held(_)));
    session.events.know(None, recovered.snapshot.serial);
    let status = Status {
        profile: &session.wired.profile,
        folder: folder.path(),
        recovered: &recovered,
        cut_off,
        lock,
        last_run: folder.last_run()?,
        declared,
        seen,
    };
    session.terminal.data(&if session.common.json {
        json::document("status", status::json(&status))
    } else {
        status::text(&status)
    });
    Ok(Exit::Success)
}

/// Lists every scope of what is recorded, open or declared.
async fn look(
    session: &Session,
    recovered: &Recovered,
    declared: Option<&Unresolved>,
    sending: Sending,
) -> Result<Seen, CliError> {
    let mut wanted = scopes(&DesiredSet::default(), &recovered.snapshot);
    wanted.extend(recovered.open.values().map(Intent::scope));
    wanted.extend(
        declared.iter().flat_map(|declared| declared.declared().values()).map(|d| d.spec.key().scope()),
    );
    let services = session.services()?;
    let world = session.observe(&services.provider, &wanted, sending).await?;
    Ok(seen(recovered, &world))
}

/// Counts what is live and not ours, and what is ours and not live.
fn seen(recovered: &Recovered, world: &World) -> Seen {
    let recorded = &recovered.snapshot.resources;
    let strays = &recovered.snapshot.strays;
    let live: usize = world.values().map(Census::len).sum();
    let unmanaged = world.values().flat_map(Census::objects);
    let unmanaged =
        unmanaged.filter(|live| !recorded.contains_key(&live.key) && !strays.contains_key(&live.key)).count();
    let absent = recorded.values().filter(|recorded| {
        let census = world.get(&recorded.key.scope());
        census.is_some_and(|census| census.get(&recorded.key).is_none() && !recorded.is_out_of_sight(census))
    });
    let out_of_sight = recorded.values().filter(|recorded| {
        world.get(&recorded.key.scope()).is_some_and(|census| recorded.is_out_of_sight(census))
    });
    Seen { live, unmanaged, absent: absent.count(), out_of_sight: out_of_sight.count() }
}
