//! The binary killed at the file and socket calls of a run and around its requests, and again while it recovers; then
//! `apply --resume` after half of the kills, and a plain run after the others, has to make everything true: nothing lost,
//! nothing doubled (protocol rules 7 and 8), and the files that a kill leaves are whole.
//!
//! A sample in CI. `RECONCILE_LONG=1` (see `tests/long`) plays every call that changes something, and more pairs.
//! `RECONCILE_SEED` draws another sample.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::audit::disagreements;
use super::checker::{Verdict, judge};
use super::offline::Files;
use super::point::{Point, resume};
use super::proxy::Side;
use super::scenario::Scenario;
use super::stage::{Case, Points, Stage};
use super::storm::seed;
use crate::support::chance::Chance;
use crate::support::reliability::{Report, is_long};

/// How many kills over all scenarios, and how many pairs, and pairs in the long form.
const KILLS: usize = 400;
const PAIRS: usize = 100;
const MORE_PAIRS: usize = 1_000;
/// Of the calls that only look, so many of each scenario in the long form.
const LOOKS: usize = 12;

/// How many plain runs may be needed; one more where the service refuses something once.
const RUNS: usize = 2;

/// Runs wait more than they work.
const WORKERS: usize = 6;

/// How a run that was cut off is recovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Anew,
    /// By `--resume`, if it got far enough to leave a plan.
    Resume,
}

/// One case: a scenario by its number, where its runs are killed, and how it is recovered.
struct Job {
    stage: usize,
    points: Vec<Point>,
    way: Way,
}

/// What the kills of one scenario came to.
#[derive(Default)]
struct Tally {
    kills: usize,
    pairs: usize,
    /// How many runs were finished by `--resume`.
    resumed: usize,
    torn: Vec<String>,
    lost: Vec<String>,
    doubled: Vec<String>,
    extra_runs: usize,
}

impl Tally {
    fn findings(&self) -> impl Iterator<Item = &String> {
        self.torn.iter().chain(&self.lost).chain(&self.doubled)
    }
}

/// Kills at each point in turn, looks at the files, recovers, judges.
fn play(stage: &Stage, Job { points, way, .. }: &Job) -> Tally {
    let case = stage.case();
    let mut tally = Tally::default();
    let (mut killed, mut doubts) = (0, Vec::new());
    for (nth, point) in points.iter().enumerate() {
        let ended = if nth == 0 { case.run(Some(*point)) } else { recover(&case, *way, Some(*point)).0 };
        killed += usize::from(ended.was_killed());
        let files = Files::of(&case.site.state());
        tally.torn.extend(files.torn.iter().cloned());
        // A run that was refused everything ends as it began, without a journal.
        if !(stage.scenario.is_refused && files.is_settled()) {
            doubts.extend(disagreements(&files, case.serial, &case.emulator, &case.proxy));
        }
    }
    match points.len() {
        1 => tally.kills += killed,
        _ => tally.pairs += usize::from(killed == points.len()),
    }
    let (mut runs, most) = (0, RUNS + usize::from(stage.scenario.is_refused));
    let recovered = loop {
        let (ended, was_resumed) = recover(&case, *way, None);
        let succeeded = ended.code() == Some(stage.scenario.ends());
        tally.resumed += usize::from(was_resumed);
        // What is blocked is no part of the plan that is resumed.
        if was_resumed && !succeeded && ended.code() != Some(0) && !stage.scenario.is_refused {
            tally.lost.push(format!("not resumed: {}", ended.told()));
        }
        runs += 1;
        if succeeded || runs == most {
            break ended;
        }
    };
    tally.extra_runs += runs - 1;
    if recovered.code() != Some(stage.scenario.ends()) {
        tally.lost.push(format!("it does not recover: {}", recovered.told()));
    }
    let Verdict { lost, doubled } = judge(&stage.scenario, &case.site, &case.emulator, &case.proxy);
    tally.lost.extend(lost.into_iter().chain(doubts));
    tally.doubled.extend(doubled);
    let at = points.iter().map(ToString::to_string).collect::<Vec<_>>().join(", then ");
    let name =
        |what: &mut String| *what = format!("{}: killed at {at}, {way:?}: {what}", stage.scenario.name);
    [&mut tally.torn, &mut tally.lost, &mut tally.doubled].into_iter().flatten().for_each(name);
    tally
}

fn recover(case: &Case<'_>, way: Way, point: Option<Point>) -> (super::program::Ended, bool) {
    let resumed = if way == Way::Resume { resume(&case.site, &case.proxy, point) } else { None };
    let was_resumed = resumed.is_some();
    (resumed.unwrap_or_else(|| case.run_anew(point)), was_resumed)
}

