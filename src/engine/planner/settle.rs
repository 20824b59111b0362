//! Settling: what an earlier run left open is decided by looking at live. Names are identity here, so looking is
//! enough, and nothing is ever sent again blindly.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::journal::{Intent, Recovered, WriteId};
use crate::domain::live::{Live, Readiness, World};
use crate::domain::natural_key::NaturalKey;
use crate::domain::recorded::{Condition, Recorded};
use crate::domain::snapshot::{Snapshot, StateChange};

/// What looking decided on one open write, or, without a number, on open conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// The write that is closed.
    pub write: Option<WriteId>,
    /// What changes in the recorded side.
    pub changes: Vec<StateChange>,
}

/// What looking decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The recorded side with everything that live decided.
    pub snapshot: Snapshot,
    /// What leads there; an apply journals it before anything else.
    pub settlements: Vec<Settlement>,
    /// What may have been registered and live does not show (yet).
    pub unseen: BTreeMap<NaturalKey, Recorded>,
    /// Deletes that were sent by an earlier run, of objects that live still shows: they may be under way. They stay open
    /// until a run has ended, so that a run that is cut off too leaves them to the next one.
    pub deleting: BTreeMap<NaturalKey, Vec<WriteId>>,
    /// The number of the next write.
    pub next_write: WriteId,
}

impl Settled {
    /// Whether there is nothing to journal.
    pub fn decides_nothing(&self) -> bool {
        self.settlements.is_empty() && self.deleting.is_empty()
    }
}

/// Decides open writes and open conditions by what live shows. Every open registration is closed: whatever becomes of
/// this run, what may still arrive then has a name in the record.
pub fn settle(recovered: &Recovered, live: &World) -> Settled {
    let mut settling =
        Settling { snapshot: recovered.snapshot.clone(), settlements: Vec::new(), arrived: BTreeSet::new() };
    for (write, intent) in &recovered.open {
        match intent {
            Intent::Register { when_present, .. } => {
                let changes = when_present.iter().filter_map(|sent| settling.came(sent, live)).collect();
                settling.close(Some(*write), changes);
            }
            Intent::Create { when_present } => {
                let changes = settling.came(when_present, live).into_iter().collect();
                settling.close(Some(*write), changes);
            }
            Intent::Update { key, fields } => {
                let changes = settling.changed(key, fields).into_iter().collect();
                settling.close(Some(*write), changes);
            }
            Intent::Delete { .. } => {}
        }
    }
    // After the registrations: what may still arrive is not gone because a listing does not show it.
    let mut deleting: BTreeMap<NaturalKey, Vec<WriteId>> = BTreeMap::new();
    for (write, intent) in &recovered.open {
        if let Intent::Delete { key, when_absent } = intent {
            let (known, census) = (settling.snapshot.resources.get(key), live.get(&key.scope()));
            // Who does not see it neither proves its absence nor waits for it: the write stays open.
            if let (Some(known), Some(census)) = (known, census)
                && known.is_out_of_sight(census)
            {
                continue;
            }
            if census.is_none_or(|census| census.absence(key).is_none()) {
                deleting.entry(key.clone()).or_default().push(*write);
            } else {
                let gone = !settling.may_arrive(key);
                settling.close(Some(*write), if gone { when_absent.clone() } else { Vec::new() });
            }
        }
    }
    let over = settling.snapshot.resources.values().filter(|recorded| is_over(recorded, live));
    let better: Vec<StateChange> =
        over.map(|recorded| put(seen(recorded.clone().found_again(), live))).collect();
    if !better.is_empty() {
        settling.close(None, better);
    }
    let Settling { snapshot, settlements, arrived: _ } = settling;
    let unseen = snapshot.resources.values().filter(|recorded| recorded.condition.may_arrive());
    let unseen = unseen.map(|recorded| (recorded.key.clone(), recorded.clone().found_again())).collect();
    Settled { snapshot, settlements, unseen, deleting, next_write: recovered.next_write }
}

