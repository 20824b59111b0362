//! What must not happen: budgets, empty folders, types that are taken, JARs that cannot be registered in part.

use reconcile::domain::plan::{BlockReason, Change, Refusal, ReregisterReason, Strategy};
use reconcile::engine::planner::{Limits, Options};
use reconcile::ports::provider::ErrorClass;

use super::judged::{Sides, change, judged};
use crate::support::apply::{NoPlan, Site};
use crate::support::builders::{Declared, address, desired, jar, key};
use crate::support::memory::{Fault, Operation};

fn refusals(sides: &Sides) -> Vec<Refusal> {
    judged(sides).refusals
}

#[test]
fn a_delete_budget_holds_exactly() {
    for (allowed, refused) in [(1, true), (2, false), (3, false)] {
        let all = [desired("a"), desired("b"), desired("keep")];
        let limits = Limits { delete: Some(allowed), replace: None };
        let sides = Sides {
            desired: vec![desired("keep")],
            recorded: all.iter().map(Declared::recorded).collect(),
            live: all.iter().map(Declared::live).collect(),
            options: Options { limits, ..Options::default() },
        };
        let budget = Refusal::DeleteBudget { found: 2, allowed };
        let expected: Vec<Refusal> = refused.then_some(budget).into_iter().collect();
        assert_eq!(refusals(&sides), expected);
    }
}

#[test]
fn a_replace_budget_counts_replacements_and_re_registrations_exactly() {
    for (allowed, refused) in [(1, true), (2, false), (3, false)] {
        let all = [desired("a"), desired("b")];
        let limits = Limits { delete: None, replace: Some(allowed) };
        let sides = Sides {
            desired: vec![desired("a").of_type("t2"), desired("b").jar("2")],
            recorded: all.iter().map(Declared::recorded).collect(),
            live: all.iter().map(Declared::live).collect(),
            options: Options { limits, ..Options::default() },
        };
        let budget = Refusal::ReplaceBudget { found: 2, allowed };
        let expected: Vec<Refusal> = refused.then_some(budget).into_iter().collect();
        assert_eq!(refusals(&sides), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_manifest_folder_deletes_nothing() {
    let mut site = Site::applied([desired("a")]).await;
    site.declare([]);
    let plan = site.plan().await;
    assert_eq!(plan.refusals, [Refusal::EmptyManifests { recorded: 1 }]);
    assert!(plan.approve().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_namespace_that_cannot_be_listed_makes_no_plan() {
    let site = Site::applied([desired("a")]).await;
    site.service.fault(Operation::List, 1, Fault::Auth);
    let Err(NoPlan::Unread(error)) = site.try_plan().await else { panic!("there is a plan") };
    assert_eq!(error.class, ErrorClass::Auth);
}

#[test]
fn a_type_that_a_foreign_connector_holds_is_taken() {
    let sides = Sides {
        desired: vec![desired("a").of_type("t")],
        live: vec![desired("foreign").of_type("t").live()],
        ..Sides::default()
    };
    let taken = BlockReason::TypeTaken { by: key("foreign") };
    assert_eq!(change(&judged(&sides), "a"), Change::Blocked(taken));
}

#[test]
fn a_jar_is_not_registered_while_one_of_its_connectors_is_blocked() {
    let all = [desired("a").jar("1"), desired("b").jar("1")];
    let sides = Sides {
        desired: vec![desired("a").jar("1").version("2"), desired("b").jar("1").protect()],
        recorded: all.iter().map(Declared::recorded).collect(),
        live: all.iter().map(Declared::live).collect(),
        options: Options::default(),
    };
    let plan = judged(&sides);
    assert_eq!(change(&plan, "a"), Change::Blocked(BlockReason::SharesJar(address("b"))));
    assert_eq!(change(&plan, "b"), Change::Blocked(BlockReason::ProtectedGap));
}

#[test]
fn a_connector_that_joins_a_jar_takes_its_siblings_along() {
    let sides = Sides {
        desired: vec![desired("a").jar("1"), desired("b").jar("1")],
        recorded: vec![desired("a").jar("1").recorded()],
        live: vec![desired("a").jar("1").live()],
        options: Options::default(),
    };
    let because = ReregisterReason::SharesJar(address("b"));
    assert_eq!(change(&judged(&sides), "a"), Change::Update(Strategy::Reregister(because)));
}

#[tokio::test(start_paused = true)]
async fn a_stray_in_the_way_of_its_jar_needs_consent() {
    let mut site = Site::declaring([desired("a")]);
    let both = [desired("a").definition(), desired("extra").jar("a").definition()];
    site.service.holds(jar("a"), &both);
    site.apply_once().await;
    site.declare([desired("a").version("2")]);
    let plan = site.plan().await;
    let in_the_way = BlockReason::StrayInTheWay(key("extra"));
    assert_eq!(change(&plan, "a"), Change::Blocked(in_the_way));
    site.options.delete_strays = true;
    let applied = site.apply_once().await;
    assert!(applied.report.is_complete(), "{:#?}", applied.report);
    assert_eq!(applied.asked().len(), 3, "two deletes, one registration");
}