/// A kind of call is drawn first, then which of them: few renames weigh as much as many writes.
fn draw(points: &Points, chance: &mut Chance) -> Point {
    let mut kinds = BTreeMap::<&str, Vec<Point>>::new();
    for point in points.changing.iter().chain(&points.looking) {
        if let Point::Call(call, _) = point {
            let is_looking = points.looking.contains(point);
            kinds.entry(if is_looking { "looking" } else { call }).or_default().push(*point);
        }
    }
    for (kind, side) in [("before a request", Side::Before), ("after a request", Side::After)] {
        kinds.insert(kind, (1..=points.requests).map(|n| Point::Request(side, n)).collect());
    }
    let kinds: Vec<Vec<Point>> = kinds.into_values().collect();
    let kind = chance.one_of(&kinds).clone();
    *chance.one_of(&kind)
}

/// Every case of the form that is asked for, the single kills first.
fn jobs(points: &[Points], seed: u64) -> Vec<Job> {
    let mut chance = Chance::new(seed);
    let mut jobs = Vec::new();
    let mut push = |stage, points| {
        let way = if jobs.len() % 2 == 0 { Way::Resume } else { Way::Anew };
        jobs.push(Job { stage, points, way });
    };
    // Not every point is reached: how many calls of a kind there are depends on timing.
    let spare = |count: usize| 2 * count;
    let mut pairs = PAIRS;
    if is_long() {
        pairs = MORE_PAIRS;
        for (stage, points) in points.iter().enumerate() {
            points.changing.iter().for_each(|point| push(stage, vec![*point]));
            for n in 1..=points.requests {
                push(stage, vec![Point::Request(Side::Before, n)]);
                push(stage, vec![Point::Request(Side::After, n)]);
            }
            (0..LOOKS).for_each(|_| push(stage, vec![*chance.one_of(&points.looking)]));
        }
    } else {
        (0..spare(KILLS)).for_each(|n| {
            let stage = n % points.len();
            push(stage, vec![draw(&points[stage], &mut chance)]);
        });
    }
    (0..spare(pairs)).for_each(|n| {
        let stage = n % points.len();
        push(stage, vec![draw(&points[stage], &mut chance), draw(&points[stage], &mut chance)]);
    });
    jobs
}

/// Plays all jobs, but no more than are wanted, and adds up by scenario.
fn play_all(stages: &[Stage], jobs: &[Job], wanted: (usize, usize)) -> Vec<Tally> {
    let tallies = Mutex::new(stages.iter().map(|_| Tally::default()).collect::<Vec<_>>());
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(job) = jobs.get(next.fetch_add(1, Ordering::SeqCst)) {
            let is_pair = job.points.len() > 1;
            let (kills, pairs) = tallies
                .lock()
                .unwrap()
                .iter()
                .fold((0, 0), |(kills, pairs), tally| (kills + tally.kills, pairs + tally.pairs));
            if (is_pair && pairs >= wanted.1) || (!is_pair && kills >= wanted.0) {
                continue;
            }
            let Tally { kills, pairs, resumed, torn, lost, doubled, extra_runs } =
                play(&stages[job.stage], job);
            let tally = &mut tallies.lock().unwrap()[job.stage];
            tally.kills += kills;
            tally.pairs += pairs;
            tally.resumed += resumed;
            tally.torn.extend(torn);
            tally.lost.extend(lost);
            tally.doubled.extend(doubled);
            tally.extra_runs += extra_runs;
        }
    };
    std::thread::scope(|scope| (0..WORKERS).for_each(|_| drop(scope.spawn(work))));
    tallies.into_inner().unwrap()
}

/// Past the test's capture: the numbers are what these tests are for.
fn say(text: &str) {
    std::io::stderr().write_all(format!("{text}\n").as_bytes()).unwrap();
}

fn table(stages: &[Stage], tallies: &[Tally]) -> String {
    let mut table = format!(
        "\n{:<32} {:>6} {:>6} {:>8} {:>6} {:>6} {:>8} {:>11}\n",
        "scenario", "kills", "pairs", "resumed", "torn", "lost", "doubled", "extra runs"
    );
    for (stage, tally) in stages.iter().zip(tallies) {
        let Tally { kills, pairs, resumed, torn, lost, doubled, extra_runs } = tally;
        table += &format!(
            "{:<32} {kills:>6} {pairs:>6} {resumed:>8} {:>6} {:>6} {:>8} {extra_runs:>11}\n",
            stage.scenario.name,
            torn.len(),
            lost.len(),
            doubled.len()
        );
    }
    table
}

