//! Selections: what is asked for, what that takes along, and that nothing else happens.

use reconcile::domain::plan::{BlockReason, Change, CreateReason, DeleteReason, Plan, Refusal};
use reconcile::domain::selection::{Addresses, Selection};
use reconcile::engine::planner::{Goal, Limits, Options, PlanError, plan};

use super::judged::{Sides, change, judged, with_input};
use super::referee::{complains, spoilt};
use crate::support::builders::{Declared, address, desired};

fn only(patterns: &[&str]) -> Options {
    let patterns = patterns.iter().map(|text| text.parse().unwrap()).collect();
    with(Selection { addresses: Addresses::Only(patterns), ..Selection::default() })
}

fn all_but(patterns: &[&str]) -> Options {
    let patterns = patterns.iter().map(|text| text.parse().unwrap()).collect();
    with(Selection { addresses: Addresses::AllBut(patterns), ..Selection::default() })
}

fn labelled(selector: &str) -> Options {
    with(Selection { labels: selector.parse().unwrap(), ..Selection::default() })
}

fn with(selection: Selection) -> Options {
    Options { selection, ..Options::default() }
}

/// Nothing of this is there yet.
fn declaring(desired: Vec<Declared>, options: Options) -> Sides {
    Sides { desired, options, ..Sides::default() }
}

/// What is live and recorded, and what of it is still declared.
fn keeping(desired: Vec<Declared>, all: &[Declared], options: Options) -> Sides {
    let recorded = all.iter().map(Declared::recorded).collect();
    Sides { desired, recorded, live: all.iter().map(Declared::live).collect(), options }
}

fn names(plan: &Plan) -> Vec<&str> {
    plan.rows.iter().map(|row| row.address.name.as_str()).collect()
}

#[test]
fn a_target_takes_along_what_it_depends_on_and_nothing_else() {
    let all = || vec![desired("a").after(&["b"]), desired("b").after(&["c"]), desired("c"), desired("d")];
    let plan = judged(&declaring(all(), only(&["FlinkConnector/a"])));
    assert_eq!((names(&plan), plan.not_selected), (vec!["a", "b", "c"], 1));
    let plan = judged(&declaring(all(), only(&["*/c"])));
    assert_eq!((names(&plan), plan.not_selected), (vec!["c"], 3));
}

#[test]
fn a_target_takes_the_siblings_of_its_jar_along_only_when_that_is_registered() {
    let all = [desired("a").jar("1"), desired("b").jar("1"), desired("c")];
    let newer = || vec![desired("a").jar("1").version("2"), desired("b").jar("1"), desired("c").version("2")];
    let plan = judged(&keeping(newer(), &all, only(&["*/a"])));
    assert_eq!(names(&plan), ["a", "b"]);
    let described = vec![desired("a").jar("1").description("d"), desired("b").jar("1").description("d")];
    let plan = judged(&keeping(described, &all, only(&["*/a"])));
    assert_eq!((names(&plan), plan.not_selected), (vec!["a"], 2));
}

#[test]
fn a_jar_is_registered_again_only_with_what_it_brought_and_is_to_go() {
    let all = [desired("a").jar("1"), desired("gone").jar("1"), desired("other")];
    let newer = || vec![desired("a").jar("1").version("2")];
    let plan = judged(&keeping(newer(), &all, only(&["*/a"])));
    assert_eq!(change(&plan, "gone"), Change::Delete(DeleteReason::ManifestGone));
    assert_eq!((names(&plan), plan.not_selected), (vec!["a", "gone"], 1));
    let plan = judged(&keeping(newer(), &all, all_but(&["*/gone"])));
    assert_eq!((names(&plan), plan.not_selected), (vec!["other"], 2));
}

#[test]
fn an_exclusion_leaves_out_what_depends_on_it_and_what_its_jar_would_have_to_bring() {
    let all = vec![desired("a").after(&["b"]), desired("b").after(&["c"]), desired("c"), desired("d")];
    let plan = judged(&declaring(all, all_but(&["*/b"])));
    assert_eq!((names(&plan), plan.not_selected), (vec!["c", "d"], 2));
    let all = vec![desired("a").jar("1"), desired("b").jar("1"), desired("c")];
    let plan = judged(&declaring(all, all_but(&["*/b"])));
    assert_eq!((names(&plan), plan.not_selected), (vec!["c"], 2));
}

