//! The table of design.md section 4, row by row.

use reconcile::domain::desired::OnRemove;
use reconcile::domain::field::FieldValue;
use reconcile::domain::plan::{
    BlockReason, Change, CreateReason, DeleteReason, ForgetReason, ReplaceOrder, ReregisterReason, Strategy,
};
use reconcile::domain::recorded::Recorded;
use reconcile::engine::planner::{Goal, Options};

use super::judged::{Sides, change, judged, row};
use crate::support::builders::{Declared, address, desired};

struct Case {
    because: &'static str,
    desired: Option<Declared>,
    recorded: Option<Recorded>,
    live: Option<Declared>,
    change: Change,
}

fn reregister() -> Change {
    Change::Update(Strategy::Reregister(ReregisterReason::Fields))
}

fn declared() -> Vec<Case> {
    let a = || desired("a").sink(true);
    let case = |because, desired, recorded: Option<Declared>, live, change| Case {
        because,
        desired: Some(desired),
        recorded: recorded.map(|declared| declared.recorded()),
        live,
        change,
    };
    let blocked = Change::Blocked;
    vec![
        case("it is new", a(), None, None, Change::Create(CreateReason::New)),
        case("it exists and is not managed", a(), None, Some(a()), blocked(BlockReason::Unmanaged)),
        case("it is taken over as it is", a().adopt(), None, Some(a()), Change::Adopt(None)),
        case(
            "it is taken over, and a difference is an update in the same plan",
            a().adopt(),
            None,
            Some(a().sink(false)),
            Change::Adopt(Some(Strategy::Reregister(ReregisterReason::Fields))),
        ),
        case(
            "taking over another type would be a replacement",
            a().adopt(),
            None,
            Some(a().of_type("other")),
            blocked(BlockReason::AdoptDiffers {
                field: "connectorType".into(),
                live: Some(FieldValue::Text("other".into())),
            }),
        ),
        case("all three agree", a(), Some(a()), Some(a()), Change::Keep),
        case("an in-place field differs", a().sink(false), Some(a()), Some(a()), reregister()),
        case("no listing shows the JAR, the record does", a().jar("2"), Some(a()), Some(a()), reregister()),
        case("the same URL holds a new build", a().version("2"), Some(a()), Some(a()), reregister()),
        case(
            "a description lives in the state only",
            a().description("words"),
            Some(a()),
            Some(a()),
            Change::Update(Strategy::RecordOnly),
        ),
        case(
            "the type forces a replacement, and both cannot exist under one key",
            a().of_type("t2"),
            Some(a()),
            Some(a()),
            Change::Replace(ReplaceOrder::DeleteFirst),
        ),
        case(
            "another name is another object, and its type is free only when the old one is gone",
            a().named("z").jar("2"),
            Some(a()),
            Some(a()),
            Change::Replace(ReplaceOrder::DeleteFirst),
        ),
        case(
            "another name, type and JAR can exist beside the old ones",
            a().named("z").of_type("t2").jar("2"),
            Some(a()),
            Some(a()),
            Change::Replace(ReplaceOrder::CreateFirst),
        ),
        case(
            "a type is unique in its workspace only",
            a().workspace("ws-2"),
            Some(a()),
            Some(a()),
            Change::Replace(ReplaceOrder::CreateFirst),
        ),
        case("somebody deleted it", a(), Some(a()), None, Change::Create(CreateReason::Absent)),
        case(
            "a protected object may come back",
            a().protect(),
            Some(a().protect()),
            None,
            Change::Create(CreateReason::Absent),
        ),
        case(
            "protection stands against a replacement",
            a().protect().of_type("t2"),
            Some(a().protect()),
            Some(a()),
            blocked(BlockReason::Protected),
        ),
        case(
            "protection stands against the gap of a re-registration",
            a().protect().jar("2"),
            Some(a().protect()),
            Some(a()),
            blocked(BlockReason::ProtectedGap),
        ),
        case(
            "unless the gap is allowed",
            a().protect().allow_gap().jar("2"),
            Some(a().protect()),
            Some(a()),
            reregister(),
        ),
        case(
            "an applied `protect: false` clears the protection, and costs nothing",
            a(),
            Some(a().protect()),
            Some(a()),
            Change::Update(Strategy::RecordOnly),
        ),
        case(
            "an ignored field is not compared",
            a().ignore("sink"),
            Some(a()),
            Some(a().sink(false)),
            Change::Keep,
        ),
    ]
}

