//! Simulating: a plan is carried out by the real executor, on services and a state that are no more than values (ADR 0031).
//! Which services, and how time passes there, is the caller's to say.

use crate::domain::journal::{CutOff, JournalRecord, Recovered, RunId, cut_off};
use crate::domain::snapshot::{Serial, Snapshot};
use crate::ports::event_sink::{Event, EventSink};
use crate::ports::state_store::{StateError, StateStore};

/// The run that is simulated.
const RUN: &str = "simulated";

/// A state on no disk: what a folder would hold, should the process die at this moment. Power cuts are not simulated.
#[derive(Debug)]
pub struct Notebook {
    folded: Snapshot,
    recovered: Recovered,
    journal: Vec<JournalRecord>,
    plan: String,
}

impl Notebook {
    /// The state that was recovered, for a run that carries out this plan.
    pub fn on(recovered: Recovered, plan: String) -> Self {
        Self { folded: recovered.snapshot.clone(), recovered, journal: Vec::new(), plan }
    }

    /// What a process that starts now finds.
    pub fn recovered(&self) -> &Recovered {
        &self.recovered
    }

    /// The run, if it was cut off and left anything.
    pub fn cut_off(&self) -> Option<CutOff> {
        cut_off(&self.journal, self.folded.serial).pop()
    }
}

impl StateStore for Notebook {
    fn append(&mut self, record: &JournalRecord) -> Result<(), StateError> {
        self.recovered.accepts(record)?;
        if self.journal.is_empty() {
            let started = JournalRecord::RunStarted {
                run: RunId(RUN.to_owned()),
                lineage: self.folded.lineage.clone(),
                base_serial: self.folded.serial,
                command: "apply".to_owned(),
                started_at: String::new(),
                tool_version: env!("CARGO_PKG_VERSION").to_owned(),
                plan: None,
            };
            let approved = JournalRecord::Approved { plan: self.plan.clone() };
            let open = self.recovered.open.iter();
            let open =
                open.map(|(write, intent)| JournalRecord::Intent { write: *write, intent: intent.clone() });
            self.journal.extend([started, approved].into_iter().chain(open));
        }
        self.journal.push(record.clone());
        Ok(self.recovered.follow(record)?)
    }

    fn sync(&mut self) -> Result<(), StateError> {
        Ok(())
    }

    fn fold(&mut self, snapshot: &Snapshot) -> Result<Serial, StateError> {
        if snapshot.resources != self.folded.resources || snapshot.strays != self.folded.strays {
            self.folded = Snapshot { serial: self.folded.serial.next(), ..snapshot.clone() };
        }
        self.recovered.snapshot = self.folded.clone();
        self.recovered.unfolded = false;
        self.journal.clear();
        Ok(self.folded.serial)
    }
}

/// Nobody listens.
#[derive(Debug, Clone, Copy)]
pub struct Silence;

impl EventSink for Silence {
    fn emit(&self, _: Event) {}
}
