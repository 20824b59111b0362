//! The walk: which step may start, which one must not, and what became of each. Pure; it sends nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::report::{Failure, RowOutcome, RowResult};
use crate::domain::address::Address;
use crate::domain::plan::{Action, Change, Plan, StepId};

/// How a step is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mode {
    /// As planned.
    CarryOut,
    /// It cannot go on, and what its own delete half took away comes back.
    TakeBack(String),
}

/// What is to be done with a step whose turn has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Turn {
    /// Start it.
    Start(Mode),
    /// It is not started, and ends here.
    Skip(String),
}

/// Where a step stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Standing {
    Waiting,
    Running,
    Ended(RowResult),
}

/// The walk through the steps of one plan.
#[derive(Debug)]
pub(super) struct Walk<'p> {
    plan: &'p Plan,
    standings: Vec<Standing>,
    /// How many of the steps before it have not ended.
    open: Vec<usize>,
    behind: Vec<Vec<StepId>>,
    ready: BTreeSet<StepId>,
    /// The delete halves of each registration.
    halves: BTreeMap<StepId, Vec<StepId>>,
    /// The registration whose first half a delete is.
    second_half: BTreeMap<StepId, StepId>,
    steps_of: BTreeMap<&'p Address, Vec<StepId>>,
    failed: bool,
}

impl<'p> Walk<'p> {
    pub(super) fn new(plan: &'p Plan) -> Self {
        let mut behind = vec![Vec::new(); plan.steps.len()];
        let mut halves: BTreeMap<StepId, Vec<StepId>> = BTreeMap::new();
        let mut steps_of: BTreeMap<&Address, Vec<StepId>> = BTreeMap::new();
        for (index, step) in plan.steps.iter().enumerate() {
            let id = StepId(index);
            for address in step.addresses() {
                steps_of.entry(address).or_default().push(id);
            }
            let members: BTreeSet<&Address> = match &step.action {
                Action::Register { members, .. } => members.iter().map(|m| &m.desired.address).collect(),
                Action::Create { desired, .. } => BTreeSet::from([&desired.address]),
                Action::Delete { .. } | Action::Update { .. } | Action::Record { .. } => BTreeSet::new(),
            };
            for before in &step.after {
                if let Some(followers) = behind.get_mut(before.0) {
                    followers.push(id);
                }
                let deleted = match plan.steps.get(before.0).map(|step| &step.action) {
                    Some(Action::Delete { address, .. }) => address.as_ref(),
                    _ => None,
                };
                if deleted.is_some_and(|address| members.contains(address)) {
                    halves.entry(id).or_default().push(*before);
                }
            }
        }
        let second_half =
            halves.iter().flat_map(|(register, own)| own.iter().map(|delete| (*delete, *register)));
        let open: Vec<usize> = plan.steps.iter().map(|step| step.after.len()).collect();
        Self {
            plan,
            standings: vec![Standing::Waiting; plan.steps.len()],
            ready: open
                .iter()
                .enumerate()
                .filter(|(_, open)| **open == 0)
                .map(|(index, _)| StepId(index))
                .collect(),
            second_half: second_half.collect(),
            open,
            behind,
            halves,
            steps_of,
            failed: false,
        }
    }

    /// The next step whose turn has come. When draining, only what was begun goes on: between its two halves an object
    /// does not exist. Draining has a reason, which is told of what is not started.
    pub(super) fn next(&mut self, draining: Option<&str>) -> Option<(StepId, Turn)> {
        let id = self.ready.pop_first()?;
        let why_not = match self.failed_before(id) {
            Some(failed) => Some(format!("{failed} did not succeed")),
            None if self.is_begun(id) => None,
            None => draining.map(str::to_owned),
        };
        let took_away =
            || self.halves.get(&id).is_some_and(|own| own.iter().any(|delete| self.is_done(*delete)));
        let turn = match why_not {
            None => Turn::Start(Mode::CarryOut),
            Some(why) if took_away() => Turn::Start(Mode::TakeBack(why)),
            Some(why) => Turn::Skip(why),
        };
        match &turn {
            Turn::Start(_) => self.set(id, Standing::Running),
            Turn::Skip(why) => self.end(id, RowResult::Skipped(why.clone())),
        }
        Some((id, turn))
    }

    /// A step has ended.
    pub(super) fn end(&mut self, id: StepId, result: RowResult) {
        self.failed |= matches!(result, RowResult::Failed(_));
        self.set(id, Standing::Ended(result));
        for follower in self.behind.get(id.0).cloned().unwrap_or_default() {
            if let Some(open) = self.open.get_mut(follower.0) {
                *open = open.saturating_sub(1);
                if *open == 0 {
                    self.ready.insert(follower);
                }
            }
        }
    }

    /// Whether a step has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.failed
    }

    /// Whether this is the last step that serves the object.
    pub(super) fn is_last(&self, id: StepId, address: &Address) -> bool {
        self.steps_of.get(address).and_then(|steps| steps.last()) == Some(&id)
    }

    /// What became of every row that had something to do.
    pub(super) fn outcomes(&self) -> Vec<RowOutcome> {
        let rows = self.plan.rows.iter().filter(|row| !matches!(row.change, Change::Blocked(_)));
        rows.filter_map(|row| {
            let steps = self.steps_of.get(&row.address)?;
            let result = steps.iter().fold(RowResult::Done, |so_far, step| worse(so_far, self.result(*step)));
            Some(RowOutcome { row: row.clone(), result })
        })
        .collect()
    }

    /// Failures of steps that serve no row: deletes of strays.
    pub(super) fn other_failures(&self) -> Vec<Failure> {
        let steps = self.plan.steps.iter().enumerate().filter(|(_, step)| step.addresses().is_empty());
        steps
            .filter_map(|(index, _)| match self.result(StepId(index)) {
                RowResult::Failed(failure) => Some(failure),
                RowResult::Done | RowResult::Skipped(_) => None,
            })
            .collect()
    }

    fn set(&mut self, id: StepId, standing: Standing) {
        if let Some(slot) = self.standings.get_mut(id.0) {
            *slot = standing;
        }
    }

    fn is_done(&self, id: StepId) -> bool {
        self.standings.get(id.0) == Some(&Standing::Ended(RowResult::Done))
    }

    fn failed_before(&self, id: StepId) -> Option<String> {
        let step = self.plan.steps.get(id.0)?;
        let failed = step.after.iter().find(|before| !self.is_done(**before))?;
        self.plan.steps.get(failed.0).map(crate::domain::plan::Step::title)
    }

    /// Whether another half of the same registration was started.
    fn is_begun(&self, id: StepId) -> bool {
        let register = self.second_half.get(&id).unwrap_or(&id);
        let own = self.halves.get(register).into_iter().flatten();
        own.chain([register]).any(|half| self.standings.get(half.0).is_some_and(|s| *s != Standing::Waiting))
    }

    fn result(&self, id: StepId) -> RowResult {
        match self.standings.get(id.0) {
            Some(Standing::Ended(result)) => result.clone(),
            _ => RowResult::Skipped("the run was stopped".to_owned()),
        }
    }
}

/// A failure tells more than what was skipped because of it.
fn worse(so_far: RowResult, this: RowResult) -> RowResult {
    match (so_far, this) {
        (RowResult::Failed(failure), _) | (_, RowResult::Failed(failure)) => RowResult::Failed(failure),
        (RowResult::Skipped(why), _) | (_, RowResult::Skipped(why)) => RowResult::Skipped(why),
        (RowResult::Done, RowResult::Done) => RowResult::Done,
    }
}
