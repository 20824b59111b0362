//! The watch in virtual time: what stirs and what fails, and the looks and passes that follow from it.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;
use reconcile::domain::desired::{DesiredSet, Touched};
use reconcile::engine::watch::{Chance, Next, Outcome, Pass, Timing, Turnout, Watch};
use reconcile::platform::time::SystemClock;
use reconcile::ports::clock::Clock as _;

use crate::support::builders::{address, desired, set};

const TIMING: Timing = Timing { debounce: Duration::from_millis(300), resync: Duration::from_mins(5) };
const MINUTE: u64 = 60_000;

/// What happens in a script, at its moment in milliseconds.
#[derive(Debug, Clone)]
enum Happening {
    /// An event; whether the manifests are others since.
    Stirs(bool),
    /// From now on they cannot be loaded, or can again.
    Loadable(bool),
    /// From now on passes end like this.
    Passes(Ends),
    /// From now on this is declared.
    Declares(DesiredSet),
}

#[derive(Debug, Clone)]
enum Ends {
    /// All rows are done.
    Well,
    /// The row of `a` fails unless it is left alone.
    WithoutA,
    /// Not at all.
    Never,
    /// Somebody else is at it.
    Busy,
}

/// Moments in milliseconds, and what was done then: `start`, `files`, … for a pass, `look` for a look without one; with
/// `!` where it was not quiet, and with what was left alone.
type Diary = Vec<(u64, String)>;

/// Lives through a script. Passes take no time.
async fn live(script: Vec<(u64, Happening)>, until: u64) -> Diary {
    let clock = SystemClock::start();
    let mut watch = Watch::new(TIMING, Chance::new(7));
    let (mut changed, mut loadable, mut ends) = (true, true, Ends::Well);
    let mut declared = set([desired("a"), desired("b")]);
    let mut script = script.into_iter().peekable();
    let mut diary = Diary::new();
    loop {
        let now = clock.now();
        while let Some((_, happening)) = script.next_if(|(at, _)| Duration::from_millis(*at) <= now) {
            match happening {
                Happening::Stirs(anew) => {
                    changed |= anew;
                    watch.stir(now);
                }
                Happening::Loadable(can) => loadable = can,
                Happening::Passes(how) => ends = how,
                Happening::Declares(other) => declared = other,
            }
        }
        let moment = match watch.next(now) {
            Next::Wait(moment) => moment,
            Next::Look(look) => {
                watch.looked(std::mem::take(&mut changed), Touched::Anything);
                let hurry = if look.quiet { "" } else { "!" };
                let mut word = format!("look{hurry}");
                if !loadable {
                    watch.put_off(now);
                } else if watch.is_pass(look) {
                    let Pass { left_alone, .. } = watch.pass(now, look, &declared);
                    let alone: Vec<String> = left_alone.iter().map(|a| format!(" -{}", a.name)).collect();
                    word = format!("{}{hurry}{}", look.cause.as_str(), alone.concat());
                    let a = if left_alone.contains(&address("a")) { None } else { Some(Turnout::Failed) };
                    let outcome = match ends {
                        Ends::Well => Outcome::Ended(BTreeMap::new()),
                        Ends::WithoutA => {
                            Outcome::Ended(a.map(|turnout| (address("a"), turnout)).into_iter().collect())
                        }
                        Ends::Never => Outcome::Failed,
                        Ends::Busy => Outcome::Busy,
                    };
                    watch.ended(now, &outcome, &declared);
                }
                diary.push((u64::try_from(now.as_millis()).unwrap(), word));
                assert!(diary.len() < 10_000, "it never waits: {:?}", &diary[diary.len() - 9..]);
                continue;
            }
        };
        if now >= Duration::from_millis(until) {
            return diary;
        }
        let next = script.peek().map_or(Duration::MAX, |(at, _)| Duration::from_millis(*at));
        clock.sleep_until(moment.min(next).min(Duration::from_millis(until))).await;
    }
}

