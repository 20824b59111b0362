//! A state that is locked by us: the only thing that writes one.
//!
//! Promises rule 7 (what was appended before a sync is on the disk when the sync returns: any number of records share
//! one), rule 11 (the first failed write or sync is the last, and takes along what no sync has covered yet) and that a run
//! which changes nothing touches neither snapshot nor journal.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::disk::{Disk, cannot_write, replace};
use super::lock::Lock;
use super::reading::{JournalFound, Reading, journal_path, snapshot_path};
use super::remembered::Remembered;
use super::rescue::{self, Rescued};
use super::{backup, journal_file, key_file, snapshot_file};
use crate::domain::journal::{CutOff, JournalRecord, PlanId, Recovered, RunId};
use crate::domain::snapshot::{MadeBy, Serial, Snapshot};
use crate::platform::fs::Stamp;
use crate::ports::state_store::{StateError, StateStore};

/// The run that holds the lock.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) id: RunId,
    pub(crate) command: String,
    pub(crate) started_at: String,
}

/// The journal file, as this run sees it. It is touched at the first append and not before.
enum Journal {
    /// There is no record in the file.
    Nothing,
    /// The file builds on an older snapshot.
    Outdated,
    /// An earlier run was cut off; its records stay, and ours follow.
    Inherited { length: u64, records: u64 },
    /// Our run has begun in it.
    Ours(Lines),
}

/// The lines of the journal file.
struct Lines {
    file: File,
    /// How many there are.
    records: u64,
    /// How many of them are durable.
    synced: u64,
}

/// The locked state. Dropping it lets the lock go.
pub struct LockedState {
    disk: Arc<dyn Disk>,
    folder: PathBuf,
    lock: Lock,
    run: Run,
    /// The saved plan that the run carries out and has not yet left in a snapshot.
    plan: Option<PlanId>,
    /// What the run says behind its first record of the plan that was approved, until it has ended.
    approved: Option<JournalRecord>,
    /// The runs that were cut off before this one, until it has ended.
    cut_off: Vec<CutOff>,
    /// What the snapshot file holds.
    folded: Snapshot,
    /// That file, if it could be looked at before it was read, or after it was written.
    stamp: Option<Stamp>,
    recovered: Recovered,
    journal: Journal,
    has_failed: bool,
    /// Records that no sync has covered yet.
    unsynced: Vec<JournalRecord>,
    /// Records that may not be on the disk, because a write or sync has failed.
    lost: Vec<JournalRecord>,
}

impl std::fmt::Debug for LockedState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LockedState")
            .field("folder", &self.folder)
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}

impl LockedState {
    /// `stamp` is that of the snapshot's file before it was read.
    pub(crate) fn new(
        disk: Arc<dyn Disk>,
        folder: PathBuf,
        (lock, run): (Lock, Run),
        reading: Reading,
        stamp: Option<Stamp>,
    ) -> Self {
        let Reading { snapshot, recovered, journal, cut_off } = reading;
        let snapshot = snapshot.unwrap_or_else(|| recovered.snapshot.clone());
        let journal = match journal {
            JournalFound::Nothing => Journal::Nothing,
            JournalFound::Outdated => Journal::Outdated,
            JournalFound::Current { length, records } => Journal::Inherited { length, records },
        };
        Self {
            disk,
            folder,
            lock,
            run,
            plan: None,
            approved: None,
            cut_off,
            folded: snapshot,
            stamp,
            recovered,
            journal,
            has_failed: false,
            unsynced: Vec::new(),
            lost: Vec::new(),
        }
    }

    /// What is recorded now: as a reader would see it, records of this run included.
    pub fn recovered(&self) -> &Recovered {
        &self.recovered
    }

    /// Lets the lock go. What is there is remembered if there is nothing but a snapshot, and that is the one we know.
    pub fn leave(self) -> Option<Remembered> {
        let is_settled = !self.has_failed
            && matches!(self.journal, Journal::Nothing)
            && self.recovered.open.is_empty()
            && self.unsynced.is_empty()
            && self.cut_off.is_empty();
        let there = Stamp::at(&snapshot_path(&self.folder)).ok();
        let stamp = self.stamp.filter(|stamp| is_settled && there.as_ref() == Some(stamp))?;
        Some(Remembered { snapshot: self.folded.clone(), stamp, holder: self.lock.holder()?.clone() })
    }

    /// From now on this run carries out a saved plan. Its first record says so, durably with the first intent; the next fold
    /// makes a new generation even if nothing else has changed, so that the plan is used up for good.
    pub fn carries_out(&mut self, plan: PlanId) {
        self.plan = Some(plan);
    }

    /// The runs that were cut off and that this one has not ended yet, oldest first.
    pub fn cut_off(&self) -> &[CutOff] {
        &self.cut_off
    }

