//! The table of design.md section 4, row by row.

use reconcile::domain::address::Address;
use reconcile::domain::desired::OnRemove;
use reconcile::domain::field::FieldValue;
use reconcile::domain::live::{Live, Observer};
use reconcile::domain::plan::{
    BlockReason, Change, CreateReason, DeleteReason, ForgetReason, NativeReason, ReplaceOrder,
    ReregisterReason, Strategy,
};
use reconcile::domain::recorded::Recorded;
use reconcile::engine::planner::{Goal, Options};

use super::judged::{Sides, change, judged, row};
use crate::support::builders::{Declared, address, desired};
use crate::support::stores::{ROLE, errored, observer, pending, seen_as, store};

struct Case {
    because: &'static str,
    desired: Option<Declared>,
    recorded: Option<Recorded>,
    live: Option<Live>,
    change: Change,
}

impl Case {
    fn address(&self) -> Address {
        let declared = self.desired.as_ref().map(Declared::address);
        declared.or_else(|| self.recorded.as_ref().map(|recorded| recorded.address.clone())).unwrap()
    }
}

fn reregister() -> Change {
    Change::Update(Strategy::Reregister(ReregisterReason::Fields))
}

fn declared() -> Vec<Case> {
    let a = || desired("a").sink(true);
    let case = |because, desired, recorded: Option<Declared>, live: Option<Declared>, change| Case {
        because,
        desired: Some(desired),
        recorded: recorded.map(|declared| declared.recorded()),
        live: live.map(|declared| declared.live()),
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
        live: live.map(|declared| declared.live()),
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

fn stores() -> Vec<Case> {
    let s = || store("s").ca("pem");
    let case = |because,
                desired: Option<Declared>,
                recorded: Option<Recorded>,
                live: Option<Live>,
                change| Case { because, desired, recorded, live, change };
    // Declared, applied, and shown like this.
    let known = |because, desired, live, change| {
        case(because, Some(desired), Some(s().recorded()), Some(live), change)
    };
    let native = |reason| Change::Update(Strategy::Native(reason));
    let replace = |order| Change::Replace(order);
    let blocked = Change::Blocked;
    let foreign = Observer { organization: "other".into(), ..observer() };
    let out_of_sight = |then: Observer| blocked(BlockReason::OutOfSight { then, now: observer() });
    vec![
        case("it is new", Some(s()), None, None, Change::Create(CreateReason::New)),
        case(
            "it exists and is not managed",
            Some(s()),
            None,
            Some(s().live()),
            blocked(BlockReason::Unmanaged),
        ),
        case("no listing shows its secrets", Some(s().adopt()), None, Some(s().live()), Change::Adopt(None)),
        case(
            "it is taken over, and an update makes the service try again",
            Some(s().adopt()),
            None,
            Some(s().live_as(errored("no"))),
            Change::Adopt(Some(Strategy::Native(NativeReason::Errored))),
        ),
        case(
            "it is taken over on its way",
            Some(s().adopt()),
            None,
            Some(s().live_as(pending("soon"))),
            Change::Adopt(Some(Strategy::Await)),
        ),
        case(
            "taking over another owner's would be a replacement",
            Some(s().adopt().owner("analyst")),
            None,
            Some(s().live()),
            blocked(BlockReason::AdoptDiffers {
                field: "owner".into(),
                live: Some(FieldValue::Text(ROLE.into())),
            }),
        ),
        known("all three agree", s(), s().live(), Change::Keep),
        known("whoever owns it, when no owner is declared", s(), s().owner("x").live(), Change::Keep),
        known("a secret differs", s().password("new"), s().live(), native(NativeReason::Fields)),
        known("a file differs", s().ca("new"), s().live(), native(NativeReason::Fields)),
        known("the brokers differ", s().uris(&["b:1"]), s().live(), native(NativeReason::Fields)),
        known(
            "a difference makes the service try again, too",
            s().password("new"),
            s().live_as(errored("no")),
            native(NativeReason::Fields),
        ),
        known("it is in error", s(), s().live_as(errored("no")), native(NativeReason::Errored)),
        known("it is on its way", s(), s().live_as(pending("soon")), Change::Update(Strategy::Await)),
        known(
            "protection does not stand against an update",
            s().protect().password("new"),
            s().live(),
            native(NativeReason::Fields),
        ),
        known(
            "a description lives in the state only",
            s().description("words"),
            s().live(),
            Change::Update(Strategy::RecordOnly),
        ),
        known(
            "an ignored secret is not compared",
            s().ignore("kafka/sasl/password").password("new"),
            s().live(),
            Change::Keep,
        ),
        known("the owner forces", s().owner("x"), s().live(), replace(ReplaceOrder::DeleteFirst)),
        known("the type forces", s().postgres(), s().live(), replace(ReplaceOrder::DeleteFirst)),
        known("somebody replaced it", s(), s().postgres().live(), replace(ReplaceOrder::DeleteFirst)),
        known(
            "another name is another store",
            s().named("t"),
            s().live(),
            replace(ReplaceOrder::CreateFirst),
        ),
        known("protection stands", s().protect().owner("x"), s().live(), blocked(BlockReason::Protected)),
        case(
            "its secrets are not known after an import",
            Some(s()),
            Some(s().imported()),
            Some(s().live()),
            Change::Update(Strategy::RecordOnly),
        ),
        case(
            "somebody dropped it",
            Some(s()),
            Some(s().recorded()),
            None,
            Change::Create(CreateReason::Absent),
        ),
        case(
            "it was in error and is gone",
            Some(s()),
            Some(s().degraded("no")),
            None,
            Change::Create(CreateReason::Absent),
        ),
        case(
            "another role saw it, and this one does not",
            Some(s()),
            Some(s().recorded_by(seen_as("x"))),
            None,
            out_of_sight(seen_as("x")),
        ),
        case(
            "another role saw it, and this one does too",
            Some(s()),
            Some(s().recorded_by(seen_as("x"))),
            Some(s().live()),
            Change::Keep,
        ),
        case(
            "it belongs to another organization",
            Some(s()),
            Some(s().recorded_by(foreign.clone())),
            Some(s().live()),
            out_of_sight(foreign.clone()),
        ),
        case(
            "its manifest is gone, and this role does not see it",
            None,
            Some(s().recorded_by(seen_as("x"))),
            None,
            out_of_sight(seen_as("x")),
        ),
        case(
            "its manifest is gone",
            None,
            Some(s().recorded()),
            Some(s().live_as(errored("no"))),
            Change::Delete(DeleteReason::ManifestGone),
        ),
    ]
}

#[test]
fn every_row_of_the_table() {
    for case in declared().into_iter().chain(undeclared()).chain(stores()) {
        let (address, because) = (case.address(), case.because);
        // A second object keeps the folder from being empty.
        let other = desired("other-one");
        let sides = Sides {
            desired: case.desired.into_iter().chain([other.clone()]).collect(),
            recorded: case.recorded.into_iter().chain([other.recorded()]).collect(),
            live: case.live.into_iter().chain([other.live()]).collect(),
            options: Options::default(),
        };
        let plan = judged(&sides);
        assert_eq!(change(&plan, &address.to_string()), case.change, "because {because}");
        assert_eq!(change(&plan, "other-one"), Change::Keep, "because {because}");
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
    let options = Options { goal: Goal::Destroy { only: None, protected: [].into() }, ..Options::default() };
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
    let options = Options {
        goal: Goal::Destroy { only: Some([address("a")].into()), protected: [].into() },
        ..Options::default()
    };
    let live = all.iter().map(Declared::live).collect();
    let recorded = all.iter().map(Declared::recorded).collect();
    let plan = judged(&Sides { desired: all.to_vec(), recorded, live, options });
    assert_eq!(plan.rows.len(), 1);
    assert_eq!(change(&plan, "a"), Change::Delete(DeleteReason::Destroyed));
}
