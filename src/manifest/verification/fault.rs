//! Reads `faults`.

use std::num::{NonZeroU32, NonZeroU64};
use std::time::Duration;

use super::scalar::{bytes, duration, large, medium, share};
use crate::domain::suite::fault::{Disturbance, Fault, Moment};
use crate::domain::suite::quantity::{Bytes, Percent};
use crate::manifest::object::{Field, Object};
use crate::manifest::report::Report;
use crate::manifest::yaml::Value;
use crate::manifest::{codes, decode};

/// What stands beside `do`: `None` where it is missing or was reported.
pub(super) struct Beside {
    pub(super) lasting: Option<Duration>,
    pub(super) by: Option<Duration>,
    pub(super) rate: Option<Bytes>,
    pub(super) after: Option<NonZeroU64>,
    pub(super) rows: Option<NonZeroU32>,
}

/// Reads one fault.
pub(super) fn read(field: Field, report: &mut Report<'_>) -> Option<Fault> {
    let mark = field.node.mark;
    let mut object = Object::open(field, "a fault", report)?;
    let at = object.required("at", report).and_then(|field| moment(field, report));
    let word = object.required("do", report).and_then(|field| word(field, report));
    let Some((word, needs)) = word else {
        // Which fields belong to it cannot be told.
        for name in ["for", "by", "rate", "after", "rows"] {
            object.optional(name);
        }
        object.finish(report);
        return None;
    };
    let mut fits = true;
    for name in ["for", "by", "rate", "after", "rows"] {
        let (is_there, is_needed) = (object.key(name), needs.contains(&name));
        let (mark, message, label, help) = match (is_there, is_needed) {
            (Some(mark), false) => {
                (mark, format!("`do: {word}` has no `{name}`"), "one too many", format!("remove `{name}`"))
            }
            (None, true) => {
                (mark, format!("`do: {word}` needs `{name}`"), "incomplete", format!("add `{name}: …`"))
            }
            _ => continue,
        };
        fits = false;
        report.error::<()>(codes::BAD_FAULT, mark, message, label, Some(help));
    }
    let beside = Beside {
        lasting: object.optional("for").and_then(|field| duration(field, report)),
        by: object.optional("by").and_then(|field| duration(field, report)),
        rate: object.optional("rate").and_then(|field| bytes(field, report)),
        after: object
            .optional("after")
            .and_then(|field| large(&field, Disturbance::MOST_BYTES, codes::BAD_NUMBER, report)),
        rows: object
            .optional("rows")
            .and_then(|field| medium(&field, Disturbance::MOST_ROWS, codes::BAD_NUMBER, report)),
    };
    object.finish(report);
    let what = if fits { disturbance(word, &beside) } else { None };
    Some(Fault { at: at?, what: what? })
}

/// What a word and what stands beside it say; `None` where something is missing.
pub(super) fn disturbance(word: &str, beside: &Beside) -> Option<Disturbance> {
    let lasting = beside.lasting;
    let rows = beside.rows;
    Some(match word {
        "drop" => Disturbance::Drop,
        "stall" => Disturbance::Stall { lasting: lasting? },
        "delay" => Disturbance::Delay { lasting: lasting?, by: beside.by? },
        "throttle" => Disturbance::Throttle { lasting: lasting?, rate: beside.rate? },
        "cut" => Disturbance::Cut { after: beside.after? },
        "serverDown" => Disturbance::ServerDown { lasting: lasting? },
        "duplicateKeys" => Disturbance::DuplicateKeys { rows: rows? },
        "badStatement" => Disturbance::BadStatement,
        "oversizedText" => Disturbance::OversizedText { rows: rows? },
        _ => return None,
    })
}

type Word = (&'static str, &'static [&'static str]);

fn word(field: Field, report: &mut Report<'_>) -> Option<Word> {
    let choices: Vec<(&str, Word)> = Disturbance::WORDS.iter().map(|word| (word.0, *word)).collect();
    decode::choice(field, &choices, report)
}

/// A share of the rows, or a time after the first one.
fn moment(field: Field, report: &mut Report<'_>) -> Option<Moment> {
    match &field.node.value {
        Value::Text(text) if text.ends_with('%') => share(field, Percent::ALL, report).map(Moment::Share),
        Value::Whole(_) | Value::Number => {
            let written = report.written(field.node.mark);
            let message =
                format!("`{}` is the number {written}, but a share or a duration is wanted", field.path);
            let help = Some(format!("add a unit: {written}% or {written}s"));
            report.error(codes::BAD_QUANTITY, field.node.mark, message, "no unit", help)
        }
        _ => duration(field, report).map(Moment::After),
    }
}
