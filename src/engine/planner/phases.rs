//! The fixed sequence of phases.

use std::collections::BTreeSet;

use super::input::{PlanError, PlanInput, scopes};
use super::order::{self, Leave};
use super::pairing::{self, Pair};
use super::{classify, guard, jar, parallel, select};
use crate::domain::natural_key::NaturalKey;
use crate::domain::plan::{Change, Plan, ReplaceOrder, Row, StrayRow};

/// Makes the plan.
///
/// # Errors
/// [`PlanError`]
pub fn plan(input: &PlanInput<'_>) -> Result<Plan, PlanError> {
    let reads = scopes(input.desired, input.recorded);
    if let Some(missing) = reads.iter().find(|scope| !input.live.contains_key(*scope)) {
        return Err(PlanError::NotObserved(missing.clone()));
    }
    let pairs = pairing::pair(input);
    let mut strays = strays(input, &pairs);
    let rows = parallel::map(&pairs, |pair| classify::classify(pair, input));
    let mut rows: Vec<(Pair<'_>, Row)> = pairs.into_iter().zip(rows).collect();
    rows.sort_by(|(_, a), (_, b)| (&a.address, &a.key).cmp(&(&b.address, &b.key)));
    let not_selected = select::select(&mut rows, input)?;
    select::select_strays(&mut strays, &rows, input);
    jar::widen(&mut rows);
    guard::block(&mut rows, &strays, input);
    let steps = match order::steps(&rows, &strays, input, Leave::InOrder) {
        // To register first is a wish: where it contradicts what must be, the old object goes first. To leave in order
        // is a wish too: records of two generations of manifests may contradict each other.
        Err(PlanError::Cycle(_)) => {
            delete_first(&mut rows);
            order::steps(&rows, &strays, input, Leave::InOrder)
                .or_else(|_| order::steps(&rows, &strays, input, Leave::InAnyOrder))?
        }
        other => other?,
    };
    let mut plan = Plan {
        rows: rows.into_iter().map(|(_, row)| row).collect(),
        not_selected,
        strays,
        steps,
        reads,
        serial: input.recorded.serial,
        refusals: Vec::new(),
    };
    plan.refusals = guard::refusals(&plan, input);
    Ok(plan)
}

/// Gives up every registration before its delete.
fn delete_first(rows: &mut [(Pair<'_>, Row)]) {
    for (_, row) in rows.iter_mut() {
        if row.change == Change::Replace(ReplaceOrder::CreateFirst) {
            row.change = Change::Replace(ReplaceOrder::DeleteFirst);
        }
    }
}

fn strays(input: &PlanInput<'_>, pairs: &[Pair<'_>]) -> Vec<StrayRow> {
    let declared: BTreeSet<NaturalKey> = pairs.iter().map(Pair::key).collect();
    input
        .recorded
        .strays
        .values()
        .filter(|stray| !declared.contains(&stray.key))
        .filter(|stray| input.live_of(&stray.key).is_some())
        .map(|stray| StrayRow {
            key: stray.key.clone(),
            jar_url: stray.jar_url.clone(),
            delete: input.options.delete_strays,
        })
        .collect()
}