#[test]
fn a_kill_at_any_call_or_request_loses_nothing_doubles_nothing_and_tears_nothing() {
    let seed = seed(20_260_101);
    say(&format!("RECONCILE_SEED={seed}"));
    let stages: Vec<Stage> = Scenario::every().into_iter().map(Stage::set).collect();
    let points: Vec<Points> = stages.iter().map(Stage::points).collect();
    let sum = |number: fn(&Points) -> usize| points.iter().map(number).sum::<usize>();
    let (changing, looking) = (sum(|points| points.changing.len()), sum(|points| points.looking.len()));
    let requests = sum(|points| points.requests);
    say(&format!("{changing} calls that change something, {looking} that only look, {requests} requests"));
    let wanted = if is_long() { (usize::MAX, MORE_PAIRS) } else { (KILLS, PAIRS) };
    let tallies = play_all(&stages, &jobs(&points, seed), wanted);
    let table = table(&stages, &tallies);
    say(&table);
    let wrong: Vec<&String> = tallies.iter().flat_map(Tally::findings).collect();
    assert!(wrong.is_empty(), "{} findings (seed {seed}), the first: {}", wrong.len(), wrong[0]);
    let sum = |number: fn(&Tally) -> usize| tallies.iter().map(number).sum::<usize>();
    let (kills, pairs, resumed) = (sum(|t| t.kills), sum(|t| t.pairs), sum(|t| t.resumed));
    assert!(kills >= KILLS && pairs >= PAIRS && resumed >= kills / 4, "{table}");
    let result = format!("0 lost, 0 doubled, 0 torn; {resumed} finished by `--resume`");
    Report {
        harness: "process::kills",
        what: "killed at file and socket calls and around requests, then resumed or run anew",
        cases: format!("{kills} kills in {} scenarios", stages.len()),
        seed: Some(seed),
        result: format!("{result}, {} needed a second run", sum(|t| t.extra_runs)),
        planted: "`the_judges_see_what_was_planted`; by hand: no intent before the request",
    }
    .hand_in();
    Report {
        harness: "process::kills, pairs",
        what: "killed in the run, and killed again in the run that recovers",
        cases: format!("{pairs} pairs in {} scenarios", stages.len()),
        seed: Some(seed),
        result: "0 lost, 0 doubled, 0 torn".to_owned(),
        planted: "the same",
    }
    .hand_in();
}

/// A run of a scenario that was killed when its first write was carried out.
fn cut_off(stage: &Stage) -> Case<'_> {
    let case = stage.case();
    assert!(case.run(Some(Point::Request(Side::After, 3))).was_killed());
    case
}

#[test]
fn the_judges_see_what_was_planted() {
    let stage = Stage::set(Scenario::all().into_iter().next().unwrap());
    let doubts = |case: &Case<'_>| {
        let files = Files::of(&case.site.state());
        (disagreements(&files, case.serial, &case.emulator, &case.proxy), files.torn)
    };
    let case = cut_off(&stage);
    assert_eq!(doubts(&case), (Vec::new(), Vec::new()));
    let journal = case.site.state().join("journal.jsonl");
    let whole = std::fs::read(&journal).unwrap();

    // A changed byte in the middle, and half a snapshot.
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    std::fs::write(&journal, changed).unwrap();
    assert!(doubts(&case).1[0].contains("of the journal is no record"));
    std::fs::write(&journal, &whole).unwrap();
    let snapshot = case.site.state().join("snapshot.json");
    let bytes = std::fs::read(&snapshot).unwrap();
    std::fs::write(&snapshot, &bytes[..bytes.len() / 2]).unwrap();
    assert!(doubts(&case).1[0].contains("snapshot.json is no JSON"));
    std::fs::write(&snapshot, &bytes).unwrap();

    // A request without its intent: an object that no file names. The next run takes it for somebody else's.
    std::fs::write(&journal, "").unwrap();
    assert!(doubts(&case).0[0].contains("and 0 times intended"));
    case.run_anew(None);
    let verdict = judge(&stage.scenario, &case.site, &case.emulator, &case.proxy);
    assert!(verdict.lost.iter().any(|lost| lost.contains("recorded is")), "{verdict:#?}");

    // A second registration of what was there already.
    let case = cut_off(&stage);
    case.run_anew(None).exits(0);
    let stranger = ["--state", "elsewhere"];
    let import = ["import", "FlinkConnector", "w:orders:a"];
    for line in [&import[..], &["destroy", "--all", "--yes"]] {
        case.site.run(case.proxy.url(), &[line, &stranger].concat()).exits(0);
    }
    case.run_anew(None).exits(0);
    let verdict = judge(&stage.scenario, &case.site, &case.emulator, &case.proxy);
    assert!(verdict.doubled.iter().any(|doubled| doubled.contains("carried out 2 times")), "{verdict:#?}");
}
