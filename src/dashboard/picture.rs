//! What the watch knows of its objects: how each stands, what happened to it, and what changed since a reader looked.
//!
//! Promises: memory is bounded by the number of objects, however long the watch runs; whatever revision a reader has, the
//! delta from it leads to the same picture as reading everything. Pure: times are told.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::view::{Detail, FieldWord, Moment, Resource, State, Tone};
use crate::domain::address::{Address, Kind};

/// Moments of one object that are kept.
const HISTORY: usize = 50;
/// Moments of all objects that are kept, and of those that one delta tells.
const MOMENTS: usize = 500;
const TOLD: usize = 200;
/// Objects that went away and are remembered, so that a reader hears of it.
const TOMBSTONES: usize = 4096;

/// How an object stands in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The object.
    pub address: Address,
    /// Its identity in the service.
    pub id: String,
    /// Where it is declared, as `FILE:LINE`.
    pub source: Option<String>,
    /// How it stands.
    pub state: State,
    /// What is planned, by its word.
    pub action: Option<&'static str>,
    /// Whether it can be used, in a word.
    pub readiness: Option<String>,
    /// The fields that do not simply agree.
    pub drift: Vec<FieldWord>,
    /// Why it is blocked.
    pub error: Option<String>,
    /// The planned change, a line for each field.
    pub diff: Option<String>,
}

/// What happened to an object while a plan was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// Its state changed, as users see it.
    Turned {
        /// The word.
        word: &'static str,
        /// If it can be used now: how long that took from the beginning of the step.
        ready_after: Option<Duration>,
    },
    /// The service was asked while it is waited for.
    Reported {
        /// The service's word.
        word: String,
        /// The service's explanation.
        explanation: Option<String>,
    },
    /// The change was carried out.
    Done,
    /// It failed.
    Failed(String),
    /// It was not begun.
    Skipped(String),
    /// Something worth knowing.
    Noted(String),
}

#[derive(Debug)]
struct Entry {
    row: Arc<Resource>,
    revision: u64,
    diff: Option<String>,
    explanation: Option<String>,
    history: VecDeque<Moment>,
}

/// When something happens.
#[derive(Debug, Clone)]
pub(super) struct When {
    /// RFC 3339.
    pub(super) at: String,
    /// In which pass.
    pub(super) pass: u64,
}

/// What changed since a revision.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Changes {
    pub(super) whole: bool,
    pub(super) resources: Vec<Arc<Resource>>,
    pub(super) gone: Vec<String>,
    pub(super) moments: Vec<Moment>,
}

/// What a plan newly shows, for the metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Drifted(pub(super) Kind);

/// The picture.
#[derive(Debug)]
pub(super) struct Picture {
    entries: BTreeMap<Address, Entry>,
    counts: BTreeMap<(Kind, State), usize>,
    tombstones: VecDeque<(u64, Address)>,
    moments: VecDeque<(u64, Moment)>,
    /// Readers with an older revision are told everything.
    floor: u64,
    revision: u64,
}

impl Picture {
    /// Nothing yet. Revisions grow from the first one, which must be beyond those of an earlier watch.
    pub(super) fn new(first: u64) -> Self {
        Self {
            entries: BTreeMap::new(),
            counts: BTreeMap::new(),
            tombstones: VecDeque::new(),
            moments: VecDeque::new(),
            floor: first,
            revision: first,
        }
    }

    /// The revision of what changed last.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    /// Something beside the objects changed.
    pub(super) fn touch(&mut self) {
        self.revision += 1;
    }

    /// How many objects of each kind stand how.
    pub(super) fn counts(&self) -> &BTreeMap<(Kind, State), usize> {
        &self.counts
    }

    /// All objects.
    pub(super) fn resources(&self) -> Vec<Arc<Resource>> {
        self.entries.values().map(|entry| Arc::clone(&entry.row)).collect()
    }

    /// One object.
    pub(super) fn detail(&self, address: &Address) -> Option<Detail> {
        let Entry { row, diff, explanation, history, .. } = self.entries.get(address)?;
        Some(Detail {
            resource: (**row).clone(),
            diff: diff.clone(),
            explanation: explanation.clone(),
            history: history.iter().rev().cloned().collect(),
        })
    }

