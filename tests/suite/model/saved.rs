//! Saved files over random worlds: what is read is what was written, or it is refused.

use std::path::Path;

use proptest::prelude::*;
use reconcile::domain::evidence::Evidence;
use reconcile::domain::journal::{PlanId, Recovered};
use reconcile::domain::plan::{Change, Row};
use reconcile::engine::planner::{Options, PlanInput, plan};
use reconcile::engine::resume::Approved;
use reconcile::saved::{SavedLive, SavedPlan, Stamp, read_approved, write_approved};

use super::worlds::{RandomWorld, cases, random_world, scopes};

fn saved(world: &RandomWorld, options: Options) -> SavedPlan {
    SavedPlan {
        stamp: Stamp::of("2026-01-01T00:00:00Z".to_owned()),
        id: PlanId("id".to_owned()),
        profile: "test".to_owned(),
        options,
        desired: world.desired.clone(),
        evidence: Evidence {
            recovered: Recovered::new(world.recorded.clone()),
            live: world.live.clone(),
            sends_definition: scopes().into_iter().collect(),
        },
        shown: serde_json::json!({"serial": 1}),
    }
}

proptest! {
    #![proptest_config(cases(256, 20_000))]

    /// Everything that the planner is given comes back. Of what is sealed the content stays behind, so that what was read
    /// once is what is read again.
    #[test]
    fn a_planned_world_survives_its_file(
        world in random_world(),
        (strays, delete, replace) in (any::<bool>(), prop::option::of(0_usize..9), 0_usize..20),
    ) {
        let replace = world.desired.keys().nth(replace).cloned().into_iter().collect();
        let mut options = Options { delete_strays: strays, replace, ..Options::default() };
        options.limits.delete = delete;
        let plan = saved(&world, options);
        let path = Path::new("p");
        let read = SavedPlan::decode(path, &plan.encode(path).unwrap()).unwrap();
        for (address, desired) in &plan.desired {
            let found = &read.desired[address];
            prop_assert_eq!(found.spec.fields(), desired.spec.fields());
            prop_assert_eq!(&found.lifecycle, &desired.lifecycle);
            prop_assert_eq!(&found.depends_on, &desired.depends_on);
            prop_assert_eq!(&found.origin, &desired.origin);
        }
        prop_assert_eq!(&SavedPlan { desired: plan.desired.clone(), ..read.clone() }, &plan);
        prop_assert_eq!(&SavedPlan::decode(path, &read.encode(path).unwrap()).unwrap(), &read);

        let live = SavedLive { stamp: plan.stamp, profile: plan.profile, evidence: plan.evidence };
        prop_assert_eq!(&SavedLive::decode(path, &live.encode(path).unwrap()).unwrap(), &live);
    }

    /// What is approved comes back from its text, and is no larger than what it changes.
    #[test]
    fn an_approved_plan_survives_its_text(world in random_world()) {
        let (all, options) = (scopes().into_iter().collect(), Options { must_match: false, ..Options::default() });
        let input = PlanInput {
            desired: &world.desired,
            recorded: &world.recorded,
            unseen: &std::collections::BTreeMap::new(),
            live: &world.live,
            sends_definition: &all,
            options: &options,
        };
        let Ok(plan) = plan(&input) else { return Ok(()) };
        let approved = Approved::of(&plan, &world.desired, &world.recorded, &world.live, &options);
        let text = write_approved(&approved, "test").unwrap();
        let (read, profile) = read_approved(&text).unwrap();
        prop_assert_eq!(profile, "test");
        prop_assert_eq!(&Approved { desired: approved.desired.clone(), ..read.clone() }, &approved);
        prop_assert_eq!(write_approved(&read, "test").unwrap(), text);
        let kept = |row: &&Row| row.change == Change::Keep && row.renamed_from.is_none();
        for row in plan.rows.iter().filter(kept) {
            prop_assert!(!approved.desired.contains_key(&row.address), "{} is kept", row.address);
        }
    }

    #[test]
    fn one_damaged_byte_is_refused(world in random_world(), at in any::<prop::sample::Index>(), flip in 1_u8..=255) {
        let path = Path::new("p");
        let mut bytes = saved(&world, Options::default()).encode(path).unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        prop_assert!(SavedPlan::decode(path, &bytes).is_err(), "byte {} became {}", at, bytes[at]);
        bytes.truncate(at);
        prop_assert!(SavedPlan::decode(path, &bytes).is_err(), "cut at {}", at);
    }
}

#[test]
fn every_damaged_byte_of_a_file_is_refused_and_so_is_an_unknown_member() {
    let world = RandomWorld {
        desired: std::collections::BTreeMap::new(),
        recorded: reconcile::domain::snapshot::Snapshot::new(reconcile::domain::snapshot::Lineage(
            "l".to_owned(),
        )),
        live: std::collections::BTreeMap::new(),
    };
    let path = Path::new("p");
    let bytes = saved(&world, Options::default()).encode(path).unwrap();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        assert!(SavedPlan::decode(path, &damaged).is_err(), "byte {at}");
    }
    let text = String::from_utf8(bytes).unwrap();
    // The rendering is for people and may hold anything.
    let inner = text.match_indices("{\n").filter(|(at, _)| !text[..*at].ends_with("\"plan\": "));
    let mut grown = 0;
    for (at, _) in inner {
        let larger = format!("{}\"unheardOf\": 1,{}", &text[..=at], &text[at + 1..]);
        let larger = reconcile::platform::checksum::seal(larger.into_bytes());
        assert!(SavedPlan::decode(path, &larger).is_err(), "{}", String::from_utf8_lossy(&larger));
        grown += 1;
    }
    assert!(grown >= 5, "{text}");
}
