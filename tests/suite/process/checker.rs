//! The judge of a world after kills and recovery: naive, and apart from the product.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::emulator::Emulator;
use super::proxy::Proxy;
use super::scenario::{Connector, Scenario};
use super::site::Site;

/// What is wrong, as sentences.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) lost: Vec<String>,
    pub(super) doubled: Vec<String>,
}

/// Compares declared, recorded and live, and the requests that were carried out with those that the scenario takes.
pub(super) fn judge(scenario: &Scenario, site: &Site, emulator: &Emulator, proxy: &Proxy) -> Verdict {
    let mut verdict = Verdict::default();
    let lost = &mut verdict.lost;
    let live = site.live(emulator.url());
    let desired: BTreeSet<_> = scenario.after.iter().map(Connector::seen).collect();
    if live != desired {
        lost.push(format!("live is {live:#?}, declared is {desired:#?}"));
    }
    let recorded = recorded(site);
    let declared: BTreeMap<_, _> = scenario.after.iter().map(line_of).collect();
    if recorded != declared {
        lost.push(format!("recorded is {recorded:#?}, declared is {declared:#?}"));
    }
    let state = site.json("", &["state", "list"]);
    if state["openWrites"] != 0 || state["strays"] != Value::Array(Vec::new()) {
        lost.push(format!("the state is not settled: {state:#}"));
    }
    let listed: BTreeSet<_> = state["objects"].as_array().unwrap().iter().map(|o| text(&o["id"])).collect();
    if listed != live.iter().map(|seen| seen.id.clone()).collect() {
        lost.push(format!("`state list` says {listed:?}, live is {live:#?}"));
    }
    let plan = site.run(emulator.url(), &["plan", "--detailed-exitcode"]);
    if plan.code() != Some(0) {
        lost.push(format!("the plan is not empty: {}", plan.told()));
    }
    let carried_out = proxy.carried_out();
    for (write, count) in &carried_out {
        let planned = scenario.writes.get(write).copied().unwrap_or(0);
        if *count > planned {
            verdict.doubled.push(format!("{write:?} was carried out {count} times, {planned} were planned"));
        }
    }
    let (logged, witnessed) = (emulator.carried_out(), by_operation(carried_out));
    assert_eq!(logged, witnessed, "the emulator's log and the proxy disagree on what was carried out");
    verdict
}

/// Address and JAR of each object in the snapshot file, read without the product.
fn recorded(site: &Site) -> BTreeMap<String, (String, String)> {
    let bytes = std::fs::read(site.state().join("snapshot.json")).unwrap();
    let snapshot: Value = serde_json::from_slice(&bytes).unwrap();
    let resources = snapshot["resources"].as_array().unwrap().iter();
    let line = |resource: &Value| {
        let key = &resource["key"]["flinkConnector"];
        let id = format!("{}:{}:{}", text(&key["workspace"]), text(&key["namespace"]), text(&key["name"]));
        (id, (text(&resource["address"]), text(&resource["fields"]["jarUrl"]["applied"])))
    };
    resources.map(line).collect()
}

fn line_of(connector: &Connector) -> (String, (String, String)) {
    let address = format!("FlinkConnector/{}", connector.address);
    (connector.seen().id, (address, format!("oss://jars/{}", connector.jar)))
}

fn by_operation(writes: BTreeMap<(String, String), usize>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for ((method, _), count) in writes {
        let operation = if method == "POST" { "RegisterCustomConnector" } else { "DeleteCustomConnector" };
        *counts.entry(operation.to_owned()).or_default() += count;
    }
    counts
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
