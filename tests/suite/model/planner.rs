//! What must hold for every plan, over random worlds.

use std::collections::BTreeSet;

use proptest::prelude::*;
use reconcile::domain::address::Address;
use reconcile::domain::journal::Recovered;
use reconcile::domain::plan::{Change, Plan};
use reconcile::engine::planner::audit::judge;
use reconcile::engine::planner::settle::settle;
use reconcile::engine::planner::{Goal, Options, PlanError, PlanInput, plan};

use super::worlds::{RandomWorld, cases, random_world, scopes, seed, selection};
use crate::support::reliability::Report;

/// What looking makes of the world comes first, as in every command.
fn with_input<T>(world: &RandomWorld, options: &Options, use_it: impl FnOnce(&PlanInput<'_>) -> T) -> T {
    let settled = settle(&Recovered::new(world.recorded.clone()), &world.live);
    let sends_definition = scopes().into_iter().collect();
    use_it(&PlanInput {
        desired: &world.desired,
        recorded: &settled.snapshot,
        unseen: &settled.unseen,
        live: &world.live,
        sends_definition: &sends_definition,
        options,
    })
}

/// The plan in as many lines as it has rows and steps.
fn short(plan: &Plan) -> String {
    let rows = plan.rows.iter().map(|row| format!("{} {} {:?}", row.address, row.key, row.change));
    let steps = plan.steps.iter().map(|step| format!("  {:?} after {:?}", step.action, step.after));
    rows.chain(steps).map(|line| line.chars().take(300).collect::<String>() + "\n").collect()
}

fn blocked(plan: &Plan, address: &Address) -> bool {
    plan.rows.iter().any(|row| row.address == *address && matches!(row.change, Change::Blocked(_)))
}

/// The referee finds nothing; the same input gives the same plan; planning after the model has carried the plan
/// out finds nothing left to do, except behind a blocked row.
#[test]
fn every_plan_is_clean_repeatable_and_leads_to_an_empty_one() {
    let config = cases(10_000, 1_000_000);
    let cases = config.cases;
    proptest!(config, |(
        mut world in random_world(),
        strays in any::<bool>(),
        (replace, destroy) in (0_usize..40, (0..10).prop_map(|n| n == 9)),
        selection in selection(),
    )| {
        if destroy {
            world.desired.clear();
        }
        let replace: BTreeSet<Address> = world.desired.keys().nth(replace).cloned().into_iter().collect();
        let all = Goal::Destroy { only: None, protected: BTreeSet::new() };
        let goal = if destroy { all } else { Goal::Converge };
        let options = Options { goal, replace, selection, delete_strays: strays, must_match: false, ..Options::default() };
        let left = options.afterwards();
        with_input(&world, &options, |input| {
            let first = match plan(input) {
                Ok(first) => first,
                // One JAR for two connectors with a third between them cannot be registered in order.
                Err(PlanError::Cycle(_) | PlanError::ReplaceNotSelected(_)) => return Ok(()),
                Err(other) => return Err(TestCaseError::fail(other.to_string())),
            };
            prop_assert_eq!(&first, &plan(input).unwrap());
            let judged = judge(&first, input);
            prop_assert!(judged.findings.is_empty(), "{:?}\n{}", judged.findings, short(&first));
            let after =
                RandomWorld { desired: world.desired.clone(), recorded: judged.recorded, live: judged.world };
            with_input(&after, &left, |input| {
                let second = plan(input).unwrap();
                // A replacement that was asked for and is blocked hides what else there is to do with its object.
                let asked = options.replace.first().is_some_and(|asked| blocked(&first, asked));
                prop_assert!(asked || second.steps.is_empty(), "{}\nthen\n{}", short(&first), short(&second));
                Ok(())
            })
        })?;
    });
    Report {
        harness: "model::planner",
        what: "random worlds: planned, carried out by the referee, planned again",
        cases: format!("{cases} worlds"),
        seed: seed(),
        result: "0 plans that the referee complains about; what is left to do is behind a blocked row".to_owned(),
        planted: "a step in front of what it needs, a delete of what was never ours, a row that no step serves: `model::referee`",
    }
    .hand_in();
}