#[test]
fn what_leaves_takes_along_what_depended_on_it_and_leaves_too() {
    let all = [desired("a").after(&["b"]), desired("b"), desired("c")];
    let plan = judged(&keeping(vec![desired("c")], &all, only(&["*/b"])));
    assert_eq!((names(&plan), plan.not_selected), (vec!["a", "b"], 1));
    let plan = judged(&keeping(vec![desired("c")], &all, all_but(&["*/a"])));
    assert_eq!((names(&plan), plan.not_selected), (vec!["c"], 2));
}

#[test]
fn labels_select_what_is_declared_and_what_is_only_recorded() {
    let of = |name: &str, team: &str| desired(name).label("team", team);
    let all = [of("gone-a", "a"), of("gone-b", "b"), of("moved", "a"), desired("nobody")];
    let declared = || vec![of("new", "a"), of("moved", "b")];
    let plan = judged(&keeping(declared(), &all, labelled("team=a")));
    assert_eq!((names(&plan), plan.not_selected), (vec!["gone-a", "new"], 3));
    let plan = judged(&keeping(declared(), &all, labelled("team!=a")));
    assert_eq!(names(&plan), ["gone-b", "moved", "nobody"]);
}

#[test]
fn another_label_is_recorded_without_a_request() {
    let old = desired("a").label("team", "a");
    let plan = judged(&keeping(vec![desired("a").label("team", "b")], &[old], Options::default()));
    assert_eq!((plan.writes(), plan.counts().change), (0, 1));
}

#[test]
fn a_type_that_an_unselected_object_would_give_up_is_taken() {
    let old = desired("old").of_type("t");
    let plan =
        judged(&keeping(vec![desired("new").of_type("t")], std::slice::from_ref(&old), only(&["*/new"])));
    let taken = BlockReason::TypeTaken { by: old.key() };
    assert_eq!(change(&plan, "new"), Change::Blocked(taken));
}

#[test]
fn budgets_and_the_empty_folder_count_what_is_selected() {
    let all = [desired("a"), desired("b"), desired("c"), desired("keep")];
    let limited = |options: Options| Options { limits: Limits { delete: Some(1), replace: None }, ..options };
    let plan = judged(&keeping(vec![desired("keep")], &all, limited(only(&["*/a"]))));
    assert_eq!(plan.refusals, []);
    let plan = judged(&keeping(vec![desired("keep")], &all, limited(only(&["*/a", "*/b"]))));
    assert_eq!(plan.refusals, [Refusal::DeleteBudget { found: 2, allowed: 1 }]);
    let plan = judged(&keeping(vec![], &all, only(&["*/a"])));
    assert_eq!(plan.refusals, [Refusal::EmptyManifests { recorded: 1 }]);
}

#[test]
fn what_matches_nothing_is_no_plan_and_what_is_replaced_must_be_selected() {
    let unmatched = |options: &Options| {
        let sides = declaring(vec![desired("a"), desired("b")], options.clone());
        with_input(&sides, |input| match plan(input) {
            Err(PlanError::Unmatched { flag, asked, .. }) => format!("{flag} {asked}"),
            other => format!("{other:?}"),
        })
    };
    assert_eq!(unmatched(&only(&["*/a", "Store/a"])), "--target Store/a");
    assert_eq!(unmatched(&all_but(&["*/x?"])), "--exclude */x?");
    assert_eq!(unmatched(&labelled("team")), "--selector team");
    let replace = |name: &str| Options { replace: [address(name)].into(), ..only(&["*/a"]) };
    assert_eq!(unmatched(&replace("nobody")), "--replace FlinkConnector/nobody");
    let not_selected = format!("{:?}", Err::<Plan, _>(PlanError::ReplaceNotSelected(address("b"))));
    assert_eq!(unmatched(&replace("b")), not_selected);
    assert!(unmatched(&only(&["*/a"]).afterwards()).starts_with("Ok"));
    assert!(unmatched(&only(&["Store/a"]).afterwards()).starts_with("Ok"));
}

