//! A narrow plan: of some objects that are declared in another way and of what they cannot do without, in less than a
//! hundredth of the time that the plan of everything takes (ADR 0035).
//!
//! Promises: its rows are those that the whole plan has for the same objects, and the whole plan has the same rows for all
//! others as it would have without the edit. Where that cannot be told, before or after the look at live, there is no narrow
//! plan, and the whole one is made.

use std::collections::{BTreeMap, BTreeSet};

use super::{Goal, Options, PlanInput};
use crate::domain::address::Address;
use crate::domain::desired::{Desired, DesiredSet, Spec};
use crate::domain::field::FieldValue;
use crate::domain::journal::Recovered;
use crate::domain::kind::flink_connector::name;
use crate::domain::natural_key::{NamespaceName, NaturalKey, WorkspaceId};
use crate::domain::plan::{Change, Plan, Strategy};
use crate::domain::recorded::Recorded;
use crate::domain::snapshot::Snapshot;

/// So many objects at most: of more, the whole plan costs hardly more.
const MOST: usize = 100;

/// The objects that a plan may confine itself to when only these are declared in another way since a plan of everything was
/// carried out: they, what they depend on, and what shares a JAR with one of them, as declared and as recorded.
///
/// `None` when only the whole plan will do: one of them is new, has moved or has another type or other dependencies than are
/// recorded; an earlier run was cut off; what has no manifest any more is involved; or a person asked for some objects only,
/// which has to be followed backwards.
pub fn around(
    touched: &BTreeSet<Address>,
    declared: &DesiredSet,
    recovered: &Recovered,
    options: &Options,
) -> Option<BTreeSet<Address>> {
    let Options { goal, selection, hold: _, must_match: _, replace, delete_strays, limits: _ } = options;
    let is_plain =
        *goal == Goal::Converge && selection.is_everything() && replace.is_empty() && !delete_strays;
    if !is_plain || !recovered.open.is_empty() || declared.is_empty() {
        return None;
    }
    let mut around = Around {
        declared,
        recorded: &recovered.snapshot,
        members: BTreeSet::new(),
        keys: BTreeSet::new(),
        jars: BTreeSet::new(),
    };
    for address in touched {
        let (desired, recorded) = around.known(address)?;
        let same_needs =
            recorded.depends_on.iter().collect::<BTreeSet<_>>() == desired.depends_on.iter().collect();
        if !same_needs || !same_type(desired, recorded) {
            return None;
        }
    }
    around.take_in(touched.iter().cloned().collect())?;
    Some(around.members)
}

/// Whether a narrow plan is what the whole one says of its objects, after the look at live.
///
/// Of a connector type only its own namespace was looked at: whoever shows it there holds it, and nobody else in the workspace
/// can. What counts against a budget counts together with everything else, so that a budget wants the whole plan.
pub fn holds(plan: &Plan, input: &PlanInput<'_>) -> bool {
    let limits = &input.options.limits;
    let has_budget = limits.replace.is_some() || limits.delete.is_some();
    plan.refusals.is_empty()
        && plan.rows.iter().all(|row| {
            let is_in_place = match &row.change {
                Change::Keep
                | Change::Blocked(_)
                | Change::Update(Strategy::RecordOnly | Strategy::Native(_) | Strategy::Await) => true,
                Change::Update(Strategy::Reregister(_)) => !has_budget,
                Change::Create(_)
                | Change::Adopt(_)
                | Change::Replace(_)
                | Change::Delete(_)
                | Change::Forget(_) => false,
            };
            let live = input.live_of(&row.key);
            let claimed = input.desired.get(&row.address).map(|desired| &desired.spec);
            let holds_its_type = match claimed {
                Some(Spec::FlinkConnector(spec)) => {
                    let own = FieldValue::Text(spec.connector_type.clone());
                    live.is_some_and(|live| live.fields.get(name::CONNECTOR_TYPE) == Some(&own))
                }
                Some(Spec::Store(_)) => live.is_some(),
                None => false,
            };
            is_in_place && row.renamed_from.is_none() && holds_its_type
        })
}

