//! Runs that were cut off: what a journal says of the runs that began in it and never ended.

use std::collections::BTreeMap;

use super::{Answer, Intent, JournalRecord, RunId, WriteId};
use crate::domain::natural_key::NaturalKey;
use crate::domain::snapshot::Serial;

/// A run that began and never ended: the journal holds it, and no snapshot does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CutOff {
    /// The run.
    pub run: RunId,
    /// Which command, for people.
    pub command: String,
    /// When it began, RFC 3339.
    pub started_at: String,
    /// The program that began it.
    pub tool_version: String,
    /// Runs that went on with its plan and were cut off too, in their order.
    pub resumed_by: Vec<RunId>,
    /// The plan that was approved for it, if it carried one out.
    pub plan: Option<String>,
    /// What it had begun with, and what was still open when it began.
    pub begun: BTreeMap<NaturalKey, Begun>,
}

/// What may have been done to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Begun {
    /// It may have been deleted.
    pub deleted: bool,
    /// It may have been brought into being or changed.
    pub brought: bool,
}

impl CutOff {
    /// Whether a person means this run by that much of its id, or of that of one that went on with it.
    pub fn is_called(&self, prefix: &str) -> bool {
        std::iter::once(&self.run).chain(&self.resumed_by).any(|run| run.0.starts_with(prefix))
    }

    /// Notes that a write may have happened, or that it was refused and has not.
    fn note(&mut self, intent: &Intent, may: bool) {
        let deletes = matches!(intent, Intent::Delete { .. });
        for key in intent.keys() {
            let begun = self.begun.entry(key.clone()).or_default();
            if deletes {
                begun.deleted = may;
            } else {
                begun.brought = may;
            }
        }
    }
}

/// The runs of a journal that never ended, oldest first. One that was cut off before it had written anything but its name
/// is none; a journal that the snapshot holds already is of runs that have ended.
pub fn cut_off(records: &[JournalRecord], present: Serial) -> Vec<CutOff> {
    let mut runs: Vec<CutOff> = Vec::new();
    let mut begins: Option<CutOff> = None;
    let mut open: BTreeMap<WriteId, &Intent> = BTreeMap::new();
    for record in records {
        match record {
            JournalRecord::RunStarted { base_serial, .. } if *base_serial != present => return Vec::new(),
            JournalRecord::RunStarted { run, command, started_at, tool_version, .. } => {
                begins = Some(CutOff {
                    run: run.clone(),
                    command: command.clone(),
                    started_at: started_at.clone(),
                    tool_version: tool_version.clone(),
                    resumed_by: Vec::new(),
                    plan: None,
                    begun: BTreeMap::new(),
                });
                continue;
            }
            JournalRecord::Resumes { run } => {
                // What goes on with another one is not a run of its own.
                if let (Some(begun), Some(resumed)) =
                    (&begins, runs.iter_mut().find(|earlier| earlier.run == *run))
                {
                    resumed.resumed_by.push(begun.run.clone());
                    begins = None;
                }
                continue;
            }
            _ => {}
        }
        if let Some(mut begun) = begins.take() {
            for intent in open.values() {
                begun.note(intent, true);
            }
            runs.push(begun);
        }
        let Some(run) = runs.last_mut() else { continue };
        match record {
            JournalRecord::Approved { plan } => run.plan = Some(plan.clone()),
            JournalRecord::Intent { write, intent } => {
                run.note(intent, true);
                open.insert(*write, intent);
            }
            JournalRecord::Sent { write, answer: Answer::Refused { .. } } => {
                if let Some(intent) = open.remove(write) {
                    run.note(intent, false);
                }
            }
            JournalRecord::Confirmed { write: Some(write), .. } => {
                open.remove(write);
            }
            _ => {}
        }
    }
    runs
}
