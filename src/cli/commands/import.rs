//! `import`: records what exists. It sends nothing that changes anything, and neither does the apply behind it: what no
//! read shows is assumed from the manifest. With `--write` the manifests come first and the record last, so that nothing
//! is ever recorded of which no manifest was written.

use std::collections::BTreeSet;
use std::path::PathBuf;

use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::json;
use wildmatch::WildMatch;

use super::import_write::{self, Written};
use crate::cli::args::Import;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::options::{Sending, lock_timeout};
use crate::cli::render::summary::count;
use crate::cli::render::{json, table};
use crate::cli::session::Session;
use crate::domain::address::{Address, AddressError, Kind, ObjectName};
use crate::domain::live::{Census, Live, World};
use crate::domain::natural_key::{KeyError, NamespaceName, NaturalKey, Scope, WorkspaceId};
use crate::domain::snapshot::{Snapshot, StateChange};
use crate::engine::executor::record;
use crate::engine::takeover::{Selection, select, taken_over};
use crate::ports::provider::Provider;

/// What is to be imported.
enum Wish {
    /// One object, under this address.
    One(Address, NaturalKey),
    /// Everything of a kind in these scopes, by name.
    All(Kind, BTreeSet<Scope>, WildMatch),
}

/// What was recorded.
struct Imported {
    objects: Vec<(Address, Live, Option<PathBuf>)>,
    recorded_before: usize,
    serial: String,
    blanks: usize,
}

pub(super) async fn import(session: &Session, args: &Import) -> Result<Exit, CliError> {
    let wish = wish(args)?;
    let sending = Sending::try_from(&args.pace)?;
    let lock_timeout = lock_timeout(&args.lock)?;
    let services = session.services()?;
    let mut state = session.lock("import", lock_timeout).await?;
    let recovered = state.recovered().clone();
    let scopes = match &wish {
        Wish::One(address, key) => {
            refuse_recorded(address, key, &recovered.snapshot)?;
            BTreeSet::from([key.scope()])
        }
        Wish::All(_, scopes, _) => scopes.clone(),
    };
    let world = session.observe(&services.provider, &scopes, sending).await?;
    let Selection { unmanaged, recorded: recorded_before } = match &wish {
        Wish::One(address, key) => {
            Selection { unmanaged: vec![(address.clone(), one(key, &world)?)], recorded: 0 }
        }
        Wish::All(kind, _, glob) => select(*kind, &world, &recovered.snapshot, |name| glob.matches(name)),
    };
    let found = describe_all(session, &services.provider, unmanaged, sending).await?;
    let manifests = match &args.write {
        Some(folder) => import_write::manifests(session, folder, &found)?,
        None => Written::default(),
    };
    let changes = found.iter().map(|(address, live)| {
        let observer = world.get(&live.key.scope()).and_then(|census| census.observer().cloned());
        StateChange::Put(Box::new(taken_over(address.clone(), live, observer)))
    });
    let serial = if found.is_empty() {
        recovered.snapshot.serial
    } else {
        record(&mut state, recovered.clone(), changes.collect())?
    };
    let files = manifests.files.into_iter().map(Some).chain(std::iter::repeat(None));
    let imported = Imported {
        objects: found.into_iter().zip(files).map(|((address, live), file)| (address, live, file)).collect(),
        recorded_before,
        serial: serial.to_string(),
        blanks: manifests.blanks,
    };
    if session.common.json {
        session.terminal.data(&json::document("import", document(&imported)));
    } else {
        session.terminal.data(&text(&wish, &imported, args));
    }
    Ok(Exit::Success)
}

