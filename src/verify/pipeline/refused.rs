//! Rows that were left out, each with its reason.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::verify::record::{ErrorRecord, Stage};
use crate::verify::row::Value;

/// A row that was left out. What does not apply is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RefusedRow {
    /// Its number in the source, from 1.
    pub row: u64,
    /// Where.
    pub stage: Stage,
    /// What the refusal means.
    pub class: String,
    /// Its key, once it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The batch, if it came that far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch: Option<u64>,
    /// The attempt of the batch in which it was left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u32>,
    /// The field that is to blame, if one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The start of its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The rule that is not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The server's number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// The server's SQLSTATE.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sqlstate: Option<String>,
    /// In words.
    pub message: String,
}

impl RefusedRow {
    /// A row of which only this is known.
    pub(super) fn new(row: u64, stage: Stage, message: String) -> Self {
        Self {
            row,
            stage,
            class: "invalid".to_owned(),
            key: None,
            batch: None,
            attempt: None,
            field: None,
            value: None,
            rule: None,
            code: None,
            sqlstate: None,
            message,
        }
    }

    /// What it is counted under: where, and the number, the rule or the field.
    pub fn reason(&self) -> String {
        let stage = self.stage.as_str();
        match (self.code, &self.rule, &self.field) {
            (Some(code), _, _) => format!("{stage}: error {code}"),
            (None, Some(rule), Some(field)) => format!("{stage}: {field}: {rule}"),
            (None, _, Some(field)) => format!("{stage}: {field}"),
            (None, _, None) => format!("{stage}: {}", self.class),
        }
    }

    /// What is told of it (Properties 14, 17).
    pub(super) fn record(&self, table: &str) -> ErrorRecord {
        ErrorRecord {
            code: self.code,
            sqlstate: self.sqlstate.clone(),
            batch: self.batch,
            row: Some(self.row),
            key: self.key.clone(),
            field: self.field.clone(),
            value: self.value.clone(),
            rule: self.rule.clone(),
            attempt: self.attempt,
            ..ErrorRecord::new(self.stage, self.class.clone(), table, self.message.clone())
        }
    }
}

/// The rows that were left out: all counted, the first ones kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Refusals {
    /// How many.
    pub total: u64,
    /// How many by reason; what comes after [`Refusals::REASONS`] of them is counted as `other`.
    pub by_reason: BTreeMap<String, u64>,
    /// The first ones, in the order in which they were refused.
    pub kept: Vec<RefusedRow>,
}

impl Refusals {
    /// Kept in memory at most.
    pub const KEPT: usize = 1_000;
    /// Reasons that are told apart at most.
    pub const REASONS: usize = 100;

    pub(super) fn count(&mut self, row: RefusedRow) {
        self.total += 1;
        let reason = row.reason();
        let is_known = self.by_reason.contains_key(&reason) || self.by_reason.len() < Self::REASONS;
        *self.by_reason.entry(if is_known { reason } else { "other".to_owned() }).or_default() += 1;
        if self.kept.len() < Self::KEPT {
            self.kept.push(row);
        }
    }
}

/// How much of a value is shown, in characters.
const SHOWN: usize = 60;

/// The start of a value's text, as a file has it.
pub(super) fn shown(value: &Value) -> String {
    let canonical;
    let text = if let Value::Text(text) = value {
        text.as_str()
    } else {
        canonical = value.canonical();
        &canonical
    };
    let start: String = text.chars().take(SHOWN).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_counted_and_the_first_are_kept() {
        let mut refusals = Refusals::default();
        for number in 0..2_000_u16 {
            let row = RefusedRow {
                code: Some(number % 500),
                ..RefusedRow::new(number.into(), Stage::Database, String::new())
            };
            refusals.count(row);
        }
        assert_eq!((refusals.total, refusals.kept.len()), (2_000, Refusals::KEPT));
        assert_eq!(refusals.by_reason.len(), Refusals::REASONS + 1);
        assert_eq!(refusals.by_reason.values().sum::<u64>(), 2_000);
    }
}
