//! The state at a glance: one screen for people, one document for programs.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::summary::count;
use super::table;
use crate::domain::address::Kind;
use crate::domain::journal::{CutOff, Intent, Recovered};
use crate::domain::recorded::Condition;
use crate::state::Holder;

/// What is shown.
pub(crate) struct Status<'a> {
    pub(crate) profile: &'a str,
    pub(crate) folder: &'a Path,
    pub(crate) recovered: &'a Recovered,
    /// The last run that was cut off, if one was.
    pub(crate) cut_off: Option<&'a CutOff>,
    pub(crate) lock: Lock,
    /// Who held the lock last, or holds it.
    pub(crate) last_run: Option<Holder>,
    /// Only when manifests were named.
    pub(crate) declared: Option<Declared>,
    /// Only when the services were asked.
    pub(crate) seen: Option<Seen>,
}

/// Who holds the lock.
pub(crate) enum Lock {
    Free,
    /// Nobody; the process ended without letting go.
    Stale(Holder),
    Held(Option<Holder>),
}

/// What the manifests hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Declared {
    pub(crate) objects: usize,
    pub(crate) not_recorded: usize,
}

/// What the services show in the scopes of the state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) live: usize,
    /// Live and not recorded.
    pub(crate) unmanaged: usize,
    /// Recorded and not live.
    pub(crate) absent: usize,
    /// Recorded, and this role sees nothing of it.
    pub(crate) out_of_sight: usize,
}

/// The conditions, in the order of the columns.
const CONDITIONS: [&str; 5] = ["ready", "degraded", "unconfirmed", "lost", "contradicted"];

fn word(condition: &Condition) -> &'static str {
    match condition {
        Condition::Ready => "ready",
        Condition::Degraded { .. } => "degraded",
        Condition::Unconfirmed { .. } => "unconfirmed",
        Condition::Lost { .. } => "lost",
        Condition::Contradicted { .. } => "contradicted",
    }
}

/// How many objects of each kind are in each condition; kinds without objects are left out.
fn counts(recovered: &Recovered) -> BTreeMap<&'static str, BTreeMap<&'static str, usize>> {
    let mut counts: BTreeMap<_, BTreeMap<_, usize>> = BTreeMap::new();
    for recorded in recovered.snapshot.resources.values() {
        let of_kind = counts.entry(recorded.address.kind.as_str()).or_default();
        *of_kind.entry(word(&recorded.condition)).or_default() += 1;
    }
    counts
}

/// What an open write was about to do, and to what.
fn about(intent: &Intent) -> (&'static str, Vec<String>) {
    match intent {
        Intent::Delete { key, .. } => ("delete", vec![key.to_string()]),
        Intent::Update { key, .. } => ("update", vec![key.to_string()]),
        Intent::Create { when_present } => ("create", vec![when_present.key.to_string()]),
        Intent::Register { when_present, .. } => {
            ("register", when_present.iter().map(|recorded| recorded.key.to_string()).collect())
        }
    }
}

const NEXT: &str = "apply again: what became of open requests is looked up before anything is sent";

