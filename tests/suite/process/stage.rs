//! A scenario on its stage: the world before the run, and a copy of it for each case.

use std::collections::{BTreeMap, BTreeSet};

use super::emulator::Emulator;
use super::point::{CALLS, traced_to_file};
use super::proxy::Proxy;
use super::scenario::Scenario;
use super::site::Site;

/// A scenario with its world before the run.
pub(super) struct Stage {
    pub(super) scenario: Scenario,
    before: Site,
}

impl Stage {
    /// Brings about what is applied before, and declares what is to be.
    pub(super) fn set(scenario: Scenario) -> Self {
        let before = Site::new();
        if !scenario.before.is_empty() {
            let emulator = Emulator::start(before.path(), &[]);
            before.declare(&scenario.before);
            before.run(emulator.url(), &["apply", "--yes"]).exits(0);
            emulator.stop().exits(0);
        }
        before.declare(&scenario.after);
        Self { scenario, before }
    }

    /// A world of its own for one case.
    pub(super) fn open(&self) -> (Site, Emulator, Proxy) {
        let site = self.before.copy();
        let emulator = Emulator::start(site.path(), self.scenario.lag);
        let proxy = Proxy::start(emulator.host());
        (site, emulator, proxy)
    }

    /// How often a run makes each call, from a plain trace. strace counts per thread when it kills: calls of a second
    /// thread would hide behind those of the first.
    pub(super) fn count_calls(&self) -> BTreeMap<String, usize> {
        let (site, _emulator, proxy) = self.open();
        let text = traced_to_file(&site, &proxy, &format!("trace={}", CALLS.join(",")), &[]);
        let mut threads = BTreeSet::new();
        let mut counts = BTreeMap::new();
        for line in text.lines().filter(|line| line.contains('(')) {
            let (thread, call) = line.split_once(' ').unwrap();
            threads.insert(thread.to_owned());
            *counts.entry(call.trim().split('(').next().unwrap().to_owned()).or_default() += 1;
        }
        assert_eq!(threads.len(), 1, "files are written by several threads: {text}");
        counts
    }
}
