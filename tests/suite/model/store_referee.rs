//! The referee on stores: each of its rules complains about a plan that was spoilt in just this way.

use reconcile::domain::field::FieldValue;
use reconcile::domain::live::{Live, Readiness};
use reconcile::domain::plan::{Action, Change, Plan, ReplaceOrder};
use reconcile::domain::recorded::{Knowledge, Recorded};
use reconcile::engine::planner::Options;

use super::judged::Sides;
use super::referee::{complains, spoilt};
use crate::support::builders::Declared;
use crate::support::stores::{errored, pending, print, seen_as, store};

fn orders() -> Declared {
    store("orders")
}

/// `orders` as declared, recorded and shown.
fn sides(declared: Declared, recorded: Recorded, live: Live) -> Sides {
    Sides { desired: vec![declared], recorded: vec![recorded], live: vec![live], options: Options::default() }
}

/// Another password is declared.
fn update(spoil: impl FnOnce(&mut Plan)) -> Vec<String> {
    spoilt(&sides(orders().password("new"), orders().recorded(), orders().live()), spoil)
}

fn each(plan: &mut Plan, mut change: impl FnMut(&mut Action)) {
    plan.steps.iter_mut().for_each(|step| change(&mut step.action));
}

#[test]
fn an_update_without_a_member_of_its_group_or_without_what_differs() {
    let without = |field: &'static str| {
        move |plan: &mut Plan| {
            each(plan, |action| {
                if let Action::Update { sends, .. } = action {
                    sends.remove(field);
                }
            });
        }
    };
    let found = update(without("kafka.sasl.username"));
    complains(&found, "is updated without kafka.sasl.username, which belongs to its group");
    let found = update(without("kafka.sasl.password"));
    complains(&found, "is updated without kafka.sasl.password, which differs");
    complains(&found, "is recorded with a kafka.sasl.password that nobody sent");
}

#[test]
fn an_update_of_what_nobody_declares_or_for_no_reason() {
    let found = update(|plan| {
        each(plan, |action| {
            if let Action::Update { sends, .. } = action {
                sends.insert("kafka.tls.disabled".into());
            }
        });
    });
    complains(&found, "with kafka.tls.disabled, which nobody declares");
    let repair = sides(orders(), orders().recorded(), orders().live_as(errored("no")));
    let found = spoilt(&repair, |plan| {
        each(plan, |action| {
            if let Action::Update { sends, .. } = action {
                sends.clear();
            }
        });
    });
    complains(&found, "is waited for and will not change by itself");
    let wait = sides(orders(), orders().recorded(), orders().live_as(pending("soon")));
    let found = spoilt(&wait, |plan| {
        each(plan, |action| {
            if let Action::Update { sends, desired, .. } = action {
                sends.extend(desired.spec.fields().into_keys().filter(|field| field.starts_with("kafka")));
            }
        });
    });
    complains(&found, "is updated and nothing differs");
}

#[test]
fn a_wait_for_what_differs_and_an_update_from_what_it_was_not() {
    let both = sides(orders().password("new"), orders().recorded(), orders().live_as(pending("soon")));
    let found = spoilt(&both, |plan| {
        each(plan, |action| {
            if let Action::Update { sends, .. } = action {
                sends.clear();
            }
        });
    });
    complains(&found, "is waited for and differs in");
    let found = update(|plan| {
        each(plan, |action| {
            if let Action::Update { before, .. } = action {
                before.readiness = Readiness::Errored { message: None };
            }
        });
    });
    complains(&found, "is updated from what it was not");
}

#[test]
fn a_claim_of_a_secret_that_nobody_sent() {
    let wait = sides(orders(), orders().recorded(), orders().live_as(pending("soon")));
    let found = spoilt(&wait, |plan| {
        each(plan, |action| {
            if let Action::Update { when_ready, .. } = action {
                let other = Knowledge::Applied(FieldValue::Sealed(print("other")));
                when_ready.fields.insert("kafka.sasl.password".into(), other);
            }
        });
    });
    complains(&found, "is recorded with a kafka.sasl.password that nobody sent");
}

#[test]
fn a_replacement_where_an_update_would_do() {
    let found = update(|plan| plan.rows[0].change = Change::Replace(ReplaceOrder::DeleteFirst));
    complains(&found, "Store/orders is replaced where an update would do");
}

#[test]
fn a_store_that_is_left_as_it_is_and_is_not_ready() {
    let repair = sides(orders(), orders().recorded(), orders().live_as(errored("no")));
    let found = spoilt(&repair, |plan| {
        plan.rows[0].change = Change::Keep;
        plan.steps.clear();
    });
    complains(&found, "after Keep, Store/orders is not ready");
}

#[test]
fn a_drop_by_somebody_who_does_not_own_it() {
    let gone = Sides {
        desired: vec![store("keep")],
        recorded: vec![orders().recorded(), store("keep").recorded()],
        live: vec![orders().owner("analyst").live(), store("keep").live()],
        options: Options::default(),
    };
    let found = spoilt(&gone, |plan| {
        each(plan, |action| {
            if let Action::Delete { owner, .. } = action {
                *owner = None;
            }
        });
    });
    complains(&found, "orders belongs to analyst and is dropped as None");
}

#[test]
fn a_request_for_what_is_out_of_sight() {
    // The plan for a store that is absent, carried out on one that another role saw.
    let absent =
        || Sides { desired: vec![orders()], recorded: vec![orders().recorded()], ..Sides::default() };
    let mut steps = Vec::new();
    spoilt(&absent(), |plan| steps.clone_from(&plan.steps));
    let hidden = Sides { recorded: vec![orders().recorded_by(seen_as("x"))], ..absent() };
    let found = spoilt(&hidden, |plan| plan.steps = steps);
    complains(&found, "orders is out of sight and is changed");
}
