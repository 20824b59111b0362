//! Many appliers on one state, killed at random: one at a time as the service sees it, and no change is lost (protocol rules
//! 1 and 2). Who committed is read from the system calls, not from what the runs say.
//!
//! Two rounds in CI, fifty with `RECONCILE_LONG=1` (see `tests/long`). `RECONCILE_SEED` draws other kills.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::Mutex;

use super::audit::disagreements;
use super::emulator::Emulator;
use super::offline::Files;
use super::program::Program;
use super::proxy::{Notes, Proxy};
use super::scenario::Connector;
use super::site::Site;
use super::storm::seed;
use super::world::World;
use crate::support::chance::Chance;
use crate::support::reliability::{Report, is_long};

/// How many at a time.
const CROWDS: [u32; 3] = [2, 4, 16];
const ROUNDS: u32 = 2;
const MORE_ROUNDS: u32 = 50;

/// Where an applier is killed: at one of the first so many calls of a kind. No request is on its way there: what overlaps is
/// then a lock that failed, and not a late request of somebody who is dead.
const KILLS: [(&str, usize); 10] = [
    ("connect", 1),
    ("fdatasync", 6),
    ("fsync", 6),
    ("ftruncate", 3),
    ("linkat", 1),
    ("openat", 80),
    ("pwrite64", 3),
    ("recvfrom", 12),
    ("rename", 3),
    ("writev", 12),
];

/// One crowd on its state.
struct Crowd {
    site: Site,
    emulator: Emulator,
    /// One for each place in the crowd.
    proxies: Vec<Proxy>,
    notes: Notes,
    /// The serials that runs reported at their end, and their versions.
    reported: Mutex<BTreeMap<u64, u32>>,
    killed: Mutex<usize>,
}

fn declared(version: u32) -> World {
    vec![Connector::new("orders", "a", version), Connector::new("orders", "b", version)].into()
}

impl Crowd {
    fn of(size: u32) -> Self {
        let site = Site::new();
        let emulator = Emulator::start(site.path(), &[]);
        let notes = Notes::default();
        let proxies = (0..size).map(|_| Proxy::noting(emulator.host(), &notes)).collect();
        Self { site, emulator, proxies, notes, reported: Mutex::default(), killed: Mutex::default() }
    }

    /// Applies a version, and is killed at the n-th call of a kind.
    fn apply(&self, proxy: &Proxy, version: u32, kill: Option<(&str, usize)>) {
        let folder = format!("manifests-{version}");
        self.site.write_manifest(&folder, &declared(version).manifest());
        proxy.note_as(version);
        let mut command = Command::new("strace");
        self.site.prepare(&mut command, proxy.url());
        command.args(["-f", "-qq", "-e", "signal=none", "-o", &format!("trace-{version}")]);
        match kill {
            None => command.args(["--seccomp-bpf", "-e", "trace=rename"]),
            Some((call, n)) => command.args([
                "-e",
                &format!("trace=rename,{call}"),
                "-e",
                &format!("inject={call}:signal=KILL:when={n}"),
            ]),
        };
        let arguments = ["apply", "--yes", "--parallelism", "1", "--lock-timeout", "10m", "-f", &folder];
        command.arg(env!("CARGO_BIN_EXE_reconcile")).args(arguments);
        let ended = Program::start(command).wait();
        if ended.was_killed() {
            *self.killed.lock().unwrap() += 1;
        } else {
            let ended = ended.exits(0);
            let before = self.reported.lock().unwrap().insert(serial(&ended.stdout), version);
            assert_eq!(before, None, "two runs report one serial: {}", ended.told());
        }
    }

    /// Everybody at once, half of them killed.
    fn round(&self, first: u32, chance: &mut Chance) {
        std::thread::scope(|scope| {
            for (version, proxy) in (first..).zip(&self.proxies) {
                let (call, most) = *chance.one_of(&KILLS);
                let kill = (version % 2 == 0).then_some((call, 1 + chance.below(most)));
                scope.spawn(move || self.apply(proxy, version, kill));
            }
        });
    }

    /// How often somebody put a new snapshot in the place of the old one.
    fn commits(&self, last: u32) -> u64 {
        let traces = (1..=last).map(|version| self.site.path().join(format!("trace-{version}")));
        let commits = traces.map(|trace| {
            let text = std::fs::read_to_string(trace).unwrap();
            let renames = text.lines().filter(|line| line.contains("\"state/snapshot.json\") = 0"));
            renames.count() as u64
        });
        commits.sum()
    }

