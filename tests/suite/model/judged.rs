//! One plan, judged: every planner test ends with the same three lines.

use std::collections::BTreeMap;

use reconcile::domain::live::{Census, Live, World};
use reconcile::domain::natural_key::Scope;
use reconcile::domain::plan::{Change, Plan, Row};
use reconcile::domain::recorded::Recorded;
use reconcile::domain::snapshot::{Lineage, Serial, Snapshot, StateChange};
use reconcile::engine::planner::audit::judge;
use reconcile::engine::planner::{Options, PlanInput, plan, scopes};

use crate::support::builders::{Declared, address, set};
use crate::support::stores::observer;

/// The three sides of a planner test.
#[derive(Default)]
pub(crate) struct Sides {
    pub(crate) desired: Vec<Declared>,
    pub(crate) recorded: Vec<Recorded>,
    pub(crate) live: Vec<Live>,
    pub(crate) options: Options,
}

/// Makes one input of the sides.
pub(crate) fn with_input<T>(sides: &Sides, use_it: impl FnOnce(&PlanInput<'_>) -> T) -> T {
    let desired = set(sides.desired.iter().cloned());
    let mut recorded = Snapshot::new(Lineage("l".into()));
    recorded.serial = Serial(7);
    for one in &sides.recorded {
        recorded.apply(StateChange::Put(Box::new(one.clone())));
    }
    let world: World = scopes(&desired, &recorded)
        .into_iter()
        .map(|scope| {
            let listed = sides.live.iter().filter(|live| live.key.scope() == scope).cloned().collect();
            let census = Census::complete(scope.clone(), listed).unwrap();
            let seen = if scope == Scope::Stores { census.seen_by(observer()) } else { census };
            (scope, seen)
        })
        .collect();
    let unseen = BTreeMap::new();
    let sends_definition = world.keys().cloned().collect();
    use_it(&PlanInput {
        desired: &desired,
        recorded: &recorded,
        unseen: &unseen,
        live: &world,
        sends_definition: &sends_definition,
        options: &sides.options,
    })
}

/// Plans. The referee finds nothing, the same input gives the same plan, and after the plan there is nothing left to do.
pub(crate) fn judged(sides: &Sides) -> Plan {
    with_input(sides, |input| {
        let first = plan(input).unwrap();
        let judgement = judge(&first, input);
        assert_eq!(judgement.findings, Vec::<String>::new(), "the referee complains about {first:#?}");
        assert_eq!(first, plan(input).unwrap(), "the same input gave another plan");
        let options = sides.options.afterwards();
        let after =
            PlanInput { recorded: &judgement.recorded, live: &judgement.world, options: &options, ..*input };
        let after = plan(&after).unwrap();
        assert!(after.steps.is_empty(), "something is left to do after {first:#?}: {after:#?}");
        first
    })
}

/// The row of an object.
pub(crate) fn row<'p>(plan: &'p Plan, name: &str) -> &'p Row {
    plan.rows.iter().find(|row| row.address == address(name)).unwrap()
}

/// What is to happen to an object.
pub(crate) fn change(plan: &Plan, name: &str) -> Change {
    row(plan, name).change.clone()
}
