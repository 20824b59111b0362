//! What must hold for every plan, over random worlds.

use std::collections::BTreeMap;

use proptest::prelude::*;
use reconcile::domain::plan::Plan;
use reconcile::engine::planner::audit::judge;
use reconcile::engine::planner::{Options, PlanInput, plan};

use super::worlds::{RandomWorld, cases, random_world, scopes};

fn with_input<T>(world: &RandomWorld, options: &Options, use_it: impl FnOnce(&PlanInput<'_>) -> T) -> T {
    let unseen = BTreeMap::new();
    let sends_definition = scopes().into_iter().collect();
    use_it(&PlanInput {
        desired: &world.desired,
        recorded: &world.recorded,
        unseen: &unseen,
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

proptest! {
    #![proptest_config(cases(10_000, 1_000_000))]

    /// The referee finds nothing; the same input gives the same plan; planning after the model has carried the plan
    /// out finds nothing left to do, except behind a blocked row.
    #[test]
    fn every_plan_is_clean_repeatable_and_leads_to_an_empty_one(world in random_world(), strays in any::<bool>()) {
        let options = Options { delete_strays: strays, ..Options::default() };
        with_input(&world, &options, |input| {
            let first = plan(input).unwrap();
            prop_assert_eq!(&first, &plan(input).unwrap());
            let judged = judge(&first, input);
            prop_assert!(judged.findings.is_empty(), "{:?}\n{}", judged.findings, short(&first));
            let after =
                RandomWorld { desired: world.desired.clone(), recorded: judged.recorded, live: judged.world };
            with_input(&after, &options, |input| {
                let second = plan(input).unwrap();
                prop_assert!(second.steps.is_empty(), "{}\nthen\n{}", short(&first), short(&second));
                Ok(())
            })
        })?;
    }
}
