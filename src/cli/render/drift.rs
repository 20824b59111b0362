//! How live stands against what was last applied: a word for every field (features 3.6), and what no read can tell.

use serde_json::{Value, json};

use super::{fit, json as documents, table, words};
use crate::domain::address::Address;
use crate::domain::desired::DesiredSet;
use crate::domain::field::{Carried, FieldRule, FieldValue, Readable};
use crate::domain::live::{Census, World};
use crate::domain::natural_key::NaturalKey;
use crate::domain::plan::{
    BlockReason, Change, CreateReason, DriftWord, FieldVerdict, ForgetReason, Plan, Row,
};
use crate::domain::rules::rules;

/// How one object stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Standing {
    address: Address,
    key: NaturalKey,
    state: State,
    /// Whether it was ever applied or taken over.
    is_ours: bool,
    fields: Vec<FieldVerdict>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// It is where it was.
    Present,
    /// It was recorded and is gone.
    Absent,
    /// It is declared and was never made.
    New,
    /// Nobody can say.
    Unknown(String),
}

impl Standing {
    /// The object.
    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// Whether it was recorded and is gone.
    pub(crate) fn is_absent(&self) -> bool {
        self.state == State::Absent
    }

    /// Whether live moved since the last apply.
    pub(crate) fn has_moved(&self) -> bool {
        self.state == State::Absent || self.fields.iter().any(|verdict| is_move(verdict.word))
    }

    /// Its identity.
    pub(crate) fn key(&self) -> &NaturalKey {
        &self.key
    }

    /// The fields that do not simply agree.
    pub(crate) fn fields(&self) -> &[FieldVerdict] {
        &self.fields
    }

    /// Why nobody can say how it stands.
    pub(crate) fn unknown(&self) -> Option<&str> {
        match &self.state {
            State::Unknown(why) => Some(why),
            State::Present | State::Absent | State::New => None,
        }
    }

    /// What moved, as lines of a diff: what was applied goes, what live shows comes.
    pub(crate) fn diff(&self) -> String {
        let shown = |value: &FieldValue| fit::clean(&value.to_string());
        let moved = self.fields.iter().filter(|verdict| is_move(verdict.word));
        let lines = moved.map(|FieldVerdict { field, word, recorded, live, .. }| {
            let applied = recorded.as_ref().map(|value| format!("- {field} : {}\n", shown(value)));
            let live =
                live.as_ref().map(|value| format!("+ {field} : {}  {}\n", shown(value), word.as_str()));
            applied.unwrap_or_default() + &live.unwrap_or_default()
        });
        let absent = if self.is_absent() {
            format!("- at : {}\n", fit::clean(&self.key.to_string()))
        } else {
            String::new()
        };
        absent + &lines.collect::<String>()
    }

    /// The word for where it is, for programs.
    pub(crate) fn state_word(&self) -> &'static str {
        match &self.state {
            State::Present => "present",
            State::Absent => "absent",
            State::New => "new",
            State::Unknown(_) => "unverifiable",
        }
    }
}

fn is_move(word: DriftWord) -> bool {
    matches!(word, DriftWord::Drifted | DriftWord::Conflict | DriftWord::Agreed)
}

/// How every declared and every recorded object stands.
pub(crate) fn standings(plan: &Plan, desired: &DesiredSet, live: &World) -> Vec<Standing> {
    plan.rows.iter().map(|row| standing(row, desired, live)).collect()
}

/// Whether live moved since the last apply, as far as the row of a plan shows it.
pub(crate) fn has_moved(row: &Row) -> bool {
    state(row) == State::Absent || row.fields.iter().any(|verdict| is_move(verdict.word))
}

fn state(row: &Row) -> State {
    match &row.change {
        // What is retained lives on: only its manifest is gone.
        Change::Create(CreateReason::Absent)
        | Change::Forget(ForgetReason::Absent | ForgetReason::NeverSeen) => State::Absent,
        Change::Create(CreateReason::New) => State::New,
        Change::Blocked(reason @ BlockReason::OutOfSight { .. }) => State::Unknown(words::blocked(reason)),
        _ => State::Present,
    }
}

