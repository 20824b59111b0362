//! A scenario on its stage: the world before the run, and a copy of it for each case.

use std::collections::{BTreeMap, BTreeSet};

use super::emulator::Emulator;
use super::offline::Files;
use super::point::{CALLS, CHANGING, LOOKING, Point, apply, go, resumable, trace_of, traced_to_file};
use super::program::Ended;
use super::proxy::Proxy;
use super::scenario::{Run, Scenario};
use super::site::Site;

/// A scenario with its world before the run.
pub(super) struct Stage {
    pub(super) scenario: Scenario,
    before: Site,
}

impl Stage {
    /// Brings about what is there before, and declares what is to be.
    pub(super) fn set(scenario: Scenario) -> Self {
        let before = Site::new();
        let emulator = Emulator::start(before.path(), &[]);
        if !scenario.foreign.is_empty() {
            before.write_manifest("foreign", &scenario.foreign.manifest());
            let arguments = ["apply", "--yes", "--state", "elsewhere", "-f", "foreign"];
            before.run(emulator.url(), &arguments).exits(0);
        }
        for [kind, id, name] in scenario.imported {
            before.run(emulator.url(), &["import", kind, id, "--as", name]).exits(0);
        }
        if !scenario.before.is_empty() {
            before.write_manifest("manifests", &scenario.before.manifest());
            before.run(emulator.url(), &["apply", "--yes"]).exits(scenario.before_ends);
        }
        emulator.stop().exits(0);
        if scenario.run != Run::Destroy {
            before.write_manifest("manifests", &scenario.after.and(&scenario.blocked).manifest());
        }
        Self { scenario, before }
    }

    /// A world of its own for one case.
    pub(super) fn open(&self) -> (Site, Emulator, Proxy) {
        let site = self.before.copy(self.scenario.on_disk);
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

/// One case: a world of its own, and the run that is killed in it.
pub(super) struct Case<'a> {
    scenario: &'a Scenario,
    pub(super) site: Site,
    pub(super) emulator: Emulator,
    pub(super) proxy: Proxy,
    /// The serial from which the run begins.
    pub(super) serial: u64,
    arguments: Vec<String>,
}

impl Stage {
    /// A case, ready to be run.
    pub(super) fn case(&self) -> Case<'_> {
        let (site, emulator, proxy) = self.open();
        let serial = Files::of(&site.state()).serial();
        let arguments: &[&str] = match self.scenario.run {
            Run::Apply => &["apply", "--yes"],
            Run::Destroy => &["destroy", "--all", "--yes"],
            Run::Saved => {
                site.run(proxy.url(), &["plan", "--out", "plan.out"]).exits(0);
                &["apply", "plan.out"]
            }
            Run::Resumed(point) => {
                assert!(apply(&site, &proxy, Some(point)).was_killed());
                &["apply", "--resume", &resumable(&site).unwrap()]
            }
        };
        let arguments = arguments.iter().map(ToString::to_string).collect();
        Case { scenario: &self.scenario, site, emulator, proxy, serial, arguments }
    }

    /// Where a run can be killed: at every file and socket call behind its first look at the state, split into those that change
    /// something and those that only look; and how many requests it makes. From a plain trace of its main thread.
    pub(super) fn points(&self) -> Points {
        let case = self.case();
        let trace = trace_of(&case.site, &case.proxy, &case.arguments());
        let main = trace.split(' ').next().unwrap_or_default();
        let mut points = Points { requests: case.proxy.requests(), ..Points::default() };
        let (mut counts, mut begun) = (BTreeMap::<&str, usize>::new(), false);
        for line in trace.lines().filter_map(|line| line.strip_prefix(main)) {
            let Some((call, rest)) = line.trim().split_once('(') else { continue };
            let count = counts.entry(call).or_default();
            *count += 1;
            begun |= rest.contains("\"state");
            let looking = LOOKING.iter().find(|looking| **looking == call);
            match (begun, looking) {
                (false, _) => {}
                (true, Some(call)) => points.looking.push(Point::Call(call, *count)),
                (true, None) => {
                    let known = CHANGING.iter().find(|known| **known == call);
                    let known = known.unwrap_or_else(|| panic!("{call} is in no list of calls"));
                    points.changing.push(Point::Call(known, *count));
                }
            }
        }
        points
    }
}

/// See [`Stage::points`].
#[derive(Debug, Default)]
pub(super) struct Points {
    pub(super) changing: Vec<Point>,
    pub(super) looking: Vec<Point>,
    pub(super) requests: usize,
}

impl Case<'_> {
    fn arguments(&self) -> Vec<&str> {
        self.arguments.iter().map(String::as_str).collect()
    }

    /// The run itself.
    pub(super) fn run(&self, point: Option<Point>) -> Ended {
        go(&self.site, &self.proxy, &self.arguments(), point)
    }

    /// A run that plans anew.
    pub(super) fn run_anew(&self, point: Option<Point>) -> Ended {
        let destroy: &[&str] = &["destroy", "--all", "--yes"];
        let arguments = if self.scenario.run == Run::Destroy { destroy } else { &["apply", "--yes"] };
        go(&self.site, &self.proxy, arguments, point)
    }
}