/// One screen.
pub(crate) fn text(status: &Status<'_>) -> String {
    let Status { profile, folder, recovered, cut_off, lock, last_run, declared, seen } = status;
    let snapshot = &recovered.snapshot;
    let mut lines = vec![format!("Profile:   {profile}"), format!("State:     {}", folder.display())];
    if snapshot.lineage.0.is_empty() {
        lines.push("           there is none yet: the first apply makes it".to_owned());
    } else {
        lines.push(format!("           serial {}, lineage {}", snapshot.serial, snapshot.lineage));
    }
    lines.push(match lock {
        Lock::Free => "Lock:      free".to_owned(),
        Lock::Stale(holder) => {
            format!("Lock:      free; {holder} ended without letting go, which needs nothing")
        }
        Lock::Held(Some(holder)) => format!("Lock:      held by {holder}"),
        Lock::Held(None) => "Lock:      held by a process that did not leave its name".to_owned(),
    });
    if let Some(Holder { command, since, user, host, run, .. }) = last_run {
        lines.push(format!("Last run:  `{command}` of {user} on {host}, since {since}, run {run}"));
    }
    if let Some(Declared { objects, not_recorded }) = declared {
        lines.push(format!("Declared:  {}, {not_recorded} not recorded", count(*objects, "object")));
    }
    if let Some(Seen { live, unmanaged, absent, out_of_sight }) = seen {
        let unseen = if *out_of_sight > 0 { format!(", {out_of_sight} out of sight") } else { String::new() };
        let live = count(*live, "object");
        lines.push(format!("Live:      {live}, {unmanaged} unmanaged; {absent} recorded and absent{unseen}"));
    }
    let mut text = lines.join("\n") + "\n\n";
    let rows = counts(recovered).into_iter().map(|(kind, of_kind)| {
        let total = of_kind.values().sum::<usize>().to_string();
        let each = CONDITIONS.iter().map(|word| of_kind.get(word).copied().unwrap_or(0).to_string());
        [kind.to_owned(), total].into_iter().chain(each).collect()
    });
    let rows: Vec<Vec<String>> = rows.collect();
    if rows.is_empty() {
        text.push_str("Nothing is recorded.\n");
    } else {
        let heading = ["KIND", "RECORDED", "READY", "DEGRADED", "UNCONFIRMED", "LOST", "CONTRADICTED"];
        text.push_str(&table::render(&heading, rows));
    }
    if !snapshot.strays.is_empty() {
        text.push_str(&format!("\n{} that a JAR brought.\n", count(snapshot.strays.len(), "stray")));
    }
    if !recovered.open.is_empty() {
        text.push_str(&format!(
            "\n{} of a run that was cut off:\n",
            count(recovered.open.len(), "open request")
        ));
        for (write, intent) in &recovered.open {
            let (operation, objects) = about(intent);
            text.push_str(&format!("  {write}: {operation} {}\n", objects.join(", ")));
        }
        text.push_str(&format!("{NEXT}.\n"));
    }
    if let Some(cut_off) = cut_off {
        text.push_str(&format!("\n{}\n", way_on(cut_off)));
    }
    text
}

/// What was cut off, and what goes on from there.
pub(crate) fn way_on(CutOff { run, command, plan, .. }: &CutOff) -> String {
    match plan {
        Some(_) => format!(
            "Run {run} (`{command}`) was cut off: `reconcile apply --resume {run}` finishes it, `reconcile apply` plans anew."
        ),
        None => format!("Run {run} (`{command}`) was cut off: `reconcile apply` plans anew."),
    }
}

/// One document.
pub(crate) fn json(status: &Status<'_>) -> Value {
    let Status { profile, folder, recovered, cut_off, lock, last_run, declared, seen } = status;
    let snapshot = &recovered.snapshot;
    let exists = !snapshot.lineage.0.is_empty();
    let (locked, holder) = match lock {
        Lock::Free => ("free", None),
        Lock::Stale(holder) => ("stale", Some(holder)),
        Lock::Held(holder) => ("held", holder.as_ref()),
    };
    let counts = counts(recovered);
    let objects: serde_json::Map<String, Value> = Kind::ALL
        .iter()
        .map(|kind| {
            let of_kind = counts.get(kind.as_str());
            let number = |word: &str| of_kind.and_then(|of_kind| of_kind.get(word)).copied().unwrap_or(0);
            let mut conditions: serde_json::Map<String, Value> =
                CONDITIONS.iter().map(|word| ((*word).to_owned(), json!(number(word)))).collect();
            let total: usize = of_kind.map_or(0, |of_kind| of_kind.values().sum());
            conditions.insert("recorded".to_owned(), json!(total));
            (kind.as_str().to_owned(), Value::Object(conditions))
        })
        .collect();
    let open = recovered.open.iter().map(|(write, intent)| {
        let (operation, objects) = about(intent);
        json!({"write": write, "operation": operation, "objects": objects})
    });
    let open: Vec<Value> = open.collect();
    json!({
        "profile": profile,
        "state": {
            "folder": folder.display().to_string(),
            "serial": exists.then_some(snapshot.serial),
            "lineage": exists.then_some(&snapshot.lineage),
        },
        "lock": {"status": locked, "holder": holder},
        "lastRun": last_run,
        "objects": objects,
        "strays": snapshot.strays.len(),
        "next": (!open.is_empty()).then_some(NEXT),
        "openWrites": open,
        "cutOff": cut_off.map(|CutOff { run, command, started_at, plan, .. }| {
            json!({"run": run, "command": command, "startedAt": started_at, "resumable": plan.is_some()})
        }),
        "declared": declared.map(|Declared { objects, not_recorded }| {
            json!({"objects": objects, "notRecorded": not_recorded})
        }),
        "live": seen.map(|Seen { live, unmanaged, absent, out_of_sight }| {
            json!({"objects": live, "unmanaged": unmanaged, "absent": absent, "outOfSight": out_of_sight})
        }),
    })
}