fn undeclared() -> Vec<Case> {
    let case = |because, recorded: Recorded, live: Option<Declared>, change| Case {
        because,
        desired: None,
        recorded: Some(recorded),
        live,
        change,
    };
    let a = || desired("a");
    vec![
        case("its manifest is gone", a().recorded(), Some(a()), Change::Delete(DeleteReason::ManifestGone)),
        case("it is to live on", a().retain().recorded(), Some(a()), Change::Forget(ForgetReason::Retained)),
        case(
            "protection outlives the manifest",
            a().protect().recorded(),
            Some(a()),
            Change::Blocked(BlockReason::Protected),
        ),
        case("it is gone already", a().recorded(), None, Change::Forget(ForgetReason::Absent)),
        case(
            "what is gone already needs no protection",
            a().protect().recorded(),
            None,
            Change::Forget(ForgetReason::Absent),
        ),
    ]
}

#[test]
fn every_row_of_the_table() {
    for case in declared().into_iter().chain(undeclared()) {
        // A second object keeps the folder from being empty.
        let other = desired("other-one");
        let sides = Sides {
            desired: case.desired.into_iter().chain([other.clone()]).collect(),
            recorded: case.recorded.into_iter().chain([other.recorded()]).collect(),
            live: case.live.iter().map(Declared::live).chain([other.live()]).collect(),
            options: Options::default(),
        };
        let plan = judged(&sides);
        assert_eq!(change(&plan, "a"), case.change, "because {}", case.because);
        assert_eq!(change(&plan, "other-one"), Change::Keep, "because {}", case.because);
    }
}

#[test]
fn a_new_address_for_the_same_key_is_a_rename() {
    let sides = Sides {
        desired: vec![desired("a").at("b")],
        recorded: vec![desired("a").recorded()],
        live: vec![desired("a").live()],
        options: Options::default(),
    };
    let plan = judged(&sides);
    assert_eq!(change(&plan, "b"), Change::Keep);
    assert_eq!(row(&plan, "b").renamed_from, Some(address("a")));
    assert_eq!((plan.rows.len(), plan.writes(), plan.steps.len()), (1, 0, 1));
}

#[test]
fn what_is_neither_declared_nor_recorded_is_never_touched() {
    let sides = Sides {
        desired: vec![desired("a")],
        recorded: vec![desired("a").recorded()],
        live: vec![desired("a").live(), desired("foreign").live()],
        options: Options::default(),
    };
    let plan = judged(&sides);
    assert_eq!(plan.rows.len(), 1);
    assert!(plan.is_empty());
}

#[test]
fn a_requested_replacement_registers_again() {
    let sides = Sides {
        desired: vec![desired("a")],
        recorded: vec![desired("a").recorded()],
        live: vec![desired("a").live()],
        options: Options { replace: [address("a")].into(), ..Options::default() },
    };
    let requested = Change::Update(Strategy::Reregister(ReregisterReason::Requested));
    assert_eq!(change(&judged(&sides), "a"), requested);
}

#[test]
fn destroy_deletes_what_is_recorded_and_respects_protection_and_retention() {
    let all = [desired("a"), desired("b").protect(), desired("c").retain(), desired("d")];
    let live = all.iter().take(3).map(Declared::live).collect();
    let recorded = all.iter().map(Declared::recorded).collect();
    let options = Options { goal: Goal::Destroy(None), ..Options::default() };
    let plan = judged(&Sides { desired: all.to_vec(), recorded, live, options });
    assert_eq!(change(&plan, "a"), Change::Delete(DeleteReason::Destroyed));
    assert_eq!(change(&plan, "b"), Change::Blocked(BlockReason::Protected));
    assert_eq!(change(&plan, "c"), Change::Forget(ForgetReason::Retained));
    assert_eq!(change(&plan, "d"), Change::Forget(ForgetReason::Absent));
    assert_eq!(all[2].recorded().on_remove, OnRemove::Retain);
}

#[test]
fn destroy_of_one_object_touches_no_other() {
    let all = [desired("a"), desired("b")];
    let options = Options { goal: Goal::Destroy(Some([address("a")].into())), ..Options::default() };
    let live = all.iter().map(Declared::live).collect();
    let recorded = all.iter().map(Declared::recorded).collect();
    let plan = judged(&Sides { desired: all.to_vec(), recorded, live, options });
    assert_eq!(plan.rows.len(), 1);
    assert_eq!(change(&plan, "a"), Change::Delete(DeleteReason::Destroyed));
}
