//! What reading and waiting cost, counted from the emulator's log.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::emulator::Emulator;
use crate::support::env::TestEnv;
use crate::support::manifest::{Connector, connector};

/// Connectors of one namespace, all from one JAR.
fn namespace(number: usize, size: usize) -> (String, Vec<Connector>, Vec<Value>) {
    let jar = format!("oss://jars/{number}.jar");
    let names: Vec<String> = (0..size).map(|index| format!("c-{number}-{index}")).collect();
    let manifests = names
        .iter()
        .map(|name| connector(name).with("namespaceName", &format!("n-{number}")).with("jarUrl", &jar));
    let held = names.iter().map(|name| json!({"name": name, "type": name}));
    (jar.clone(), manifests.collect(), held.collect())
}

#[test]
fn ten_thousand_connectors_in_twenty_namespaces_are_read_with_twenty_requests() {
    let emulator = Emulator::strict("");
    let env = TestEnv::with_service(&emulator, "sendDefinition: false");
    for number in 0..20 {
        let (jar, manifests, held) = namespace(number, 500);
        emulator.jar(&jar, &held);
        env.manifest(&format!("{number}.yaml"), &manifests);
    }
    env.apply("--quiet").exits(0).shows("10000 added").shows("Converged.");
    assert_eq!(emulator.new_counts()["register"], 20);
    for command in ["plan manifests", "apply manifests --yes"] {
        env.run(command).exits(0).shows("No changes. 10000 manifests match live");
        let requests = emulator.new_requests();
        assert_eq!(requests.len(), 20, "{command}");
        assert!(requests.iter().all(|request| request.short() == "list"), "{command}");
        let namespaces: BTreeSet<&str> = requests.iter().map(|request| request.namespace.as_str()).collect();
        assert_eq!(namespaces.len(), 20, "{command}");
    }
}

#[test]
fn two_hundred_waits_in_one_namespace_share_one_list_per_poll() {
    let emulator = Emulator::open("--creating-for 2s");
    let env = TestEnv::of(&emulator);
    let connectors: Vec<Connector> = (0..200).map(|index| connector(&format!("c-{index}"))).collect();
    env.manifest("all.yaml", &connectors);
    let line = "apply manifests --yes --quiet --poll-interval 1s -o json";
    env.run(line).exits(0).json("apply");
    let counts = emulator.new_counts();
    assert_eq!(counts["register"], 200);
    // One for the plan, one per second of waiting, one at once, one for the proof at the end.
    let polls = 2 + 4;
    assert!(counts["list"] <= 1 + polls + 2, "{counts:?}");
}