fn standing(row: &Row, desired: &DesiredSet, live: &World) -> Standing {
    let state = state(row);
    let mut fields = row.fields.clone();
    let shown = live.get(&row.key.scope()).and_then(|census: &Census| census.get(&row.key));
    if let (State::Present, Some(desired), Some(shown)) = (&state, desired.get(&row.address), shown) {
        let hidden = |rule: &&FieldRule| {
            rule.carried == Carried::Remotely
                && rule.readable != Readable::Key
                && !shown.fields.contains_key(rule.name)
                && !row.fields.iter().any(|verdict| verdict.field == rule.name)
        };
        let declared = desired.spec.fields();
        for rule in rules(row.address.kind).iter().filter(hidden) {
            fields.extend(declared.get(rule.name).map(|value| unverifiable(rule, value)));
        }
    }
    let is_ours = !matches!(
        row.change,
        Change::Create(CreateReason::New)
            | Change::Adopt(_)
            | Change::Blocked(BlockReason::Unmanaged | BlockReason::AdoptDiffers { .. })
    );
    Standing { address: row.address.clone(), key: row.key.clone(), state, is_ours, fields }
}

/// Declared as it was last applied, and no read shows it.
fn unverifiable(rule: &FieldRule, value: &FieldValue) -> FieldVerdict {
    FieldVerdict {
        field: rule.name.to_owned(),
        word: DriftWord::Unverifiable,
        desired: Some(value.clone()),
        recorded: Some(value.clone()),
        live: None,
        forces: false,
        costs: false,
    }
}

/// For people: a table of the fields that do not simply agree, and what is behind it.
pub(crate) fn text(standings: &[Standing], deep: bool) -> String {
    let cell = |value: Option<&FieldValue>| value.map_or_else(|| "-".to_owned(), ToString::to_string);
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut unknown = String::new();
    for standing in standings {
        let address = standing.address.to_string();
        match &standing.state {
            State::Absent => {
                let mut row = vec![address.clone(), "-".to_owned(), "absent".to_owned()];
                row.extend(["-", "-", "-"].map(str::to_owned));
                rows.push(row);
            }
            State::Unknown(why) => unknown.push_str(&format!("{address}: {why}\n")),
            State::Present | State::New => {}
        }
        for verdict in &standing.fields {
            rows.push(vec![
                address.clone(),
                verdict.field.clone(),
                verdict.word.as_str().to_owned(),
                cell(verdict.desired.as_ref()),
                cell(verdict.recorded.as_ref()),
                cell(verdict.live.as_ref()),
            ]);
        }
    }
    let mut text = String::new();
    if !rows.is_empty() {
        text.push_str(&table::render(&["OBJECT", "FIELD", "VERDICT", "DECLARED", "APPLIED", "LIVE"], rows));
        text.push('\n');
    }
    text.push_str(&unknown);
    text.push_str(&summary(standings, deep));
    text
}

fn summary(standings: &[Standing], deep: bool) -> String {
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    let moved = standings.iter().filter(|standing| standing.has_moved()).count();
    let fields = standings.iter().flat_map(|standing| &standing.fields);
    let hidden = fields.filter(|verdict| verdict.word == DriftWord::Unverifiable).count();
    let unknown = standings.iter().filter(|standing| matches!(standing.state, State::Unknown(_))).count();
    // What was never applied cannot have moved: after a lost state that is everything.
    let foreign = standings.iter().filter(|standing| !standing.is_ours).count();
    let objects = count(standings.len().saturating_sub(foreign), "object");
    let mut text =
        if moved == 0 { format!("No drift in {objects}") } else { format!("{moved} of {objects} drifted") };
    if foreign > 0 {
        text.push_str(&format!("; {} never applied from this state", count(foreign, "object")));
    }
    if hidden > 0 {
        let deeper = if deep { "" } else { "; --deep reads each store by itself" };
        text.push_str(&format!("; {} unverifiable{deeper}", count(hidden, "field")));
    }
    if unknown > 0 {
        text.push_str(&format!("; {} out of sight", count(unknown, "object")));
    }
    text.push_str(".\n");
    text
}

/// For programs.
pub(crate) fn json(standings: &[Standing], deep: bool) -> Value {
    let objects = standings.iter().map(|standing| {
        json!({
            "address": standing.address.to_string(), "id": standing.key.to_string(),
            "state": standing.state_word(), "reason": standing.unknown(),
            "drifted": standing.has_moved(),
            "fields": standing.fields.iter().map(documents::verdict).collect::<Vec<_>>(),
        })
    });
    json!({"deep": deep, "objects": objects.collect::<Vec<_>>()})
}