    /// Plays the rounds, and judges. Returns how many runs there were, how many were killed, and the last serial.
    fn play(&self, rounds: u32, chance: &mut Chance) -> (u32, usize, u64) {
        let size = u32::try_from(self.proxies.len()).unwrap();
        for round in 0..rounds {
            self.round(1 + round * size, chance);
            self.journal_agrees();
        }
        // One more, whom nobody disturbs, makes true what it declares, whatever is open.
        let last = rounds * size + 1;
        self.apply(&self.proxies[0], last, None);
        let files = Files::of(&self.site.state());
        assert!(files.torn.is_empty() && files.is_settled(), "{files:#?}");
        assert_eq!(files.recorded(), declared(last).recorded());
        assert_eq!(self.emulator.holds(), declared(last).live());
        // The first snapshot has serial 0.
        assert_eq!(files.serial() + 1, self.commits(last), "serial and snapshots that were put in place");
        self.nobody_overlaps();
        self.nothing_is_lost_or_doubled();
        (last, *self.killed.lock().unwrap(), files.serial())
    }

    /// What whoever came last in a round has left is joined with what the service logged, by the ids of requests.
    fn journal_agrees(&self) {
        let files = Files::of(&self.site.state());
        let proxies: Vec<&Proxy> = self.proxies.iter().collect();
        assert_eq!(disagreements(&files, true, &self.emulator, &proxies), [""; 0]);
    }

    fn nobody_overlaps(&self) {
        let mut runs = self.notes.lock().unwrap().clone();
        runs.dedup();
        let count = runs.len();
        runs.sort_unstable();
        runs.dedup();
        assert_eq!(
            runs.len(),
            count,
            "the writes of two runs are interleaved: {:?}",
            self.notes.lock().unwrap()
        );
    }

    /// Each JAR was registered once at most, and those of the runs that reported success once.
    fn nothing_is_lost_or_doubled(&self) {
        let mut registered = BTreeMap::<String, usize>::new();
        for proxy in &self.proxies {
            for ((word, subject), count) in proxy.carried_out() {
                if word == "POST" {
                    *registered.entry(subject).or_default() += count;
                }
            }
        }
        assert!(registered.values().all(|count| *count == 1), "{registered:?}");
        for version in self.reported.lock().unwrap().values() {
            for jar in ["a", "b"].map(|name| format!("{name}-{version}.jar")) {
                assert!(registered.contains_key(&jar), "a run reports success without {jar}");
            }
        }
    }
}

/// The number in `(serial N)`.
fn serial(stdout: &str) -> u64 {
    let (_, rest) = stdout.rsplit_once("(serial ").unwrap();
    rest.split(')').next().unwrap().parse().unwrap()
}

#[test]
fn of_many_appliers_killed_at_random_one_holds_the_state_at_a_time_and_no_change_is_lost() {
    let seed = seed(20_261_122);
    println!("RECONCILE_SEED={seed}");
    let rounds = if is_long() { MORE_ROUNDS } else { ROUNDS };
    let play = |size: u32| Crowd::of(size).play(rounds, &mut Chance::new(seed ^ u64::from(size)));
    let played: Vec<(u32, usize, u64)> = std::thread::scope(|scope| {
        let crowds = CROWDS.map(|size| scope.spawn(move || play(size)));
        crowds.into_iter().map(|crowd| crowd.join().unwrap()).collect()
    });
    let runs: u32 = played.iter().map(|(runs, ..)| runs).sum();
    let killed: usize = played.iter().map(|(_, killed, _)| killed).sum();
    let commits: u64 = played.iter().map(|(.., commits)| commits).sum();
    assert!(killed * 4 >= runs as usize, "{killed} of {runs} runs were killed");
    Report {
        harness: "process::appliers",
        what: "2, 4 and 16 appliers at once on one state, half of them killed at random",
        cases: format!("{rounds} rounds of each, {runs} runs, {killed} killed"),
        seed: Some(seed),
        result: format!("no overlap, {commits} commits = serials, no change lost or made twice"),
        planted: "by hand: a lock that is always granted",
    }
    .hand_in();
}
