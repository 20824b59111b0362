//! What many stores cost, counted from the emulator's log.

use reconcile::platform::time::SystemClock;
use reconcile::ports::clock::Clock as _;

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{Store, plain_kafka};

#[test]
fn a_thousand_stores_cost_a_statement_each_and_a_query_per_tick_and_then_one_query() {
    let emulator = Emulator::open("--provisioning-for 500ms");
    // A look every half second.
    let env = TestEnv::with_stores(&emulator).with("RECONCILE_STORE_TIME_DIVISOR", "10");
    let stores: Vec<Store> = (0..1000).map(|n| plain_kafka(&format!("s{n:04}"))).collect();
    env.manifest("all.yaml", &stores);
    let clock = SystemClock::start();
    env.apply("--quiet").exits(0).shows("1000 added").shows("Converged.");
    let ticks = usize::try_from(clock.now().as_millis() / 500).unwrap() + 1;
    let counts = emulator.new_counts();
    assert_eq!(counts["create-store"], 1000);
    // For the plan, for each tick, at once, and for the proof at the end.
    assert!(counts["list-stores"] <= ticks + 3, "{counts:?} in {ticks} ticks");
    assert_eq!(counts.len(), 2, "{counts:?}");

    env.plan("").exits(0).shows("No changes. 1000 manifests match live");
    assert_eq!(emulator.new_operations(), "list-stores");
}
