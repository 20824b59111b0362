//! The binary killed at every sync, rename, unlink and request of an apply, and again while it recovers; then `apply
//! --resume` after half of the kills, and a plain `apply` after the others, has to make everything true: nothing lost,
//! nothing doubled (protocol rules 7 and 8).
//!
//! `RECONCILE_LONG=1` (see `tests/long`) kills at more system calls, and takes a larger sample of kills during the
//! recovery.

use std::io::Write as _;

use super::checker::{Verdict, judge};
use super::point::{CALLS, MORE_CALLS, Point, apply, resume};
use super::proxy::Side;
use super::scenario::Scenario;
use super::stage::Stage;
use crate::support::chance::Chance;

/// How many pairs of kills are sampled for each scenario, and how many in the long form.
const PAIRS: usize = 12;
const MORE_PAIRS: usize = 300;
const SEED: u64 = 20_260_101;

/// How many plain applies may be needed.
const APPLIES: usize = 2;

/// How many runs of each scenario are finished by `--resume`, at least.
const RESUMED: usize = 8;

/// How a run that was cut off is recovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Anew,
    /// By `--resume`, if it got far enough to leave a plan.
    Resume,
}

/// What the kills of one scenario came to.
#[derive(Default)]
struct Tally {
    points: Vec<Point>,
    pairs: usize,
    /// How many cases there were: every other one is to be resumed.
    cases: usize,
    /// How many runs were finished by `--resume`.
    resumed: usize,
    lost: Vec<String>,
    doubled: Vec<String>,
    extra_applies: usize,
}

impl Stage {
    /// Kills at each point in turn, recovers, judges. Returns whether the first point was reached.
    fn play(&self, points: &[Point], tally: &mut Tally) -> bool {
        let (site, emulator, proxy) = self.open();
        let way = if tally.cases.is_multiple_of(2) { Way::Resume } else { Way::Anew };
        tally.cases += 1;
        let recover = |point: Option<Point>| {
            let resumed = if way == Way::Resume { resume(&site, &proxy, point) } else { None };
            let was_resumed = resumed.is_some();
            (resumed.unwrap_or_else(|| apply(&site, &proxy, point)), was_resumed)
        };
        let mut reached = false;
        for (nth, point) in points.iter().enumerate() {
            match nth {
                0 => reached = apply(&site, &proxy, Some(*point)).was_killed(),
                _ => drop(recover(Some(*point))),
            }
        }
        let mut applies = 0;
        let recovered = loop {
            let (ended, was_resumed) = recover(None);
            tally.resumed += usize::from(was_resumed);
            if was_resumed && ended.code() != Some(0) {
                tally.lost.push(format!("{}: not resumed: {}", self.scenario.name, ended.told()));
            }
            applies += 1;
            if ended.code() == Some(0) || applies == APPLIES {
                break ended;
            }
        };
        tally.extra_applies += applies - 1;
        let Verdict { mut lost, doubled } = judge(&self.scenario, &site, &emulator, &proxy);
        if recovered.code() != Some(0) {
            lost.push(format!("apply does not recover: {}", recovered.told()));
        }
        let at = points.iter().map(ToString::to_string).collect::<Vec<_>>().join(", then ");
        let named = |what: String| format!("{}: killed at {at}, {way:?}: {what}", self.scenario.name);
        tally.lost.extend(lost.into_iter().map(named));
        tally.doubled.extend(doubled.into_iter().map(named));
        reached
    }

    /// Every point of one run: each counter goes up until the run ends by itself.
    fn play_every_point(&self, tally: &mut Tally) {
        // Lists that lag make no difference to files, and every case slow.
        if is_long() || self.scenario.lag.is_empty() {
            let counted = self.count_calls();
            for call in CALLS {
                let killed = self.play_up(|n| Point::Call(call, n), tally);
                let counted = counted.get(call).copied().unwrap_or(0);
                // Steps that happen to be ready together share a sync of the journal, so that their number depends on
                // timing. What each scenario cannot do without does not.
                if call == "fdatasync" {
                    let least = self.scenario.syncs;
                    let what = format!("{}: {killed} kills at syncs, not {least}", self.scenario.name);
                    assert!(killed >= least && counted >= least, "{what}; {counted} in a plain run");
                } else {
                    assert_eq!(
                        killed, counted,
                        "{}: kills at {call}, calls of a plain run",
                        self.scenario.name
                    );
                }
            }
        }
        for side in [Side::Before, Side::After] {
            let killed = self.play_up(|n| Point::Request(side, n), tally);
            let least = self.scenario.writes.len() + 2;
            assert!(killed >= least, "{}: {killed} kills at requests, not {least}", self.scenario.name);
        }
    }

    fn play_up(&self, point: impl Fn(usize) -> Point, tally: &mut Tally) -> usize {
        let mut reached = 0;
        while self.play(&[point(reached + 1)], tally) {
            reached += 1;
            tally.points.push(point(reached));
        }
        reached
    }

    /// A sample of pairs of kills: the run, and the run that recovers.
    fn play_pairs(&self, tally: &mut Tally) {
        let points = tally.points.clone();
        let mut chance = Chance::new(SEED);
        let mut pick = || points[chance.below(points.len())];
        tally.pairs = if is_long() { MORE_PAIRS } else { PAIRS };
        for _ in 0..tally.pairs {
            self.play(&[pick(), pick()], tally);
        }
        if is_long() {
            for call in MORE_CALLS {
                self.play_up(|n| Point::Call(call, n), tally);
            }
        }
    }
}

fn is_long() -> bool {
    std::env::var_os("RECONCILE_LONG").is_some()
}

#[test]
fn a_kill_at_any_sync_or_request_loses_nothing_and_doubles_nothing() {
    let play = |scenario| {
        let stage = Stage::set(scenario);
        let mut tally = Tally::default();
        stage.play_every_point(&mut tally);
        stage.play_pairs(&mut tally);
        (stage.scenario.name, tally)
    };
    let tallies: Vec<(&str, Tally)> = std::thread::scope(|scope| {
        let threads = Scenario::all().map(|scenario| scope.spawn(move || play(scenario)));
        threads.map(|thread| thread.join().unwrap()).into()
    });
    let mut table = format!(
        "\n{:<14} {:>6} {:>8} {:>6} {:>7} {:>6} {:>8} {:>13}\n",
        "scenario", "calls", "requests", "pairs", "resumed", "lost", "doubled", "extra applies"
    );
    for (name, tally) in &tallies {
        let calls = tally.points.iter().filter(|point| matches!(point, Point::Call(..))).count();
        let requests = tally.points.len() - calls;
        let Tally { pairs, resumed, lost, doubled, extra_applies, .. } = tally;
        table += &format!(
            "{name:<14} {calls:>6} {requests:>8} {pairs:>6} {resumed:>7} {:>6} {:>8} {extra_applies:>13}\n",
            lost.len(),
            doubled.len()
        );
    }
    // Half of them are to be, and some are killed before they leave anything or behind their end. The number moves with
    // the syncs that steps share: 12 to 30 in each scenario.
    assert!(tallies.iter().all(|(_, tally)| tally.resumed >= RESUMED), "{table}");
    // Past the test's capture: the numbers are what this test is for.
    std::io::stderr().write_all(table.as_bytes()).unwrap();
    let wrong: Vec<&String> =
        tallies.iter().flat_map(|(_, tally)| tally.lost.iter().chain(&tally.doubled)).collect();
    assert!(wrong.is_empty(), "{} findings (pairs: seed {SEED}), the first: {}", wrong.len(), wrong[0]);
}
