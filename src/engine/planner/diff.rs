//! The three-way diff, field by field.

use super::pairing::Pair;
use crate::domain::desired::Desired;
use crate::domain::field::{Carried, FieldRule, FieldValue, OnChange, Readable};
use crate::domain::live::Live;
use crate::domain::plan::{DriftWord, FieldVerdict};
use crate::domain::recorded::{Knowledge, Recorded};
use crate::domain::rules::rules;

/// The verdicts on all fields that do not simply agree, in the order of the rule table; what lives in our state only
/// comes last.
pub(super) fn verdicts(desired: &Desired, recorded: Option<&Recorded>, live: &Live) -> Vec<FieldVerdict> {
    let declared = desired.spec.fields();
    let mut verdicts: Vec<FieldVerdict> = rules(desired.spec.kind())
        .iter()
        .filter(|rule| rule.readable != Readable::Key)
        .filter_map(|rule| {
            let known = known(recorded, rule.name);
            let sides = Sides { desired: declared.get(rule.name), known, live: live.fields.get(rule.name) };
            verdict(rule, desired.lifecycle.ignores(rule.name), &sides)
        })
        .collect();
    if let Some(recorded) = recorded {
        verdicts.extend(lifecycle(desired, recorded));
    }
    verdicts
}

/// The verdicts on a pair that has a declared and a live side.
pub(super) fn of_pair(pair: &Pair<'_>) -> Vec<FieldVerdict> {
    match pair {
        Pair::Known { desired, recorded, live: Some(live) } => verdicts(desired, Some(recorded), live),
        Pair::New { desired, live: Some(live) } => verdicts(desired, None, live),
        _ => Vec::new(),
    }
}

/// What the state knows of a field.
#[derive(Clone, Copy)]
enum Known<'a> {
    /// The object is taken over or was imported: nobody can say.
    Unknown,
    /// It was not declared when the object was last applied.
    Undeclared,
    /// Last applied or assumed.
    Value(&'a FieldValue),
}

/// One field on the three sides.
struct Sides<'a> {
    desired: Option<&'a FieldValue>,
    known: Known<'a>,
    live: Option<&'a FieldValue>,
}

fn known<'a>(recorded: Option<&'a Recorded>, field: &str) -> Known<'a> {
    match recorded.map(|recorded| recorded.fields.get(field)) {
        None | Some(Some(Knowledge::Unknown)) => Known::Unknown,
        Some(None) => Known::Undeclared,
        Some(Some(Knowledge::Applied(value) | Knowledge::Assumed(value))) => Known::Value(value),
    }
}

fn verdict(rule: &FieldRule, ignored: bool, sides: &Sides<'_>) -> Option<FieldVerdict> {
    let recorded = match sides.known {
        Known::Value(value) => Some(value),
        Known::Unknown | Known::Undeclared => None,
    };
    // What only a read of this one object shows is compared where somebody has read it.
    let readable = matches!(rule.readable, Readable::Yes | Readable::Deep) && sides.live.is_some();
    let (word, differs) = match sides.desired {
        // Taking a field out of the manifest stops the comparison: the record follows, nothing is sent.
        None => recorded.map(|_| (DriftWord::Changed, false)),
        Some(want) if ignored => {
            let differs =
                if readable { sides.live != Some(want) } else { recorded.is_some_and(|value| value != want) };
            differs.then_some((DriftWord::Ignored, false))
        }
        Some(want) if readable => compare(want, sides.known, sides.live),
        Some(want) if recorded == Some(want) => None,
        // Nobody can say which JAR is behind an imported object: the manifest's value is assumed.
        Some(_) if matches!(sides.known, Known::Unknown) && rule.carried == Carried::Remotely => {
            Some((DriftWord::Unverifiable, false))
        }
        Some(_) => Some((DriftWord::Changed, true)),
    }?;
    let costs = differs && rule.carried == Carried::Remotely;
    Some(FieldVerdict {
        field: rule.name.to_owned(),
        word,
        desired: sides.desired.cloned(),
        recorded: recorded.cloned(),
        live: sides.live.cloned(),
        forces: costs && rule.on_change == OnChange::ForceNew,
        costs,
    })
}

/// The three-way comparison of a field that live shows; the flag says whether live must change.
fn compare(want: &FieldValue, known: Known<'_>, live: Option<&FieldValue>) -> Option<(DriftWord, bool)> {
    let settled = live == Some(want);
    match known {
        Known::Value(value) if value == want && settled => None,
        Known::Value(value) if value == want => Some((DriftWord::Drifted, true)),
        Known::Unknown if settled => None,
        _ if settled => Some((DriftWord::Agreed, false)),
        Known::Value(value) if live != Some(value) => Some((DriftWord::Conflict, true)),
        _ => Some((DriftWord::Changed, true)),
    }
}

/// What a manifest says about an object's life is copied into the state, at no cost.
fn lifecycle(desired: &Desired, recorded: &Recorded) -> Vec<FieldVerdict> {
    if desired.lifecycle.protect == recorded.protect
        && desired.lifecycle.on_remove == recorded.on_remove
        && desired.depends_on.iter().eq(&recorded.depends_on)
        && desired.labels == recorded.labels
    {
        return Vec::new();
    }
    let text = |text: String| Some(FieldValue::Text(text));
    let names = |names: Vec<String>| Some(FieldValue::Set(names.into_iter().collect()));
    let wanted = Recorded::applied(desired);
    let labels =
        |of: &Recorded| names(of.labels.iter().map(|(label, value)| format!("{label}={value}")).collect());
    [
        (
            "lifecycle.protect",
            Some(FieldValue::Flag(wanted.protect)),
            Some(FieldValue::Flag(recorded.protect)),
        ),
        (
            "lifecycle.onRemove",
            text(wanted.on_remove.as_str().to_owned()),
            text(recorded.on_remove.as_str().to_owned()),
        ),
        (
            "dependsOn",
            names(wanted.depends_on.iter().map(ToString::to_string).collect()),
            names(recorded.depends_on.iter().map(ToString::to_string).collect()),
        ),
        ("labels", labels(&wanted), labels(recorded)),
    ]
    .into_iter()
    .filter(|(_, wanted, recorded)| wanted != recorded)
    .map(|(field, desired, recorded)| FieldVerdict {
        field: field.to_owned(),
        word: DriftWord::Changed,
        desired,
        recorded,
        live: None,
        forces: false,
        costs: false,
    })
    .collect()
}