    /// From now on this run carries out a plan that `apply --resume` can finish should it be cut off: the text is in the
    /// journal, durably with the first intent and at the cost of no sync, until the run ends.
    pub fn approved(&mut self, plan: String) {
        self.approved = Some(JournalRecord::Approved { plan });
    }

    /// From now on this run finishes the plan of one that was cut off: that plan stays in the journal until this run ends.
    pub fn resumes(&mut self, run: RunId) {
        self.approved = Some(JournalRecord::Resumes { run });
    }

    /// The key with which fingerprints of secrets are made. The first call ever makes it, durably.
    ///
    /// # Errors
    /// [`StateError::Corrupt`] when the key is damaged: another one in its place would make every secret look changed.
    /// [`StateError::Write`]; after it every later write fails too. [`StateError::LockLost`].
    pub fn fingerprint_key(&mut self) -> Result<[u8; 32], StateError> {
        self.refuse_after_failure()?;
        self.lock.verify_still_held()?;
        let key = key_file::read_or_make(&*self.disk, &self.folder);
        self.has_failed |= matches!(key, Err(StateError::Write { .. }));
        key
    }

    /// Saves the records that could not be written or synced: in the state folder, else in the working folder, else as
    /// text for standard error (rule 12). `None` when none was lost. A fold that failed loses nothing: its journal is
    /// whole.
    ///
    /// # Errors
    /// The serialiser refused; with these types it does not.
    pub fn rescue(&self, working_folder: &Path) -> serde_json::Result<Option<Rescued>> {
        if self.lost.is_empty() {
            return Ok(None);
        }
        let text = rescue::content(&self.run.id, &self.folded, &self.lost)?;
        Ok(Some(rescue::save(&*self.disk, [&self.folder, working_folder], &self.run.id, text)))
    }

    fn try_append(&mut self, record: &JournalRecord) -> Result<(), StateError> {
        let path = journal_path(&self.folder);
        match &mut self.journal {
            Journal::Nothing | Journal::Outdated => {
                let records: Vec<JournalRecord> =
                    self.beginning().into_iter().chain([record.clone()]).collect();
                self.restart(&records)?;
                self.recovered.plans.extend(self.plan.clone());
            }
            Journal::Inherited { length, records } => {
                let stage = "continue the journal; the state is whole";
                let file = self.disk.open_append(&path).map_err(cannot_write(&path, stage))?;
                self.disk.truncate(&file, &path, *length).map_err(cannot_write(&path, stage))?;
                // What a cut left behind the whole lines must not mix with what follows; and what a killed run did not
                // sync, others have read by now.
                self.disk.sync(&file, &path).map_err(cannot_write(&path, stage))?;
                let mut lines = Lines { file, records: *records, synced: *records };
                for record in self.header().iter().chain([record]) {
                    lines.append(&*self.disk, &path, record)?;
                }
                self.journal = Journal::Ours(lines);
                self.recovered.plans.extend(self.plan.clone());
            }
            Journal::Ours(lines) => lines.append(&*self.disk, &path, record)?,
        }
        Ok(())
    }

    fn try_sync(&mut self) -> Result<(), StateError> {
        match &mut self.journal {
            Journal::Ours(lines) if lines.synced < lines.records => {
                let path = journal_path(&self.folder);
                let cannot_sync = cannot_write(&path, "sync the journal; the state is whole");
                self.disk.sync(&lines.file, &path).map_err(cannot_sync)?;
                lines.synced = lines.records;
            }
            _ => {}
        }
        self.unsynced.clear();
        Ok(())
    }

    /// Keeps what a failed write or sync of the journal may have lost.
    fn unless_lost(&mut self, done: Result<(), StateError>) -> Result<(), StateError> {
        if done.is_err() {
            self.has_failed = true;
            self.lost.append(&mut self.unsynced);
        }
        done
    }

    /// The first records of a new journal: our run, and the writes that are still open.
    fn beginning(&self) -> Vec<JournalRecord> {
        let open = self.recovered.open.iter();
        let intents =
            open.map(|(write, intent)| JournalRecord::Intent { write: *write, intent: intent.clone() });
        self.header().into_iter().chain(intents).collect()
    }

    /// Our run, and the plan that was approved for it.
    fn header(&self) -> Vec<JournalRecord> {
        std::iter::once(self.run_started()).chain(self.approved.clone()).collect()
    }