    /// What changed since a revision; everything, if that is unknown or too long ago.
    pub(super) fn since(&self, revision: Option<u64>) -> Changes {
        let told = |since: u64| {
            let newer = self.moments.iter().rev().take_while(|(revision, _)| *revision > since).take(TOLD);
            let mut moments: Vec<Moment> = newer.map(|(_, moment)| moment.clone()).collect();
            moments.reverse();
            moments
        };
        match revision.filter(|revision| (self.floor..=self.revision).contains(revision)) {
            None => Changes { whole: true, resources: self.resources(), gone: Vec::new(), moments: told(0) },
            Some(since) => {
                let newer = self.entries.values().filter(|entry| entry.revision > since);
                let gone = self.tombstones.iter().rev().take_while(|(revision, _)| *revision > since);
                let gone: BTreeSet<&Address> = gone.map(|(_, address)| address).collect();
                let gone = gone.iter().filter(|address| !self.entries.contains_key(**address));
                Changes {
                    whole: false,
                    resources: newer.map(|entry| Arc::clone(&entry.row)).collect(),
                    gone: gone.map(ToString::to_string).collect(),
                    moments: told(since),
                }
            }
        }
    }

    /// A plan was made. What is held back is not in it and stands as before, and so does what it is not about. Returns what has drifted since the last plan.
    pub(super) fn planned(
        &mut self,
        when: &When,
        planned: Vec<Planned>,
        held: &BTreeSet<Address>,
        within: Option<&BTreeSet<Address>>,
    ) -> Vec<Drifted> {
        let there: BTreeSet<&Address> = planned.iter().map(|one| &one.address).collect();
        let left: Vec<Address> = self
            .entries
            .keys()
            .filter(|address| !there.contains(address) && !held.contains(address))
            .filter(|address| within.is_none_or(|within| within.contains(address)))
            .cloned()
            .collect();
        for address in &left {
            self.remove(address);
        }
        planned.into_iter().filter_map(|one| self.stands(when, one)).collect()
    }

    fn stands(&mut self, when: &When, planned: Planned) -> Option<Drifted> {
        let Planned { address, id, source, state, action, readiness, drift, error, diff } = planned;
        let before = self.entries.get(&address).map(|entry| Arc::clone(&entry.row));
        let failed = before.as_ref().filter(|row| row.state == State::Failed);
        // What failed stays so until it is as declared, or its change was carried out.
        let (state, error) = match (failed, state) {
            (Some(row), State::Pending | State::Drifted) => (State::Failed, row.error.clone()),
            _ => (state, error),
        };
        let same_state = before.as_ref().filter(|row| row.state == state);
        let row = Resource {
            address: address.to_string(),
            kind: address.kind.as_str(),
            name: address.name.as_str().to_owned(),
            id,
            state,
            action,
            readiness,
            drift,
            error,
            since: same_state.map_or_else(|| when.at.clone(), |row| row.since.clone()),
            source,
        };
        let was = before.as_ref().map(|row| row.state);
        let newly = |now: State| state == now && was != Some(now);
        let moved = row.drift.iter().map(|one| format!("{} {}", one.field, one.word)).collect::<Vec<_>>();
        let moved = if moved.is_empty() { "not there any more".to_owned() } else { moved.join(", ") };
        let text = match state {
            State::Drifted if newly(State::Drifted) => Some((format!("drifted: {moved}"), Tone::Bad)),
            State::Blocked if newly(State::Blocked) => {
                Some((format!("blocked: {}", row.error.as_deref().unwrap_or_default()), Tone::Bad))
            }
            State::Pending if newly(State::Pending) => {
                Some((format!("{} planned", action.unwrap_or("change")), Tone::Plain))
            }
            State::Kept if newly(State::Kept) => Some(("kept without a manifest".to_owned(), Tone::Plain)),
            State::AsDeclared if was.is_some_and(|was| was != State::AsDeclared) => {
                Some(("as declared again".to_owned(), Tone::Good))
            }
            _ => None,
        };
        let drifted = newly(State::Drifted).then_some(Drifted(address.kind));
        self.put(&address, row, |entry| entry.diff = diff);
        if let Some((text, tone)) = text {
            self.tell(when, &address, text, tone);
        }
        drifted
    }