fn wish(args: &Import) -> Result<Wish, CliError> {
    let usage = |error: AddressError| CliError::Usage(error.to_string());
    let kind: Kind = args.kind.parse().map_err(usage)?;
    if let Some(id) = &args.id {
        let key = NaturalKey::from_import_id(kind, id).map_err(unusable)?;
        let name = args.name.clone().unwrap_or_else(|| key.name().to_owned());
        let name = ObjectName::new(name)
            .map_err(|error| CliError::Usage(format!("{error}; --as NAME gives it one")))?;
        return Ok(Wish::One(Address { kind, name }, key));
    }
    let scopes = match (kind, &args.workspace, args.namespace.as_slice()) {
        (Kind::Store, None, []) => BTreeSet::from([Scope::Stores]),
        (Kind::Store, ..) => {
            let message = "stores have no workspace and no namespace: `import Store --all`".to_owned();
            return Err(CliError::Usage(message));
        }
        (Kind::FlinkConnector, Some(workspace), [_, ..]) => {
            let workspace = WorkspaceId::new(workspace.as_str()).map_err(unusable)?;
            let scope = |namespace: &String| {
                let namespace = NamespaceName::new(namespace.as_str()).map_err(unusable)?;
                Ok(Scope::FlinkNamespace { workspace: workspace.clone(), namespace })
            };
            args.namespace.iter().map(scope).collect::<Result<_, CliError>>()?
        }
        (Kind::FlinkConnector, ..) => {
            let message =
                "the service lists one namespace at a time: add --workspace ID and --namespace NAME";
            return Err(CliError::Usage(message.to_owned()));
        }
    };
    Ok(Wish::All(kind, scopes, WildMatch::new(args.glob.as_deref().unwrap_or("*"))))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` wants")]
fn unusable(error: KeyError) -> CliError {
    CliError::Usage(error.to_string())
}

fn refuse_recorded(address: &Address, key: &NaturalKey, snapshot: &Snapshot) -> Result<(), CliError> {
    if let Some(recorded) = snapshot.resources.get(key) {
        return Err(CliError::Refused {
            message: format!("{key} is recorded already, as {}", recorded.address),
            hint: format!("reconcile state mv {} {address}", recorded.address),
        });
    }
    if let Some(recorded) = snapshot.at(address).next() {
        return Err(CliError::Refused {
            message: format!("{address} is recorded already, for {}", recorded.key),
            hint: "--as NAME gives the imported object another name".to_owned(),
        });
    }
    Ok(())
}

fn one(key: &NaturalKey, world: &World) -> Result<Live, CliError> {
    let census = world.get(&key.scope());
    census.and_then(|census| census.get(key)).cloned().ok_or_else(|| {
        CliError::NotFound(match census.and_then(Census::observer) {
            None => format!("{key} does not exist: its namespace was listed completely"),
            Some(observer) => format!(
                "role {} does not list a store {key}: it does not exist, or another role owns it",
                observer.role
            ),
        })
    })
}

/// With what only a read of each object shows; of a connector the listing shows everything, and nothing is asked.
async fn describe_all<P: Provider>(
    session: &Session,
    provider: &P,
    found: Vec<(Address, Live)>,
    sending: Sending,
) -> Result<Vec<(Address, Live)>, CliError> {
    let described = found.into_iter().map(|(address, mut live)| async move {
        let details = session.describe(provider, &live).await?;
        live.fields.extend(details.unwrap_or_default());
        Ok((address, live))
    });
    stream::iter(described).buffered(sending.parallelism).try_collect().await
}

fn text(wish: &Wish, imported: &Imported, args: &Import) -> String {
    let Imported { objects, recorded_before, serial, blanks } = imported;
    let hidden = |kind: Kind| match kind {
        Kind::FlinkConnector => "its jarUrl",
        Kind::Store => "its secrets",
    };
    if let (Wish::One(address, key), None) = (wish, &args.write) {
        let hidden = hidden(address.kind);
        return format!(
            "Imported {key} as {address} (serial {serial}). No read shows {hidden}: the next apply assumes the manifest's.\n"
        );
    }
    let before =
        if *recorded_before > 0 { format!("; {recorded_before} recorded already") } else { String::new() };
    if objects.is_empty() {
        return format!("Nothing to import{before}.\n");
    }
    let rows = objects.iter().map(|(address, live, file)| {
        let file = file.as_ref().map_or_else(|| "-".to_owned(), |file| file.display().to_string());
        vec![address.to_string(), live.key.to_string(), file]
    });
    let mut text = table::render(&["ADDRESS", "ID", "MANIFEST"], rows.collect());
    text.push_str(&format!(
        "\nImported {}{before} (serial {serial}). Nothing was sent.\n",
        count(objects.len(), "object")
    ));
    text.push_str(&match &args.write {
        Some(folder) if *blanks > 0 => format!(
            "Next: fill in {} (`reconcile validate {folder}` shows where), then `reconcile plan {folder}`.\n",
            count(*blanks, "field"),
            folder = folder.display()
        ),
        Some(folder) => format!("Next: `reconcile plan {}`.\n", folder.display()),
        None => {
            "Next: declare them before you apply; what is recorded and not declared is deleted.\n".to_owned()
        }
    });
    text
}

fn document(imported: &Imported) -> serde_json::Value {
    let Imported { objects, recorded_before, serial, blanks } = imported;
    let objects = objects.iter().map(|(address, live, file)| {
        json!({"address": address.to_string(), "id": live.key.to_string(), "manifest": file})
    });
    json!({
        "imported": objects.collect::<Vec<_>>(), "recordedAlready": recorded_before,
        "serial": serial.parse::<u64>().ok(), "toFillIn": blanks,
    })
}
