//! A watch that goes on for long, on services that fail now and then, over files that are edited all the time, while
//! somebody deletes objects behind its back: nothing is missed, and nothing is kept that is not needed any more.
//!
//! Two minutes; thirty with `RECONCILE_LONG=1` (see `tests/long`). `RECONCILE_SEED` chooses other edits.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reconcile::platform::time::SystemClock;

use super::emulator::Emulator;
use super::site::Site;
use super::storm::seed;
use super::tree::{Edit, Tree};
use super::watching::Watching;
use crate::support::chance::Chance;

const LENGTH: Duration = Duration::from_mins(2);
const MORE_LENGTH: Duration = Duration::from_mins(30);

/// Of a hundred requests one is not answered as it should be.
const FAULTS: [&str; 6] = ["--fail", "*:503@0.4%", "--fail", "*:drop@0.4%", "--fail", "*:drop-before@0.2%"];

/// One look at the process.
#[derive(Debug, Clone, Copy)]
struct Sample {
    /// Resident memory, in bytes.
    memory: u64,
    descriptors: u64,
    /// What lies in the state folder, in bytes.
    state: u64,
}

impl Sample {
    fn of(process: u32, state: &Path) -> Self {
        let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        let kilobytes: u64 = resident.trim().trim_end_matches("kB").trim().parse().unwrap();
        let descriptors = std::fs::read_dir(format!("/proc/{process}/fd")).unwrap().count();
        let entries = std::fs::read_dir(state).unwrap();
        // A file may be gone between the list and the look.
        let sizes = entries.filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len()));
        Self { memory: kilobytes * 1024, descriptors: descriptors as u64, state: sizes.sum() }
    }
}

/// The median of one number over a quarter of the samples, from 0 to 3.
fn median(samples: &[Sample], quarter: usize, number: fn(&Sample) -> u64) -> u64 {
    let length = samples.len() / 4;
    let mut numbers: Vec<u64> = samples[quarter * length..][..length].iter().map(number).collect();
    numbers.sort_unstable();
    numbers[numbers.len() / 2]
}

#[test]
fn a_watch_that_goes_on_and_on_misses_nothing_and_keeps_nothing() {
    let length = if std::env::var_os("RECONCILE_LONG").is_some() { MORE_LENGTH } else { LENGTH };
    let seed = seed(20_261_122);
    println!("RECONCILE_SEED={seed}");
    let mut chance = Chance::new(seed);
    let site = Site::new();
    let mut tree = Tree::new(&site.path().join("manifests"));
    let emulator = Emulator::start(site.path(), &FAULTS);
    let host = emulator.host().to_owned();
    let watching = Watching::over(site, emulator, &["--prune", "--resync", "100ms"]);
    let (is_over, clock) = (AtomicBool::new(false), SystemClock::start());
    let (mut edits, mut losses) = (0, 0);
    let samples = std::thread::scope(|scope| {
        let sampling = scope.spawn(|| {
            let (pid, state) = (watching.watch().pid(), watching.site.state());
            let mut samples = Vec::new();
            while !is_over.load(Ordering::SeqCst) {
                samples.push(Sample::of(pid, &state));
                std::thread::sleep(Duration::from_millis(250));
            }
            samples
        });
        while clock.elapsed() < length {
            let edit = *chance.one_of(&Edit::ALL);
            tree.edit(edit, &mut chance);
            edits += 1;
            if chance.below(8) == 0 {
                tree.repair(&mut chance);
            }
            if chance.below(8) == 0 {
                losses += usize::from(lose(&watching, "w:orders:stays"));
            }
            std::thread::sleep(Duration::from_millis(*chance.one_of(&[0, 50, 150, 400, 1_500])));
        }
        is_over.store(true, Ordering::SeqCst);
        sampling.join().unwrap()
    });
    // Nobody fails any more: what was put off comes true.
    let passes = watching.passes();
    let watching = watching.on_another_emulator(&["--listen", &host]);
    tree.repair(&mut chance);
    watching.until_agreed(&tree.declared());
    let (deletes, allowed) = (watching.deletes(), tree.disturbed + losses);
    assert!(deletes <= allowed, "{deletes} deletes, {allowed} allowed");
    watching.site.run("", &["state", "check"]).exits(0);
    watching.stop().exits(0);

    println!("{passes} passes, {edits} edits, {losses} objects lost, {deletes} deletes of {allowed} allowed");
    for Resource { what, number, spare } in RESOURCES {
        let (early, late) = (median(&samples, 1, number), median(&samples, 3, number));
        println!("{what}: {early} in the second quarter, {late} in the last");
        assert!(late <= early + spare, "{what} grew from {early} to {late} in {passes} passes");
    }
}

/// What must not grow.
struct Resource {
    what: &'static str,
    number: fn(&Sample) -> u64,
    /// How much more of it may be there by chance in the last quarter than in the second one; half of all passes lie between.
    spare: u64,
}

const RESOURCES: [Resource; 3] = [
    // The allocator takes and returns whole segments.
    Resource { what: "bytes of memory", number: |sample| sample.memory, spare: 3 << 20 },
    // Connections that are kept open for a while.
    Resource { what: "descriptors", number: |sample| sample.descriptors, spare: 4 },
    // The journal of what is just being done, and backups of states that differ by an object or two.
    Resource { what: "bytes of state", number: |sample| sample.state, spare: 64 << 10 },
];

/// Deletes an object behind the back of the watch, with a state of one's own. Says whether it worked out: the services fail
/// for others too.
fn lose(watching: &Watching, id: &str) -> bool {
    let run = |arguments: &[&str]| {
        let arguments = [arguments, &["--state", "stranger"]].concat();
        watching.site.run(watching.emulator.url(), &arguments).code() == Some(0)
    };
    let lost = run(&["import", "FlinkConnector", id, "--as", "it"]) && run(&["destroy", "--all", "--yes"]);
    let stranger = watching.site.path().join("stranger");
    if stranger.exists() {
        std::fs::remove_dir_all(stranger).unwrap();
    }
    lost
}
