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
use super::program::Ended;
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

/// One of so many is finished by `--resume`, at least. A quarter is; which kill leaves a plan hangs on timing.
const RESUMED: usize = 10;

/// Runs wait more than they work.
const WORKERS: usize = 6;
const MORE_WORKERS: usize = 12;

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
    /// In which every kill came.
    cases: usize,
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

    fn add(&mut self, other: Self) {
        let Self { cases, resumed, torn, lost, doubled, extra_runs } = other;
        self.cases += cases;
        self.resumed += resumed;
        self.torn.extend(torn);
        self.lost.extend(lost);
        self.doubled.extend(doubled);
        self.extra_runs += extra_runs;
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
        // A run that was refused and went back ends with the serial with which it began, and without a journal.
        let may_have_ended = stage.scenario.is_refused || files.serial() > case.serial;
        doubts.extend(disagreements(&files, may_have_ended, &case.emulator, &[&case.proxy]));
    }
    tally.cases += usize::from(killed == points.len());
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

fn recover(case: &Case<'_>, way: Way, point: Option<Point>) -> (Ended, bool) {
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

/// What a test is to play.
struct Script {
    jobs: Vec<Job>,
    /// How many cases are enough in which every kill came: how many calls of a kind a run makes depends on timing.
    wanted: usize,
}

impl Script {
    fn new(jobs: impl IntoIterator<Item = (usize, Vec<Point>)>, wanted: usize) -> Self {
        let ways = [Way::Resume, Way::Anew].into_iter().cycle();
        let jobs = jobs.into_iter().zip(ways).map(|((stage, points), way)| Job { stage, points, way });
        Self { jobs: jobs.collect(), wanted }
    }

    /// Single kills: a sample, or every change, every request, and a sample of looks.
    fn of_kills(all: &[Points], mut chance: Chance) -> Self {
        if !is_long() {
            let draws = (0..2 * KILLS).map(|n| (n % all.len(), vec![draw(&all[n % all.len()], &mut chance)]));
            return Self::new(draws, KILLS);
        }
        let mut jobs = Vec::new();
        for (stage, points) in all.iter().enumerate() {
            let requests =
                (1..=points.requests).flat_map(|n| [Side::Before, Side::After].map(|side| (side, n)));
            let requests = requests.map(|(side, n)| Point::Request(side, n));
            let changes = points.changing.iter().copied().chain(requests);
            jobs.extend(changes.map(|point| (stage, vec![point])));
            jobs.extend((0..LOOKS).map(|_| (stage, vec![*chance.one_of(&points.looking)])));
        }
        Self::new(jobs, usize::MAX)
    }

    /// A kill in the run, and one in the run that recovers.
    fn of_pairs(all: &[Points], mut chance: Chance) -> Self {
        let wanted = if is_long() { MORE_PAIRS } else { PAIRS };
        let pairs = (0..2 * wanted).map(|n| {
            let points = &all[n % all.len()];
            (n % all.len(), vec![draw(points, &mut chance), draw(points, &mut chance)])
        });
        Self::new(pairs, wanted)
    }

    /// Plays it, and adds up by scenario.
    fn play(&self, stages: &[Stage]) -> Vec<Tally> {
        let tallies = Mutex::new(stages.iter().map(|_| Tally::default()).collect::<Vec<_>>());
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some(job) = self.jobs.get(next.fetch_add(1, Ordering::SeqCst)) {
                if tallies.lock().unwrap().iter().map(|tally| tally.cases).sum::<usize>() >= self.wanted {
                    break;
                }
                let played = play(&stages[job.stage], job);
                // At once: a long run takes its time.
                played.findings().for_each(|finding| say(finding));
                tallies.lock().unwrap()[job.stage].add(played);
            }
        };
        let workers = if is_long() { MORE_WORKERS } else { WORKERS };
        std::thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));
        tallies.into_inner().unwrap()
    }
}

/// Past the test's capture: the numbers are what these tests are for.
fn say(text: &str) {
    std::io::stderr().write_all(format!("{text}\n").as_bytes()).unwrap();
}

fn table(stages: &[Stage], tallies: &[Tally]) -> String {
    let mut table = format!(
        "\n{:<32} {:>6} {:>8} {:>6} {:>6} {:>8} {:>11}\n",
        "scenario", "cases", "resumed", "torn", "lost", "doubled", "extra runs"
    );
    for (stage, tally) in stages.iter().zip(tallies) {
        let Tally { cases, resumed, torn, lost, doubled, extra_runs } = tally;
        table += &format!(
            "{:<32} {cases:>6} {resumed:>8} {:>6} {:>6} {:>8} {extra_runs:>11}\n",
            stage.scenario.name,
            torn.len(),
            lost.len(),
            doubled.len()
        );
    }
    table
}

/// Plays a script in every scenario, and hands in what it came to.
fn play_and_report(script: fn(&[Points], Chance) -> Script, report: &Report<'_>) {
    let seed = seed(20_260_101);
    say(&format!("RECONCILE_SEED={seed}"));
    let stages: Vec<Stage> = Scenario::every().into_iter().map(Stage::set).collect();
    let points: Vec<Points> = stages.iter().map(Stage::points).collect();
    let script = script(&points, Chance::new(seed));
    let tallies = script.play(&stages);
    let table = table(&stages, &tallies);
    say(&table);
    let wrong: Vec<&String> = tallies.iter().flat_map(Tally::findings).collect();
    assert!(wrong.is_empty(), "{} findings (seed {seed}), the first: {}", wrong.len(), wrong[0]);
    let sum = |number: fn(&Tally) -> usize| tallies.iter().map(number).sum::<usize>();
    let (cases, resumed) = (sum(|tally| tally.cases), sum(|tally| tally.resumed));
    let tried = script.jobs.len();
    assert!(
        cases >= script.wanted.min(tried * 3 / 4) && resumed >= cases / RESUMED,
        "{cases} of {tried}: {table}"
    );
    let plays_all = script.wanted == usize::MAX;
    let of = if plays_all { format!(" at {tried} places") } else { String::new() };
    Report {
        cases: format!("{cases} {}{of} in {} scenarios", report.cases, stages.len()),
        seed: Some(seed),
        result: format!(
            "0 lost, 0 doubled, 0 torn; {resumed} finished by `--resume`, {} needed a second run",
            sum(|tally| tally.extra_runs)
        ),
        ..report.clone()
    }
    .hand_in();
}

#[test]
fn a_kill_at_any_call_or_request_loses_nothing_doubles_nothing_and_tears_nothing() {
    let report = Report {
        harness: "process::kills",
        what: "killed at file and socket calls and around requests, then resumed or run anew",
        cases: "kills".to_owned(),
        seed: None,
        result: String::new(),
        planted: "`the_judges_see_what_was_planted`; by hand: a request before its intent, a snapshot written in place",
    };
    play_and_report(Script::of_kills, &report);
}

#[test]
fn a_second_kill_in_the_run_that_recovers_changes_nothing_of_that() {
    let report = Report {
        harness: "process::kills, pairs",
        what: "killed in the run, and killed again in the run that recovers",
        cases: "pairs".to_owned(),
        seed: None,
        result: String::new(),
        planted: "the same",
    };
    play_and_report(Script::of_pairs, &report);
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
        (disagreements(&files, false, &case.emulator, &[&case.proxy]), files.torn)
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