    fn run_started(&self) -> JournalRecord {
        let Run { id, command, started_at } = &self.run;
        JournalRecord::RunStarted {
            run: id.clone(),
            lineage: self.folded.lineage.clone(),
            base_serial: self.folded.serial,
            command: command.clone(),
            started_at: started_at.clone(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            plan: self.plan.clone(),
        }
    }

    /// Puts a new journal in place of the old one, durably and in one piece.
    fn restart(&mut self, records: &[JournalRecord]) -> Result<(), StateError> {
        let path = journal_path(&self.folder);
        let bytes = journal_file::encode_all(records)
            .map_err(io::Error::from)
            .map_err(cannot_write(&path, "write a record; the state is whole"))?;
        let file = replace(&*self.disk, &path, &bytes)?;
        let records = records.len() as u64;
        self.journal = Journal::Ours(Lines { file, records, synced: records });
        Ok(())
    }

    fn try_fold(&mut self, snapshot: &Snapshot) -> Result<(), StateError> {
        if snapshot.lineage != self.folded.lineage {
            return Err(StateError::LineageMismatch {
                path: snapshot_path(&self.folder),
                found: self.folded.lineage.to_string(),
                expected: snapshot.lineage.to_string(),
            });
        }
        let plans = &self.recovered.plans;
        if snapshot.resources != self.folded.resources
            || snapshot.strays != self.folded.strays
            || !plans.is_empty()
            // Whose plan it was must learn what became of it.
            || self.cut_off.iter().any(|run| run.plan.is_some())
        {
            let Run { id, command, started_at: _ } = &self.run;
            let ended = self.cut_off.iter().flat_map(|run| run.resumed_by.iter().chain([&run.run]));
            let ended = ended.cloned().collect();
            let made_by = MadeBy { run: id.clone(), command: command.clone(), plans: plans.clone(), ended };
            let serial = self.folded.serial.next();
            let next = Snapshot { serial, made_by: Some(made_by), ..snapshot.clone() };
            let path = snapshot_path(&self.folder);
            let bytes = snapshot_file::encode(&next)
                .map_err(io::Error::from)
                .map_err(cannot_write(&path, "write; the old state is whole"))?;
            backup::make(&*self.disk, &self.folder, &path, self.folded.serial)?;
            let file = replace(&*self.disk, &path, &bytes)?;
            self.stamp = Stamp::of(&file).ok();
            self.folded = next;
        }
        // What the journal keeps from here on are open writes, not plans: those are in the snapshot.
        self.plan = None;
        self.approved = None;
        self.cut_off.clear();
        self.recovered.plans.clear();
        self.end_journal()?;
        self.recovered.snapshot = self.folded.clone();
        self.recovered.unfolded = false;
        Ok(())
    }

    /// Leaves nothing in the journal but the open writes.
    fn end_journal(&mut self) -> Result<(), StateError> {
        if matches!(self.journal, Journal::Nothing) {
            return Ok(());
        }
        if !self.recovered.open.is_empty() {
            return self.restart(&self.beginning());
        }
        let path = journal_path(&self.folder);
        self.disk
            .remove(&path)
            .and_then(|()| self.disk.sync_folder(&self.folder))
            .map_err(cannot_write(&path, "end the journal; the new state is whole"))?;
        self.journal = Journal::Nothing;
        Ok(())
    }

    fn refuse_after_failure(&self) -> Result<(), StateError> {
        if self.has_failed {
            let refused = io::Error::other("an earlier write of this run failed");
            return Err(cannot_write(&self.folder, "not tried; what is on the disk is whole")(refused));
        }
        Ok(())
    }
}

impl Lines {
    fn append(&mut self, disk: &dyn Disk, path: &Path, record: &JournalRecord) -> Result<(), StateError> {
        let sequence = self.records.saturating_add(1);
        journal_file::encode(sequence, self.synced, record)
            .map_err(io::Error::from)
            .and_then(|line| disk.append(&mut self.file, path, &line))
            .map_err(cannot_write(path, "write a record; the state is whole"))?;
        self.records = sequence;
        Ok(())
    }
}

impl StateStore for LockedState {
    fn append(&mut self, record: &JournalRecord) -> Result<(), StateError> {
        self.recovered.accepts(record)?;
        self.unsynced.push(record.clone());
        let written = self
            .refuse_after_failure()
            .and_then(|()| self.lock.verify_still_held())
            .and_then(|()| self.try_append(record));
        self.unless_lost(written)?;
        Ok(self.recovered.follow(record)?)
    }

    fn sync(&mut self) -> Result<(), StateError> {
        let synced = self
            .refuse_after_failure()
            .and_then(|()| self.lock.verify_still_held())
            .and_then(|()| self.try_sync());
        self.unless_lost(synced)
    }

    fn fold(&mut self, snapshot: &Snapshot) -> Result<Serial, StateError> {
        let folded = self
            .refuse_after_failure()
            .and_then(|()| self.lock.verify_still_held())
            .and_then(|()| self.try_fold(snapshot));
        match &folded {
            Ok(()) => {
                self.unsynced.clear();
                self.lock.made(self.folded.serial);
            }
            Err(_) => self.has_failed = true,
        }
        folded.map(|()| self.folded.serial)
    }
}
