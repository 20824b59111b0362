//! The referee itself: each of its rules complains about a plan that was spoilt in just this way.

use std::slice::from_ref;

use reconcile::domain::live::Live;
use reconcile::domain::plan::{Action, BlockReason, Change, Plan, StepId, StrayRow};
use reconcile::engine::planner::audit::judge;
use reconcile::engine::planner::{Options, plan};

use super::judged::{Sides, with_input};
use crate::support::builders::{Declared, desired, jar, key};

/// What the referee says about the plan for these sides after it was spoilt.
fn findings(
    declared: &[Declared],
    recorded: &[Declared],
    live: &[Live],
    spoil: impl FnOnce(&mut Plan),
) -> Vec<String> {
    let recorded = recorded.iter().map(Declared::recorded).collect();
    let sides =
        Sides { desired: declared.to_vec(), recorded, live: live.to_vec(), options: Options::default() };
    spoilt(&sides, spoil)
}

/// What the referee says about the plan for these sides after it was spoilt.
pub(super) fn spoilt(sides: &Sides, spoil: impl FnOnce(&mut Plan)) -> Vec<String> {
    with_input(sides, |input| {
        let mut plan = plan(input).unwrap();
        assert_eq!(judge(&plan, input).findings, Vec::<String>::new());
        spoil(&mut plan);
        judge(&plan, input).findings
    })
}

#[track_caller]
pub(super) fn complains(findings: &[String], about: &str) {
    assert!(findings.iter().any(|finding| finding.contains(about)), "not about `{about}`: {findings:?}");
}

/// `a` was live from JAR 1, and JAR 2 is declared.
fn re_registration(spoil: impl FnOnce(&mut Plan)) -> Vec<String> {
    let (old, new) = (desired("a").jar("1"), desired("a").jar("2"));
    findings(&[new], from_ref(&old), &[old.live()], spoil)
}

fn without_deletes(plan: &mut Plan) {
    plan.steps.retain(|step| !matches!(step.action, Action::Delete { .. }));
    plan.steps.iter_mut().for_each(|step| step.after.clear());
}

#[test]
fn a_step_in_front_of_what_it_needs() {
    complains(&re_registration(|plan| plan.steps.reverse()), "needs a step that does not come before it");
}

#[test]
fn a_registration_of_what_is_live() {
    complains(&re_registration(without_deletes), "is registered and is live");
}

#[test]
fn a_registration_while_the_type_is_taken() {
    let old = [desired("a").of_type("t")];
    let new = [desired("b").of_type("t")];
    let found = findings(&new, &old, &[old[0].live()], without_deletes);
    complains(&found, "ws:ns:b is registered while its type is taken");
}

#[test]
fn a_registration_from_another_jar() {
    let found = re_registration(|plan| {
        for step in &mut plan.steps {
            if let Action::Register { jar_url, .. } = &mut step.action {
                *jar_url = jar("3");
            }
        }
    });
    complains(&found, "from another JAR than it declares");
}

#[test]
fn a_registration_for_nobody_and_a_row_that_no_step_serves() {
    let found = findings(&[desired("a")], &[], &[], |plan| {
        for step in &mut plan.steps {
            if let Action::Register { members, .. } = &mut step.action {
                members.clear();
            }
        }
    });
    complains(&found, "is registered for nobody");
    complains(&found, "no step serves it");
    complains(&found, "is not live");
}

#[test]
fn a_registration_while_its_stray_is_live() {
    let foreign = desired("extra");
    let found = findings(&[desired("a")], &[], &[foreign.live()], |plan| {
        plan.strays.push(StrayRow { key: foreign.key(), jar_url: jar("a"), delete: false });
    });
    complains(&found, "is registered while its stray ws:ns:extra is live");
}

/// Turns the first delete of a plan into one of another object.
fn aim(plan: &mut Plan, at: &str) {
    for step in &mut plan.steps {
        if let Action::Delete { key: target, .. } = &mut step.action {
            *target = key(at);
        }
    }
}

#[test]
fn a_delete_of_what_was_never_ours() {
    let (gone, keep, foreign) = (desired("gone"), desired("keep"), desired("foreign"));
    let live = [gone.live(), keep.live(), foreign.live()];
    let found = findings(from_ref(&keep), &[gone, keep.clone()], &live, |plan| aim(plan, "foreign"));
    complains(&found, "ws:ns:foreign is deleted and was never ours");
    complains(&found, "is still live");
}

#[test]
fn a_delete_of_what_is_protected_or_not_there() {
    let (gone, keep) = (desired("gone"), desired("keep").protect());
    let sides = [gone.clone(), keep.clone()];
    let live = [gone.live(), keep.live()];
    let found = findings(from_ref(&keep), &sides, &live, |plan| aim(plan, "keep"));
    complains(&found, "ws:ns:keep is protected and is deleted");
    let found = findings(from_ref(&keep), &sides, &live, |plan| aim(plan, "nowhere"));
    complains(&found, "ws:ns:nowhere is deleted and is not live");
}

#[test]
fn a_blocked_row_that_is_written_all_the_same() {
    let found = findings(&[desired("a")], &[], &[], |plan| {
        plan.rows[0].change = Change::Blocked(BlockReason::Protected);
    });
    complains(&found, "is written all the same");
}

#[test]
fn an_object_without_a_row_and_two_rows_for_one() {
    let found = findings(&[desired("a")], &[], &[], |plan| plan.rows.clear());
    complains(&found, "FlinkConnector/a is declared and has no row");
    let (gone, keep) = (desired("gone"), desired("keep"));
    let live = [gone.live(), keep.live()];
    let found = findings(from_ref(&keep), &[gone, keep.clone()], &live, |plan| {
        plan.rows.remove(0);
    });
    complains(&found, "FlinkConnector/gone is recorded and has no row");
    let found = findings(&[desired("a")], &[], &[], |plan| plan.rows.push(plan.rows[0].clone()));
    complains(&found, "two rows share a key");
}

#[test]
fn a_step_that_waits_for_itself() {
    let found = re_registration(|plan| {
        plan.steps[0].after.insert(StepId(0));
    });
    complains(&found, "needs a step that does not come before it");
}
