//! `status`: the state at a glance.

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{connector, kafka};

#[test]
fn a_state_that_does_not_exist_yet_is_no_error() {
    let env = TestEnv::new();
    env.run("status")
        .exits(0)
        .shows("Profile:   local")
        .shows("there is none yet")
        .shows("Nothing is recorded.");
    let status = env.run("status -o json").exits(0).json("status");
    assert!(status["state"]["serial"].is_null() && status["lastRun"].is_null(), "{status:#}");
    assert_eq!(status["lock"]["status"], "free");
    assert!(!env.has("state"), "looking makes nothing");
}

#[test]
fn what_is_recorded_is_counted_by_kind_and_condition_without_a_request() {
    let emulator = Emulator::open("--provisioning-for 1h");
    let env = TestEnv::with_stores(&emulator).with("RECONCILE_STORE_TIME_DIVISOR", "400");
    env.manifest("a.yaml", &[connector("a"), connector("b")]);
    env.manifest("orders.yaml", &[kafka("orders")]);
    env.apply("").exits(3);
    emulator.new_requests();
    let status = env.run("status -o json").exits(0).json("status");
    assert_eq!(
        (&status["objects"]["FlinkConnector"]["ready"], &status["objects"]["Store"]["degraded"]),
        (&2.into(), &1.into())
    );
    assert_eq!(status["objects"]["Store"]["recorded"], 1);
    assert_eq!((&status["profile"], &status["state"]["serial"]), (&"test".into(), &1.into()));
    assert_eq!(status["lastRun"]["command"], "apply");
    assert!(status["live"].is_null() && status["declared"].is_null(), "{status:#}");
    env.run("status")
        .exits(0)
        .shows("serial 1, lineage")
        .shows("Lock:      free")
        .shows("`apply` of")
        .shows("DEGRADED");
    env.remove_manifest("a.yaml");
    env.manifest("c.yaml", &[connector("c")]);
    env.run("status manifests").exits(0).shows("Declared:  2 objects, 1 not recorded");
    assert_eq!(emulator.new_operations(), "", "status asks no service");
}

#[test]
fn live_counts_what_is_absent_and_what_is_unmanaged() {
    let emulator = Emulator::open("");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a"), connector("b")]);
    env.apply("").exits(0);
    emulator.overwrite(&connector("foreign"));
    emulator.lose("w:n:a");
    env.run("status --live").exits(0).shows("2 objects, 1 unmanaged; 1 recorded and absent");
    let live = &env.run("status -f manifests -o json").exits(0).json("status")["live"];
    assert!(live.is_null());
    let env = env.with("RECONCILE_LIVE", "true");
    let live = env.run("status -o json").exits(0).json("status")["live"].clone();
    assert_eq!((&live["objects"], &live["unmanaged"], &live["absent"]), (&2.into(), &1.into(), &1.into()));
}

#[test]
fn a_run_that_was_cut_off_is_shown_with_what_to_do_next() {
    let emulator = Emulator::open("--creating-for 10s");
    let env = TestEnv::of(&emulator);
    env.manifest("a.yaml", &[connector("a")]);
    let mut killed = env.start("apply manifests --yes");
    killed.until_it_tells("a: Creating");
    let held = env.run("status -o json").exits(0).json("status");
    assert_eq!(
        (&held["lock"]["status"], &held["lock"]["holder"]["command"]),
        (&"held".into(), &"apply".into())
    );
    env.run("status").exits(0).shows("Lock:      held by process");
    // The intent is durable before the request is sent.
    while emulator.new_requests().iter().all(|request| request.short() != "register") {
        std::thread::yield_now();
    }
    drop(killed);
    env.run("status")
        .exits(0)
        .shows("ended without letting go")
        .shows("1 open request of a run that was cut off:")
        .shows("register w:n:a")
        .shows("apply again");
    let status = env.run("status -o json").exits(0).json("status");
    assert_eq!(status["openWrites"][0]["objects"][0], "w:n:a");
    assert_eq!(
        (&status["lock"]["status"], &status["lastRun"]["command"]),
        (&"stale".into(), &"apply".into())
    );
    assert!(status["next"].as_str().unwrap().contains("apply again"));
}
