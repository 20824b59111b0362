//! Offline: the evidence of a live snapshot in place of state and services. Opens no socket and needs no state.
//!
//! Secrets are compared where they can be: with the key of the state that was recorded. One that cannot be counts as
//! unchanged, and the person is told how many those are.

use std::collections::BTreeMap;
use std::path::Path;

use super::error::CliError;
use super::render::summary::time;
use super::session::{Session, wanted};
use crate::domain::desired::{DesiredSet, Unresolved};
use crate::domain::evidence::Evidence;
use crate::domain::field::FieldValue;
use crate::domain::natural_key::Scope;
use crate::domain::recorded::Recorded;
use crate::domain::snapshot::Snapshot;
use crate::manifest::fingerprint::Fingerprinter;
use crate::manifest::secrets::{self, Wanted};
use crate::platform::time::age;
use crate::saved::SavedLive;

/// What is declared, and the evidence of the live snapshot in this file.
///
/// # Errors
/// [`CliError::Saved`]; [`CliError::Refused`] when the manifests need a scope that was not recorded.
pub(crate) fn evidence(
    session: &Session,
    file: &Path,
    declared: Unresolved,
) -> Result<(DesiredSet, Evidence), CliError> {
    let SavedLive { stamp, profile, evidence } = SavedLive::read(file)?;
    let old = age(&stamp.created_at).map_or_else(String::new, |age| format!(", {} old", time(age)));
    let name = file.display();
    session.terminal.say(&format!("offline: live as it was at {}{old} ({name})", stamp.created_at));
    if profile != session.wired.profile {
        let ours = &session.wired.profile;
        session.terminal.say(&format!("{name} was recorded with profile {profile}, and this is {ours}"));
    }
    let missing: Vec<String> = wanted(declared.declared(), &evidence.recovered)
        .iter()
        .filter(|scope| !evidence.live.contains_key(scope))
        .map(Scope::to_string)
        .collect();
    if !missing.is_empty() {
        return Err(CliError::Refused {
            message: format!("{name} does not hold {}, which the manifests need", missing.join(", ")),
            hint: "record a new one with these manifests: reconcile snapshot PATH… --out FILE".to_owned(),
        });
    }
    let desired = resolve(session, declared, &evidence.recovered.snapshot)?;
    Ok((desired, evidence))
}

/// Fetches what can be compared with the recorded side, and takes the rest for unchanged.
fn resolve(session: &Session, declared: Unresolved, recorded: &Snapshot) -> Result<DesiredSet, CliError> {
    let key = key_of(session, recorded);
    let prints = Fingerprinter::new(key.unwrap_or_default());
    let keys: BTreeMap<_, _> =
        declared.declared().iter().map(|(address, desired)| (address.clone(), desired.spec.key())).collect();
    let mut unchecked = 0_usize;
    let desired = declared.resolve(|address, parameter, sealed| {
        if (key.is_some() || !parameter.rule.secret)
            && let Ok(fetched) =
                secrets::fetch(Wanted::parameter(address, parameter), sealed.clone(), &prints)
        {
            return Ok(fetched);
        }
        unchecked += 1;
        let known = keys.get(address).and_then(|key| recorded.resources.get(key));
        Ok(match known.and_then(|known| Recorded::value(known, parameter.rule.name)) {
            Some(FieldValue::Sealed(print)) => sealed.remembered(print.clone()),
            _ => sealed,
        })
    });
    if unchecked > 0 {
        let what = if unchecked == 1 { "secret or file is" } else { "secrets or files are" };
        session.terminal.say(&format!("{unchecked} {what} not checked and taken for unchanged"));
    }
    desired.map_err(CliError::Manifest)
}

/// The key with which the recorded fingerprints were made, if that state is here.
fn key_of(session: &Session, recorded: &Snapshot) -> Option<[u8; 32]> {
    let here = session.wired.state.read().ok().flatten()?;
    (here.snapshot.lineage == recorded.lineage)
        .then(|| session.wired.state.fingerprint_key().ok().flatten())?
}
