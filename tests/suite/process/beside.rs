//! A watch that is not alone: another one that waits for its end, and a person who applies beside it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::Value;

use super::emulator::Emulator;
use super::program::{eventually, run, signal};
use super::proxy::Proxy;
use super::scenario::Connector;
use super::site::{Site, manifest};
use super::watching::{Watching, records};

fn one(name: &str, version: u32) -> Connector {
    Connector::new("orders", name, version)
}

/// As systemd and Kubernetes do it: whatever ended is started again.
#[test]
fn the_second_of_two_watchers_takes_over_when_the_first_ends() {
    for (last_word, version) in [("TERM", 2), ("KILL", 3)] {
        let first = Watching::start(&[one("a", 1)], &[]);
        let site = &first.site;
        let url = first.emulator.url();
        let watchers = || std::fs::read(site.state().join("watch.lock")).unwrap_or_default();
        let holder = |pid: u32| {
            serde_json::from_slice(&watchers()).is_ok_and(|text: Value| text["holder"]["pid"] == pid)
        };
        assert!(holder(first.watch().pid()));
        let refused = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            let supervisor = scope.spawn(|| {
                let arguments = ["watch", "manifests", "--events", "second.ndjson", "--debounce", "100ms"];
                loop {
                    let second = run(site.command(url, &arguments));
                    if second.code() != Some(8) {
                        return second;
                    }
                    assert!(second.stderr.contains("is watched already, by process"), "{}", second.told());
                    refused.fetch_add(1, Ordering::SeqCst);
                }
            });
            eventually("two refusals", || (refused.load(Ordering::SeqCst) >= 2).then_some(()));
            // What is declared while nobody watches is not lost either.
            first.signal("STOP");
            site.declare(&[one("a", version)]);
            first.signal(last_word);
            first.signal("CONT");
            let pid = eventually("the second watcher", || {
                let told = records(&site.path().join("second.ndjson"));
                told.iter().find(|record| record["type"] == "pass_end")?;
                let text: Value = serde_json::from_slice(&watchers()).ok()?;
                u32::try_from(text["holder"]["pid"].as_u64()?).ok()
            });
            assert_ne!(pid, first.watch().pid());
            first.until_agreed(&[one("a", version)]);
            site.declare(&[one("a", version), one("b", 1)]);
            first.until_agreed(&[one("a", version), one("b", 1)]);
            signal(pid, "TERM");
            supervisor.join().unwrap().exits(0);
        });
    }
}

/// What a run of `apply`, or a pass of a watch, did.
#[derive(Debug, Clone)]
struct Turn {
    who: String,
    /// When its first and its last step began or ended, RFC 3339 with milliseconds.
    from: String,
    to: String,
    rows: usize,
}

/// The turns that a stream tells of in which something was done. Those of a watch by pass.
fn turns(who: &str, stream: &[Value]) -> Vec<Turn> {
    let mut turns: BTreeMap<u64, Turn> = BTreeMap::new();
    let mut pass = 0;
    for record in stream {
        if record["type"] == "pass_start" {
            pass = record["pass"].as_u64().unwrap();
        }
        if record["type"] != "transition" && record["type"] != "row_result" {
            continue;
        }
        let at = record["ts"].as_str().unwrap().to_owned();
        let first = || Turn { who: format!("{who} {pass}"), from: at.clone(), to: at.clone(), rows: 0 };
        let turn = turns.entry(pass).or_insert_with(first);
        turn.to.clone_from(&at);
        turn.rows += usize::from(record["type"] == "row_result" && record["result"] == "done");
    }
    turns.into_values().collect()
}

#[test]
fn a_watch_and_somebody_who_applies_all_the_time_take_turns_and_neither_starves() {
    const APPLIES: usize = 50;
    const EDITS: u32 = 8;
    let site = Site::new();
    site.declare(&[one("stays", 1)]);
    let emulator = Emulator::start(site.path(), &[]);
    let proxy = Proxy::start(emulator.host());
    let program = Watching::program(&site, proxy.url(), &["--prune"]);
    let watching = Watching::with(site, emulator, program);
    let (site, emulator) = (&watching.site, &watching.emulator);
    let is_over = AtomicBool::new(false);
    let mut all = std::thread::scope(|scope| {
        let person = scope.spawn(|| {
            let mut all = Vec::new();
            let mut rounds = 0;
            while rounds < APPLIES || !is_over.load(Ordering::SeqCst) {
                rounds += 1;
                let events = format!("apply-{rounds}.ndjson");
                let mut arguments = vec!["apply", "--yes", "--lock-timeout", "10m", "--events", &events];
                if rounds % 5 != 0 {
                    arguments.extend([
                        "--target",
                        "FlinkConnector/stays",
                        "--target",
                        "FlinkConnector/shared*",
                    ]);
                }
                site.run(proxy.url(), &arguments).exits(0);
                all.extend(turns(&format!("apply {rounds}"), &records(&site.path().join(events))));
            }
            println!("{} of {rounds} applies had something to do", all.len());
            all
        });
        for version in 1..=EDITS {
            let before = watching.passes();
            watching.save("shared.yaml", &manifest(&[one("shared", version)]));
            watching.save("left.yaml", &manifest(&[one("left", version)]));
            let had_its_turn = |record: &Value| {
                record["type"] == "pass_end"
                    && record["pass"].as_u64().is_some_and(|pass| pass > before)
                    && record["reason"].is_null()
            };
            eventually("a pass that had its turn", || {
                assert!(!person.is_finished(), "an apply has failed");
                watching.events().into_iter().find(had_its_turn)
            });
        }
        is_over.store(true, Ordering::SeqCst);
        person.join().unwrap()
    });
    watching.until_agreed(&[one("stays", 1), one("shared", EDITS), one("left", EDITS)]);
    eventually("the end of the last pass", || {
        let open = watching.of_type("pass_start").len() > watching.of_type("pass_end").len();
        (!open).then_some(())
    });
    let passes = turns("watch", &watching.events());
    println!("{} of {} passes had something to do", passes.len(), watching.passes());
    assert!(!all.is_empty() && !passes.is_empty(), "one did everything: {all:#?} {passes:#?}");
    all.extend(passes);
    all.sort_by(|one, other| one.from.cmp(&other.from));
    for pair in all.windows(2) {
        assert!(pair[0].to <= pair[1].from, "{} and {} at a time: {pair:#?}", pair[0].who, pair[1].who);
    }
    let commits = all.iter().filter(|turn| turn.rows > 0).count();
    assert_eq!(site.json("", &["state", "list"])["serial"], commits, "a commit is lost: {all:#?}");
    let twice: Vec<_> = proxy
        .carried_out()
        .into_iter()
        .filter(|((method, _), count)| method == "POST" && *count > 1)
        .collect();
    assert!(twice.is_empty(), "done by both: {twice:?}");
    site.run("", &["state", "check"]).exits(0);
    assert_eq!(site.run(emulator.url(), &["plan", "--detailed-exitcode"]).code(), Some(0));
    watching.stop().exits(0);
}
