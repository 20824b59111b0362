//! `drift --write`: accepts drift into the manifests. Sends nothing, and records nothing: the next apply finds that
//! manifest and live agree, and records that without a request.

use std::collections::BTreeMap;
use std::path::Path;

use super::consent::{Question, consent};
use super::fmt::diff;
use crate::cli::error::{CliError, tell_diagnostics, with_cause};
use crate::cli::render::drift::Standing;
use crate::cli::render::summary::count;
use crate::cli::session::Session;
use crate::domain::desired::DesiredSet;
use crate::domain::field::{FieldValue, OnChange};
use crate::domain::plan::{DriftWord, FieldVerdict};
use crate::domain::rules::rule;
use crate::manifest::accept::{Acceptance, Wish, accept as in_file};

/// What became of the drift.
#[derive(Debug, Default)]
pub(super) struct Accepted {
    /// The fields that were written, by file.
    pub(super) written: BTreeMap<String, Vec<String>>,
    /// Why the others were not.
    pub(super) left: Vec<String>,
}

/// Writes the live values of drifted fields where the declared ones stand, after consent.
pub(super) async fn accept(
    session: &Session,
    standings: &[Standing],
    desired: &DesiredSet,
    yes: bool,
) -> Result<Accepted, CliError> {
    let (wishes, mut left) = sorted(standings, desired);
    for reason in &left {
        session.terminal.insist(&format!("note: {reason}"));
    }
    let mut acceptances: Vec<(String, Acceptance)> = Vec::new();
    for (file, wishes) in wishes {
        let acceptance =
            in_file(Path::new(&file), &wishes, &session.wired.values).map_err(CliError::Manifest)?;
        tell_diagnostics(&acceptance.left, session.terminal);
        left.extend(acceptance.left.iter().map(|diagnostic| diagnostic.message.clone()));
        acceptances.push((file, acceptance));
    }
    acceptances.retain(|(_, acceptance)| acceptance.rewrite.is_change());
    if acceptances.is_empty() {
        session.terminal.say("Nothing to write.");
        return Ok(Accepted { left, ..Accepted::default() });
    }
    if !session.common.json {
        for (_, acceptance) in &acceptances {
            session.terminal.data(&diff(&acceptance.rewrite, session.terminal));
        }
    }
    let text = "Write these changes?";
    consent(session, Question { done: "written", text, word: "yes", yes, no_input: false }).await?;
    let mut written = BTreeMap::new();
    for (file, acceptance) in &acceptances {
        acceptance.rewrite.write().map_err(|error| CliError::System(with_cause(&error)))?;
        let field = |(address, field): &(_, String)| format!("{address} spec.{field}");
        written.insert(file.clone(), acceptance.accepted.iter().map(field).collect());
    }
    let files = count(written.len(), "file");
    session
        .terminal
        .say(&format!("Wrote {files}. The next apply records that live agrees, without a request."));
    Ok(Accepted { written, left })
}

/// What can be wished for, by file, and what is left alone before any file is read.
fn sorted(standings: &[Standing], desired: &DesiredSet) -> (BTreeMap<String, Vec<Wish>>, Vec<String>) {
    let mut wishes: BTreeMap<String, Vec<Wish>> = BTreeMap::new();
    let mut left = Vec::new();
    for standing in standings {
        let address = standing.address();
        let Some(declared) = desired.get(address) else { continue };
        if standing.is_absent() {
            left.push(format!(
                "{address} was deleted outside, and no manifest is deleted: remove it by hand, or apply to create it again"
            ));
        }
        for verdict in standing.fields() {
            match wished(verdict, rule(address.kind, &verdict.field).map(|rule| rule.on_change)) {
                Ok(Some(value)) => wishes.entry(declared.origin.file.clone()).or_default().push(Wish {
                    address: address.clone(),
                    field: verdict.field.clone(),
                    value,
                }),
                Ok(None) => {}
                Err(reason) => {
                    left.push(format!("`spec.{}` of {address} is left alone: {reason}", verdict.field));
                }
            }
        }
    }
    (wishes, left)
}

/// The value that the manifest is to have; `None` when the field did not drift.
fn wished(verdict: &FieldVerdict, on_change: Option<OnChange>) -> Result<Option<FieldValue>, &'static str> {
    match (verdict.word, &verdict.live) {
        (DriftWord::Conflict, _) => {
            Err("manifest and live both moved; edit it by hand, or apply to set live back")
        }
        (DriftWord::Drifted, Some(FieldValue::Sealed(_))) => {
            Err("of a secret or a file only a fingerprint is known")
        }
        (DriftWord::Drifted, Some(_)) if on_change == Some(OnChange::ForceNew) => {
            Err("another value is another object; edit it by hand if that is meant")
        }
        (DriftWord::Drifted, Some(live)) => Ok(Some(live.clone())),
        _ => Ok(None),
    }
}