#[test]
fn a_destruction_deletes_what_is_selected_and_respects_a_manifest_that_was_never_applied() {
    let all = [desired("a"), desired("b"), desired("c")];
    let goal = Goal::Destroy { only: None, protected: [address("b")].into() };
    let plan = judged(&keeping(vec![], &all, Options { goal, ..all_but(&["*/c"]) }));
    assert_eq!(change(&plan, "a"), Change::Delete(DeleteReason::Destroyed));
    assert_eq!(change(&plan, "b"), Change::Blocked(BlockReason::Protected));
    assert_eq!(plan.not_selected, 1);
}

#[test]
fn the_referee_sees_a_row_that_nobody_asked_for_and_one_that_is_missing() {
    let all = vec![desired("a").after(&["b"]), desired("b"), desired("c")];
    let whole = with_input(&declaring(all.clone(), Options::default()), |input| plan(input).unwrap());
    let sides = declaring(all, only(&["*/a"]));
    complains(
        &spoilt(&sides, |plan| *plan = whole),
        "FlinkConnector/c is not selected, nothing selected needs it",
    );
    let without =
        |name: &'static str| move |plan: &mut Plan| plan.rows.retain(|row| row.address != address(name));
    complains(&spoilt(&sides, without("a")), "FlinkConnector/a is selected and has no row");
    complains(&spoilt(&sides, without("b")), "which it depends on, is not");
    complains(&spoilt(&sides, |plan| plan.not_selected = 0), "0 are said to be not selected");
}

#[test]
fn the_referee_sees_what_changes_without_a_row_and_a_jar_that_is_registered_in_part() {
    let all = [desired("a").jar("1"), desired("b").jar("1"), desired("c")];
    let newer = vec![desired("a").jar("1").version("2"), desired("b").jar("1"), desired("c")];
    let sides = keeping(newer, &all, only(&["*/a"]));
    let in_part = spoilt(&sides, |plan| plan.rows.retain(|row| row.address != address("b")));
    complains(&in_part, "FlinkConnector/b comes with it and has no row");
    let elsewhere = spoilt(&sides, |plan| plan.rows.retain(|row| row.address != address("a")));
    complains(&elsewhere, "ws:ns:a has no row and is not recorded as it was");
    let sides = keeping(vec![desired("a")], &[desired("a"), desired("gone")], only(&["*/gone"]));
    let gone = spoilt(&sides, |plan| plan.rows.clear());
    complains(&gone, "ws:ns:gone has no row and is not what it was");
    let excluded = keeping(vec![], &[], all_but(&["*/a"]));
    let sides = Sides { desired: vec![desired("a"), desired("b")], ..excluded };
    let both =
        with_input(&declaring(sides.desired.clone(), Options::default()), |input| plan(input).unwrap());
    complains(&spoilt(&sides, |plan| *plan = both), "FlinkConnector/a is excluded and has a row");
    assert_eq!(change(&judged(&sides), "b"), Change::Create(CreateReason::New));
}

/// What is held back is left out as if it were excluded, with what needs it, beside any other selection; no saved plan
/// says so.
#[test]
fn what_is_held_back_is_left_alone_with_what_needs_it() {
    let all = [desired("a"), desired("b").after(&["a"]), desired("c")];
    let hold = |options: Options| Options { hold: [address("a")].into(), ..options };
    let names = |options: Options| -> Vec<String> {
        let sides = Sides { desired: all.to_vec(), recorded: vec![], live: vec![], options };
        with_input(&sides, plan).unwrap().rows.iter().map(|row| row.address.name.to_string()).collect()
    };
    assert_eq!(names(hold(Options::default())), ["c"]);
    assert_eq!(names(hold(only(&["*/b", "*/c"]))), ["c"]);
    assert_eq!(names(Options::default()), ["a", "b", "c"]);
    let written = serde_json::to_value(hold(Options::default())).unwrap();
    assert_eq!(written, serde_json::to_value(Options::default()).unwrap());
}
