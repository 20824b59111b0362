//! A state in memory: synced records survive a crash, the ones behind the last sync survive or not.

use std::path::PathBuf;

use reconcile::domain::journal::{CutOff, JournalRecord, Recovered, RunId, cut_off, fold};
use reconcile::domain::snapshot::{Lineage, Serial, Snapshot};
use reconcile::ports::state_store::{StateError, StateStore};

use super::tape::{Entry, Tape};

/// See the module.
#[derive(Debug)]
pub(crate) struct MemoryStore {
    tape: Tape,
    snapshot: Snapshot,
    journal: Vec<JournalRecord>,
    /// How many of them are synced.
    synced: usize,
    good_calls: Option<usize>,
    /// The disk says that it is synced, and is not.
    lies: bool,
    /// How many runs there were.
    runs: usize,
    /// What the present run says behind its name, with its first record.
    header: Vec<JournalRecord>,
}

impl MemoryStore {
    pub(crate) fn new(tape: Tape) -> Self {
        let snapshot = Snapshot::new(Lineage("lineage".into()));
        Self {
            tape,
            snapshot,
            journal: Vec::new(),
            synced: 0,
            good_calls: None,
            lies: false,
            runs: 0,
            header: Vec::new(),
        }
    }

    /// A run begins that carries out this plan, or goes on with one.
    pub(crate) fn begin(&mut self, plan: JournalRecord) {
        self.runs += 1;
        self.header = vec![self.run_started(), plan];
    }

    /// The last run that was cut off.
    pub(crate) fn cut_off(&self) -> Option<CutOff> {
        cut_off(&self.journal, self.snapshot.serial).pop()
    }

    /// Every call behind the next `n` fails.
    pub(crate) fn break_behind(&mut self, n: usize) {
        self.good_calls = Some(n);
    }

    /// From now on no sync of the journal makes anything durable.
    pub(crate) fn lies(&mut self) {
        self.lies = true;
    }

    /// Writes work again.
    pub(crate) fn repair(&mut self) {
        self.good_calls = None;
    }

    /// What a process that starts now finds.
    pub(crate) fn recover(&self) -> Recovered {
        fold(self.snapshot.clone(), &self.journal).unwrap()
    }

    /// The records of the journal.
    pub(crate) fn journal(&self) -> Vec<JournalRecord> {
        self.journal.clone()
    }

    /// Power is lost: of what was not synced only so many records are still there.
    pub(crate) fn lose_unsynced(&mut self, kept: usize) {
        self.journal.truncate(self.synced.saturating_add(kept));
        self.synced = self.journal.len();
    }

    fn run_started(&self) -> JournalRecord {
        JournalRecord::RunStarted {
            run: RunId(format!("run-{}", self.runs)),
            lineage: self.snapshot.lineage.clone(),
            base_serial: self.snapshot.serial,
            command: "apply".into(),
            started_at: String::new(),
            tool_version: String::new(),
            plan: None,
        }
    }

    fn check(&mut self, stage: &'static str) -> Result<(), StateError> {
        match &mut self.good_calls {
            Some(0) => Err(StateError::Write {
                path: PathBuf::from("journal.jsonl"),
                stage,
                source: std::io::Error::other("no space left"),
            }),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl StateStore for MemoryStore {
    fn append(&mut self, record: &JournalRecord) -> Result<(), StateError> {
        self.check("append")?;
        if self.tape.push(Entry::Appended(record.clone())) {
            let is_new = self.journal.is_empty();
            if is_new && self.header.is_empty() {
                self.journal.push(self.run_started());
            }
            self.journal.append(&mut self.header);
            if is_new && !self.lies {
                self.synced = self.journal.len();
            }
            self.journal.push(record.clone());
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<(), StateError> {
        self.check("sync")?;
        if self.tape.push(Entry::Synced) && !self.lies {
            self.synced = self.journal.len();
        }
        Ok(())
    }

    fn fold(&mut self, snapshot: &Snapshot) -> Result<Serial, StateError> {
        self.check("fold")?;
        if self.tape.push(Entry::Folded) {
            let open = self.recover().open;
            let same =
                snapshot.resources == self.snapshot.resources && snapshot.strays == self.snapshot.strays;
            let serial = if same { self.snapshot.serial } else { self.snapshot.serial.next() };
            self.snapshot = Snapshot { serial, ..snapshot.clone() };
            self.journal.clear();
            // Writes that are still open go on in the new journal.
            if !open.is_empty() {
                self.journal.push(self.run_started());
            }
            for (write, intent) in open {
                self.journal.push(JournalRecord::Intent { write, intent });
            }
            self.synced = self.journal.len();
        }
        Ok(self.snapshot.serial)
    }
}
