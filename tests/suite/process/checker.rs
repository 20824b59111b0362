//! The judge of a world after kills and recovery: naive, and apart from the product.

use std::collections::BTreeMap;

use super::audit::operation;
use super::emulator::Emulator;
use super::offline::Files;
use super::proxy::Proxy;
use super::scenario::{Run, Scenario, Write};
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
    let (live, wanted) = (emulator.holds(), scenario.after.and(&scenario.blocked).live());
    if live != wanted {
        lost.push(format!("live is {live:#?}, declared is {wanted:#?}"));
    }
    let files = Files::of(&site.state());
    lost.extend(files.torn.iter().cloned());
    let (recorded, declared) = (files.recorded(), scenario.after.recorded());
    if recorded != declared {
        lost.push(format!("recorded is {recorded:#?}, declared is {declared:#?}"));
    }
    if !files.is_settled() || files.strays() != 0 {
        lost.push(format!("the state is not settled: {files:#?}"));
    }
    if scenario.run != Run::Destroy {
        let plan = site.run(emulator.url(), &["plan", "--detailed-exitcode"]);
        if plan.code() != Some(scenario.ends()) {
            lost.push(format!("the plan is not empty: {}", plan.told()));
        }
    }
    let carried_out = proxy.carried_out();
    for (write, count) in &carried_out {
        let planned = scenario.writes.get(write).copied().unwrap_or(0);
        // An update may be repeated: it makes nothing, and nobody can look whether it was carried out.
        let is_repeatable = write.0 == "UPDATE" && planned > 0;
        if *count > planned && !is_repeatable {
            verdict.doubled.push(format!("{write:?} was carried out {count} times, {planned} were planned"));
        }
    }
    let (logged, witnessed) = (emulator.carried_out(), by_operation(carried_out));
    if logged != witnessed {
        verdict
            .lost
            .push(format!("the service says that it carried out {logged:?}, the proxy saw {witnessed:?}"));
    }
    verdict
}

fn by_operation(writes: BTreeMap<Write, usize>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for ((word, _), count) in writes {
        *counts.entry(operation(&word).to_owned()).or_default() += count;
    }
    counts
}