fn entries(diary: &Diary) -> Vec<(u64, &str)> {
    diary.iter().map(|(at, word)| (*at, word.as_str())).collect()
}

#[tokio::test(start_paused = true)]
async fn a_burst_of_events_is_one_look_after_it() {
    let burst = (0..100).map(|n| (1_000 + 10 * n, Happening::Stirs(true))).collect();
    let diary = live(burst, MINUTE).await;
    assert_eq!(entries(&diary), [(0, "start"), (1_990 + 300, "files")]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_changed_nothing_is_a_look_and_no_pass() {
    let diary = live(vec![(1_000, Happening::Stirs(false))], MINUTE).await;
    assert_eq!(entries(&diary), [(0, "start"), (1_300, "look")]);
}

#[tokio::test(start_paused = true)]
async fn a_tree_that_never_rests_is_looked_at_without_quiet_and_once_more_when_it_rests() {
    let script = (0..350).map(|n| (1_000 + 100 * n, Happening::Stirs(n == 0))).collect();
    let diary = live(script, 2 * MINUTE).await;
    assert_eq!(entries(&diary), [(0, "start"), (31_000, "files!"), (35_900 + 300, "files")]);
}

#[tokio::test(start_paused = true)]
async fn the_resync_interval_passes_by_itself_and_not_at_the_same_moment_everywhere() {
    let diary = live(vec![], 60 * MINUTE).await;
    assert!((11..=13).contains(&(diary.len() - 1)), "{diary:?}");
    let mut pauses: Vec<u64> = diary.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    assert!(pauses.iter().all(|pause| (270_000..=330_000).contains(pause)), "{pauses:?}");
    pauses.sort_unstable();
    pauses.dedup();
    assert!(pauses.len() > 5, "{pauses:?}");
    assert!(diary[1..].iter().all(|(_, word)| word == "resync"), "{diary:?}");
}

#[tokio::test(start_paused = true)]
async fn a_tree_that_never_rests_and_never_changes_is_resynced_all_the_same() {
    let script = (0..10_000).map(|n| (100 * n, Happening::Stirs(false))).collect();
    let diary = live(script, 15 * MINUTE).await;
    assert!(diary.iter().filter(|(_, word)| word == "resync!").count() >= 2, "{diary:?}");
}

/// The pauses between passes that tried `a`, in seconds, rounded.
fn tries(diary: &Diary) -> Vec<u64> {
    let tried: Vec<u64> =
        diary.iter().filter(|(_, word)| !word.contains("-a") && word != "look").map(|(at, _)| *at).collect();
    tried.windows(2).map(|pair| (pair[1] - pair[0] + 500) / 1_000).collect()
}

fn near(pauses: &[u64], wanted: &[u64]) {
    assert!(pauses.len() >= wanted.len(), "{pauses:?}");
    for (pause, wanted) in pauses.iter().zip(wanted) {
        assert!(pause.abs_diff(*wanted) <= wanted.div_ceil(10), "{pauses:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_fails_is_tried_later_and_later_and_left_alone_in_between() {
    let script = vec![(0, Happening::Passes(Ends::WithoutA)), (4_000, Happening::Stirs(true))];
    let diary = live(script, 60 * MINUTE).await;
    near(&tries(&diary), &[1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
    assert!(entries(&diary).contains(&(4_300, "files -a")), "{diary:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_declared_anew_is_tried_at_once_and_what_only_moved_is_not() {
    let moved = set([desired("a").line(9), desired("b")]);
    let other = set([desired("a").jar("2").line(9), desired("b")]);
    let script = vec![
        (0, Happening::Passes(Ends::WithoutA)),
        (100_000, Happening::Declares(moved)),
        (100_000, Happening::Stirs(true)),
        (110_000, Happening::Declares(other)),
        (110_000, Happening::Stirs(true)),
        (110_000, Happening::Passes(Ends::Well)),
    ];
    let diary = live(script, 4 * MINUTE).await;
    let told = entries(&diary);
    assert!(told.contains(&(100_300, "files -a")) && told.contains(&(110_300, "files")), "{diary:?}");
    assert_eq!(diary.last().unwrap().0, 110_300, "what succeeded is not tried again: {diary:?}");
}

#[tokio::test(start_paused = true)]
async fn a_pass_that_cannot_be_carried_out_is_tried_again_later_and_later_or_with_the_next_change() {
    let script = vec![
        (0, Happening::Passes(Ends::Never)),
        (200_000, Happening::Stirs(false)),
        (210_000, Happening::Stirs(true)),
        (210_000, Happening::Passes(Ends::Well)),
    ];
    let diary = live(script, 8 * MINUTE).await;
    near(&tries(&diary), &[1, 2, 4, 8, 16, 32, 64]);
    let told = entries(&diary);
    assert!(told.contains(&(200_300, "look")) && told.contains(&(210_300, "files")), "{diary:?}");
    assert!(!told.iter().any(|(at, word)| *at > 210_300 && *word == "retry"), "{diary:?}");
}

#[tokio::test(start_paused = true)]
async fn whoever_has_to_wait_for_another_asks_again_soon_however_long_it_takes() {
    let script = vec![
        (0, Happening::Passes(Ends::Busy)),
        (100_000, Happening::Passes(Ends::Never)),
        (104_000, Happening::Passes(Ends::Busy)),
        (200_000, Happening::Passes(Ends::Well)),
    ];
    let diary = live(script, 4 * MINUTE).await;
    near(&tries(&diary), &[1; 99]);
    assert!((200_000..201_200).contains(&diary.last().unwrap().0), "{diary:?}");
}

#[tokio::test(start_paused = true)]
async fn a_look_that_something_stirred_in_counts_for_nothing_and_the_next_one_stands_in_for_it() {
    let second = Duration::from_secs(1);
    let mut watch = Watch::new(TIMING, Chance::new(1));
    let mut now = second;
    let Next::Look(look) = watch.next(now) else { panic!("the first look waits") };
    watch.disturbed(now, look);
    let mut looks = 0;
    // Each look lasts a while, and is disturbed in its course.
    let hurried = loop {
        match watch.next(now) {
            Next::Wait(moment) => now = moment,
            Next::Look(look) if look.quiet => {
                watch.looked(false, Touched::Anything);
                assert!(watch.is_pass(look), "the first pass is lost");
                now += second;
                watch.disturbed(now, look);
                looks += 1;
            }
            Next::Look(look) => break look,
        }
    };
    assert!(looks > 10 && now <= 33 * second, "{looks} looks until {now:?}");
    assert!(watch.is_pass(hurried));
}

#[tokio::test(start_paused = true)]
async fn manifests_that_cannot_be_loaded_make_no_pass_and_are_looked_at_less_and_less() {
    let script = vec![
        (1_000, Happening::Loadable(false)),
        (1_000, Happening::Stirs(true)),
        (600_000, Happening::Loadable(true)),
        (600_000, Happening::Stirs(true)),
    ];
    let diary = live(script, 11 * MINUTE).await;
    let broken: Vec<_> = diary.iter().filter(|(at, _)| (1_001..600_000).contains(at)).collect();
    assert!(broken.len() < 16 && broken.iter().all(|(_, word)| word == "look"), "{broken:?}");
    assert_eq!(diary.last().unwrap(), &(600_300, "files".to_owned()));
}

#[test]
fn what_stirs_while_a_pass_is_under_way_is_looked_at_and_leads_to_another_pass() {
    let second = Duration::from_secs(1);
    let declared = set([desired("a")]);
    let mut watch = Watch::new(TIMING, Chance::new(1));
    let Next::Look(first) = watch.next(second) else { panic!("the first look waits") };
    watch.looked(true, Touched::Anything);
    let Pass { number, .. } = watch.pass(second, first, &declared);
    assert_eq!((number, watch.beside_pass()), (1, None));
    watch.stir(2 * second);
    assert_eq!(watch.beside_pass(), Some(2 * second + TIMING.debounce));
    watch.looks_beside_pass(3 * second);
    watch.looked(true, Touched::Anything);
    assert_eq!(watch.beside_pass(), None);
    watch.ended(4 * second, &Outcome::Ended(BTreeMap::new()), &declared);
    let Next::Look(look) = watch.next(4 * second) else { panic!("the change is lost") };
    watch.looked(false, Touched::Anything);
    assert!(watch.is_pass(look));
    // And what stirs so late that nobody looked beside the pass.
    watch.pass(4 * second, look, &declared);
    watch.stir(5 * second);
    watch.ended(5 * second, &Outcome::Ended(BTreeMap::new()), &declared);
    assert!(matches!(watch.next(6 * second), Next::Look(_)), "the event is lost");
}

/// A watch whose first pass is over, and the moment after it.
fn begun(declared: &DesiredSet) -> (Watch, Duration) {
    let now = Duration::from_secs(1);
    let mut watch = Watch::new(TIMING, Chance::new(1));
    let Next::Look(look) = watch.next(now) else { panic!("the first look waits") };
    watch.looked(true, Touched::NOTHING);
    assert_eq!(
        watch.pass(now, look, declared).touched,
        Touched::Anything,
        "the first pass is about everything"
    );
    watch.ended(now, &Outcome::Ended(BTreeMap::new()), declared);
    (watch, now)
}

fn only(names: &[&str]) -> Touched {
    Touched::Only(names.iter().copied().map(address).collect())
}

/// Something stirs, and this is touched: the pass that follows when it is quiet.
fn edit(watch: &mut Watch, now: &mut Duration, touched: Touched, declared: &DesiredSet) -> Pass {
    watch.stir(*now);
    *now += TIMING.debounce;
    let Next::Look(look) = watch.next(*now) else { panic!("it waits") };
    watch.looked(true, touched);
    watch.pass(*now, look, declared)
}

#[test]
fn a_pass_that_files_alone_have_caused_is_about_what_they_touched_unless_something_was_left_undone() {
    let declared = set([desired("a"), desired("b")]);
    let done = |turnout| Outcome::Ended([(address("a"), turnout)].into());
    for (outcome, then) in [
        (done(Turnout::Done), only(&["b"])),
        (done(Turnout::Failed), only(&["b"])),
        (done(Turnout::Open), Touched::Anything),
        (Outcome::Refused, Touched::Anything),
        (Outcome::Failed, Touched::Anything),
        (Outcome::Busy, Touched::Anything),
    ] {
        let (mut watch, mut now) = begun(&declared);
        let first = edit(&mut watch, &mut now, only(&["a"]), &declared);
        assert_eq!(first.touched, only(&["a"]));
        watch.ended(now, &outcome, &declared);
        let second = edit(&mut watch, &mut now, only(&["b"]), &declared);
        assert_eq!(second.touched, then, "after {outcome:?}");
    }
}

#[test]
fn what_looks_without_a_pass_have_touched_adds_up_and_anything_is_everything() {
    let declared = set([desired("a"), desired("b")]);
    let (mut watch, mut now) = begun(&declared);
    watch.looked(true, only(&["b"]));
    let pass = edit(&mut watch, &mut now, only(&["a"]), &declared);
    assert_eq!(pass.touched, only(&["a", "b"]));
    // Beside the pass.
    watch.looked(true, only(&["a"]));
    watch.ended(now, &Outcome::Ended(BTreeMap::new()), &declared);
    assert_eq!(edit(&mut watch, &mut now, Touched::NOTHING, &declared).touched, only(&["a"]));
    watch.ended(now, &Outcome::Ended(BTreeMap::new()), &declared);
    watch.looked(false, Touched::Anything);
    assert_eq!(edit(&mut watch, &mut now, only(&["a"]), &declared).touched, Touched::Anything);
}

#[test]
fn what_a_plan_left_undone_wants_a_plan_of_everything_when_it_is_touched() {
    let declared = set([desired("a"), desired("b")]);
    let (mut watch, mut now) = begun(&declared);
    let well = Outcome::Ended(BTreeMap::new());
    let mut touches = |watch: &mut Watch, name: &str| {
        let pass = edit(watch, &mut now, only(&[name]), &declared);
        watch.ended(now, &well, &declared);
        pass.touched
    };
    watch.found([address("a")].into(), None);
    assert_eq!(touches(&mut watch, "b"), only(&["b"]));
    watch.found([].into(), Some(&[address("b")].into()));
    assert_eq!(touches(&mut watch, "a"), Touched::Anything, "a plan about `b` says nothing of `a`");
    watch.found([].into(), None);
    assert_eq!(touches(&mut watch, "a"), only(&["a"]));
}

/// Lives through edits of `b`, one soon after the other. How many passes were about `b` alone, and how many tried `a`.
fn edits_of_b(fails: bool) -> (usize, usize) {
    let declared = set([desired("a"), desired("b")]);
    let (mut watch, mut now) = begun(&declared);
    let (end, mut whole) = (now + 5 * TIMING.resync, now);
    edit(&mut watch, &mut now, only(&["a"]), &declared);
    let turnout = if fails { Turnout::Failed } else { Turnout::Done };
    watch.ended(now, &Outcome::Ended([(address("a"), turnout)].into()), &declared);
    let (mut narrow, mut tried) = (0, 0);
    while now < end {
        watch.stir(now);
        now += TIMING.debounce;
        let Next::Look(look) = watch.next(now) else { panic!("it waits") };
        // The pause of `a` may end while the look lasts.
        now += Duration::from_millis(200);
        watch.looked(true, only(&["b"]));
        let pass = watch.pass(now, look, &declared);
        let mut ended = BTreeMap::new();
        if pass.touched == Touched::Anything {
            whole = now;
            if !pass.left_alone.contains(&address("a")) {
                tried += 1;
                ended.insert(address("a"), turnout);
            }
        } else {
            narrow += 1;
            assert_eq!(pass.left_alone.contains(&address("a")), fails, "{look:?}");
        }
        watch.ended(now, &Outcome::Ended(ended), &declared);
        let most = TIMING.resync * 11 / 10 + Duration::from_secs(1);
        assert!(now <= whole + most, "nobody has looked at everything between {whole:?} and {now:?}");
    }
    (narrow, tried)
}

#[test]
fn passes_about_a_few_objects_put_no_resync_off() {
    let (narrow, whole) = edits_of_b(false);
    assert!(narrow > 1_000 && (4..=6).contains(&whole), "{narrow} {whole}");
}

#[test]
fn what_waits_after_a_failure_is_tried_again_beside_passes_about_other_objects() {
    let (narrow, tried) = edits_of_b(true);
    assert!(narrow > 1_000 && tried > 8, "{narrow} {tried}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever happened: the last change is in a pass that begins soon after it, and it never spins.
    #[test]
    fn a_change_is_in_a_pass_soon_after_the_last_event(
        happenings in prop::collection::vec((0..200_000_u64, 0..9_u8), 0..60),
    ) {
        let mut script: Vec<(u64, Happening)> = happenings.into_iter().map(|(at, what)| (at, match what {
            0 => Happening::Loadable(false),
            1 => Happening::Loadable(true),
            2 => Happening::Passes(Ends::Never),
            3 => Happening::Passes(Ends::WithoutA),
            4 => Happening::Passes(Ends::Well),
            5 => Happening::Stirs(true),
            _ => Happening::Stirs(false),
        })).collect();
        script.sort_by_key(|(at, _)| *at);
        script.extend([
            (300_000, Happening::Loadable(true)),
            (300_000, Happening::Passes(Ends::Well)),
            (300_000, Happening::Stirs(true)),
        ]);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let diary = runtime.block_on(live(script, 310_000));
        let passed = diary.iter().any(|(at, word)| *at == 300_300 && !word.starts_with("look"));
        prop_assert!(passed, "{:?}", diary);
        prop_assert!(diary.len() < 300, "{} looks", diary.len());
    }
}