    /// Something happened to an object. Returns the word of what was planned for it.
    pub(super) fn happened(
        &mut self,
        when: &When,
        address: &Address,
        happened: Happened,
    ) -> Option<&'static str> {
        let entry = self.entries.get(address)?;
        let mut row = (*entry.row).clone();
        let action = row.action;
        let told = match happened {
            Happened::Turned { word, .. } => {
                row.state = State::Applying;
                let told = row.readiness.as_deref() != Some(word);
                row.readiness = Some(word.to_owned());
                told.then(|| (word.to_owned(), Tone::Plain))
            }
            Happened::Reported { word, explanation } => {
                row.state = State::Applying;
                let told = row.readiness.as_deref() != Some(&word);
                row.readiness = Some(word.clone());
                if let Some(entry) = self.entries.get_mut(address) {
                    entry.explanation.clone_from(&explanation);
                }
                let because = explanation.map(|text| format!(": {text}")).unwrap_or_default();
                told.then(|| (format!("{word}{because}"), Tone::Plain))
            }
            Happened::Done => {
                let text = format!("{} done", action.unwrap_or("change"));
                if matches!(action, Some("delete" | "forget")) {
                    self.tell(when, address, text, Tone::Good);
                    self.remove(address);
                    return action;
                }
                (row.state, row.action, row.error) = (State::AsDeclared, None, None);
                row.drift.clear();
                row.readiness = Some("ready".to_owned());
                if let Some(entry) = self.entries.get_mut(address) {
                    (entry.diff, entry.explanation) = (None, None);
                }
                Some((text, Tone::Good))
            }
            Happened::Failed(why) => {
                // `Creating` was a word for what was under way. What the service explains stays.
                if row.state == State::Applying && entry.explanation.is_none() {
                    row.readiness = None;
                }
                row.state = State::Failed;
                row.error = Some(why.clone());
                Some((format!("failed: {why}"), Tone::Bad))
            }
            Happened::Skipped(why) => {
                row.state = if row.error.is_some() { State::Failed } else { State::Pending };
                Some((format!("not begun: {why}"), Tone::Plain))
            }
            Happened::Noted(text) => Some((text, Tone::Plain)),
        };
        if self.entries.get(address).is_some_and(|entry| entry.row.state != row.state) {
            row.since.clone_from(&when.at);
        }
        self.put(address, row, |_| {});
        if let Some((text, tone)) = told {
            self.tell(when, address, text, tone);
        }
        action
    }

    /// Puts the row in place of the one before, if it is another one.
    fn put(&mut self, address: &Address, row: Resource, also: impl FnOnce(&mut Entry)) {
        let now = (address.kind, row.state);
        if let Some(entry) = self.entries.get_mut(address) {
            let diff = entry.diff.clone();
            also(entry);
            if *entry.row == row && entry.diff == diff {
                return;
            }
            self.revision += 1;
            let was = (address.kind, entry.row.state);
            (entry.row, entry.revision) = (Arc::new(row), self.revision);
            self.uncount(was);
        } else {
            self.revision += 1;
            let row = Arc::new(row);
            let (revision, history) = (self.revision, VecDeque::new());
            let mut entry = Entry { row, revision, diff: None, explanation: None, history };
            also(&mut entry);
            self.entries.insert(address.clone(), entry);
        }
        *self.counts.entry(now).or_default() += 1;
    }

    fn remove(&mut self, address: &Address) {
        let Some(entry) = self.entries.remove(address) else { return };
        self.uncount((address.kind, entry.row.state));
        self.revision += 1;
        self.tombstones.push_back((self.revision, address.clone()));
        if self.tombstones.len() > TOMBSTONES
            && let Some((revision, _)) = self.tombstones.pop_front()
        {
            self.floor = revision;
        }
    }

    fn uncount(&mut self, one: (Kind, State)) {
        if let Some(count) = self.counts.get_mut(&one) {
            *count = count.saturating_sub(1);
        }
    }

    fn tell(&mut self, when: &When, address: &Address, text: String, tone: Tone) {
        self.revision += 1;
        let When { at, pass } = when.clone();
        let moment = Moment { at, pass, address: Some(address.to_string()), text, tone };
        if let Some(entry) = self.entries.get_mut(address) {
            // What is shown of the object has changed, even if its row has not.
            entry.revision = self.revision;
            push(&mut entry.history, Moment { address: None, ..moment.clone() }, HISTORY);
        }
        push(&mut self.moments, (self.revision, moment), MOMENTS);
    }
}

/// Keeps the newest.
fn push<T>(queue: &mut VecDeque<T>, item: T, limit: usize) {
    if queue.len() >= limit {
        queue.pop_front();
    }
    queue.push_back(item);
}

#[cfg(test)]
mod tests;