/// The recorded side while writes are being closed.
struct Settling {
    snapshot: Snapshot,
    settlements: Vec<Settlement>,
    /// Keys that an open registration was found to have brought.
    arrived: BTreeSet<NaturalKey>,
}

impl Settling {
    fn close(&mut self, write: Option<WriteId>, changes: Vec<StateChange>) {
        for change in &changes {
            self.snapshot.apply(change.clone());
        }
        self.settlements.push(Settlement { write, changes });
    }

    fn may_arrive(&self, key: &NaturalKey) -> bool {
        self.snapshot.resources.get(key).is_some_and(|recorded| recorded.condition.may_arrive())
    }

    /// An update that may or may not have arrived: nobody can say what live has in these fields. They are sent again, for
    /// an update does no harm twice.
    fn changed(&self, key: &NaturalKey, fields: &BTreeSet<String>) -> Option<StateChange> {
        let mut recorded = self.snapshot.resources.get(key)?.clone();
        recorded.fields.retain(|field, _| !fields.contains(field));
        Some(put(recorded))
    }

    /// What is known of an object of an open registration. Another one of the same key may be what is there.
    fn came(&mut self, sent: &Recorded, live: &World) -> Option<StateChange> {
        let key = &sent.key;
        let present = shown(sent, live).is_some();
        let rival =
            self.snapshot.resources.get(key).filter(|_| self.arrived.contains(key) || self.may_arrive(key));
        let condition = if shows(sent, live) {
            Condition::Ready
        } else if present {
            // Live shows another type under this name: whatever that is, it is not what was sent here.
            return None;
        } else {
            Condition::Unconfirmed {
                message: "an earlier run was cut off after it may have been sent".to_owned(),
            }
        };
        let rival = rival.filter(|rival| !present || shows(rival, live));
        let known = rival.map_or_else(|| sent.clone(), |rival| sent.clone().or(rival));
        if present {
            self.arrived.insert(key.clone());
        }
        Some(put(seen(Recorded { condition, ..known }, live)))
    }
}

/// Who sees it now, and that it is not ready yet, if it is not.
pub(crate) fn seen(recorded: Recorded, live: &World) -> Recorded {
    let Some(census) = live.get(&recorded.key.scope()) else { return recorded };
    let Some(shown) = recorded.shown_by(census) else { return recorded };
    let condition = match (&recorded.condition, &shown.readiness) {
        (Condition::Ready, Readiness::Pending { state, message }) => {
            Condition::Degraded { message: message.clone().unwrap_or_else(|| state.clone()) }
        }
        (Condition::Ready, Readiness::Errored { message }) => {
            Condition::Degraded { message: message.clone().unwrap_or_else(|| "errored".to_owned()) }
        }
        (condition, _) => condition.clone(),
    };
    Recorded { condition, observer: census.observer().cloned(), ..recorded }
}

fn put(recorded: Recorded) -> StateChange {
    StateChange::Put(Box::new(recorded))
}

/// What live says of it.
fn shown<'w>(recorded: &Recorded, live: &'w World) -> Option<&'w Live> {
    recorded.shown_by(live.get(&recorded.key.scope())?)
}

/// Whether live shows it with the type that was sent.
fn shows(recorded: &Recorded, live: &World) -> bool {
    live.get(&recorded.key.scope()).is_some_and(|census| recorded.is_shown_by(census))
}

/// Whether a condition other than ready no longer holds.
fn is_over(recorded: &Recorded, live: &World) -> bool {
    let shown = shown(recorded, live);
    match &recorded.condition {
        Condition::Ready => false,
        Condition::Unconfirmed { .. } => shows(recorded, live),
        Condition::Degraded { .. } => shown.is_some_and(|shown| shown.readiness == Readiness::Ready),
        // It was deleted to be registered again, perhaps with another type.
        Condition::Lost { .. } => shown.is_some(),
        Condition::Contradicted { .. } => shown.is_some_and(|shown| {
            let known = recorded.known_fields();
            known.iter().all(|(field, value)| shown.fields.get(field).is_none_or(|found| found == value))
        }),
    }
}