/// Only these of what is recorded.
pub fn part(recorded: &Snapshot, desired: &DesiredSet) -> Snapshot {
    let keys = desired.values().map(|desired| desired.spec.key());
    let found = keys.filter_map(|key| recorded.resources.get_key_value(&key));
    let resources = found.map(|(key, recorded)| (key.clone(), recorded.clone())).collect::<BTreeMap<_, _>>();
    Snapshot {
        lineage: recorded.lineage.clone(),
        serial: recorded.serial,
        made_by: recorded.made_by.clone(),
        resources: resources.into(),
        strays: BTreeMap::new(),
    }
}

/// A JAR: where it is registered, and its address.
type JarRef<'a> = (&'a WorkspaceId, &'a NamespaceName, &'a str);

/// What was taken in so far.
struct Around<'a> {
    declared: &'a DesiredSet,
    recorded: &'a Snapshot,
    members: BTreeSet<Address>,
    keys: BTreeSet<NaturalKey>,
    /// Those that a member names or named before.
    jars: BTreeSet<JarRef<'a>>,
}

impl<'a> Around<'a> {
    /// An object that is declared, and recorded under the same address and key.
    fn known(&self, address: &Address) -> Option<(&'a Desired, &'a Recorded)> {
        let desired = self.declared.get(address)?;
        let recorded = self.recorded.resources.get(&desired.spec.key())?;
        (recorded.address == *address).then_some((desired, recorded))
    }

    /// Takes in these and all that they lead to.
    fn take_in(&mut self, mut open: Vec<Address>) -> Option<()> {
        loop {
            let jars = self.jars.len();
            while let Some(address) = open.pop() {
                let (desired, recorded) = self.known(&address)?;
                if !self.members.insert(address) {
                    continue;
                }
                if self.members.len() > MOST {
                    return None;
                }
                self.keys.insert(recorded.key.clone());
                self.jars.extend(declared_jar(desired).into_iter().chain(recorded_jar(recorded)));
                open.extend(desired.depends_on.iter().cloned());
            }
            if self.jars.len() == jars {
                break;
            }
            let of_jar = |jar: Option<JarRef<'_>>| jar.is_some_and(|jar| self.jars.contains(&jar));
            let declared = self.declared.values().filter(|desired| of_jar(declared_jar(desired)));
            open.extend(declared.map(|desired| desired.address.clone()));
            let recorded = self.recorded.resources.values().filter(|recorded| of_jar(recorded_jar(recorded)));
            open.extend(recorded.map(|recorded| recorded.address.clone()));
        }
        // Two records of one address: one is about to take the other's place.
        let resources = self.recorded.resources.values();
        let mut doubles = resources.filter(|recorded| self.members.contains(&recorded.address));
        let is_alone = doubles.all(|recorded| self.keys.contains(&recorded.key));
        let strays = self.recorded.strays.values();
        let mut concerned = strays.filter(|stray| {
            self.jars
                .iter()
                .any(|(workspace, _, url)| stray.key.workspace() == Some(workspace) && stray.jar_url == **url)
        });
        (is_alone && concerned.next().is_none()).then_some(())
    }
}

fn declared_jar(desired: &Desired) -> Option<JarRef<'_>> {
    match &desired.spec {
        Spec::FlinkConnector(spec) => Some((&spec.workspace, &spec.namespace, &spec.jar_url)),
        Spec::Store(_) => None,
    }
}

fn recorded_jar(recorded: &Recorded) -> Option<JarRef<'_>> {
    match (&recorded.key, recorded.value(name::JAR_URL)) {
        (NaturalKey::FlinkConnector { workspace, namespace, .. }, Some(FieldValue::Text(url))) => {
            Some((workspace, namespace, url))
        }
        _ => None,
    }
}

/// Whether a connector's type is the one that is recorded.
fn same_type(desired: &Desired, recorded: &Recorded) -> bool {
    match &desired.spec {
        Spec::FlinkConnector(spec) => {
            recorded.value(name::CONNECTOR_TYPE) == Some(&FieldValue::Text(spec.connector_type.clone()))
        }
        Spec::Store(_) => true,
    }
}
