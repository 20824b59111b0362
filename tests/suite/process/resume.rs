//! `apply --resume` on the real binary: what it finishes, what it refuses, and what it says.

use super::emulator::Emulator;
use super::point::{Point, apply};
use super::program::Ended;
use super::proxy::{Proxy, Side};
use super::scenario::{Connector, Scenario};
use super::site::Site;

/// A chain of two, killed when the first one was carried out and before anybody heard of it.
struct Cut {
    site: Site,
    emulator: Emulator,
    proxy: Proxy,
    run: String,
}

impl Cut {
    fn off() -> Self {
        let site = Site::new();
        let emulator = Emulator::start(site.path(), &[]);
        let proxy = Proxy::start(emulator.host());
        site.declare(&Scenario::chain());
        assert!(apply(&site, &proxy, Some(Point::Request(Side::After, 2))).was_killed());
        let run = site.json("", &["status"])["cutOff"]["run"].as_str().unwrap().to_owned();
        Self { site, emulator, proxy, run }
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        self.proxy.start_client(self.site.command(self.proxy.url(), arguments), None).wait()
    }

    fn resume(&self) -> Ended {
        self.run(&["apply", "--resume", &self.run])
    }

    /// How many requests changed something so far.
    fn writes(&self) -> usize {
        self.proxy.carried_out().values().sum()
    }
}

fn tells(ended: &Ended, part: &str) {
    assert!(ended.told().contains(part), "no `{part}` in {}", ended.told());
}

#[test]
fn a_run_that_was_cut_off_is_shown_and_finished_without_a_question_and_finished_once() {
    let cut = Cut::off();
    let status = cut.site.run("", &["status"]).exits(0);
    let remedy =
        format!("Run {0} (`apply`) was cut off: `reconcile apply --resume {0}` finishes it", cut.run);
    tells(&status, &remedy);
    // A part of the id is enough, and the manifests of today are not asked.
    cut.site.declare(&[Connector::new("payments", "other", 1)]);
    let ended = cut.run(&["apply", "--resume", &cut.run[..8]]).exits(0);
    tells(&ended, &format!("finishing run {}", cut.run));
    tells(&ended, "Converged.");
    let chain = Scenario::chain();
    assert_eq!(cut.site.live(cut.emulator.url()), chain.iter().map(Connector::seen).collect());
    assert_eq!(cut.proxy.carried_out().into_values().collect::<Vec<_>>(), [1, 1]);
    assert!(cut.site.json("", &["status"])["cutOff"].is_null());
    tells(&cut.resume().exits(0), "has ended already");
    tells(&cut.run(&["apply", "--resume", &cut.run, "-o", "json"]).exits(0), "\"ended\": true");
    assert_eq!(cut.writes(), 2);
}

#[test]
fn what_moved_meanwhile_is_named_and_nothing_is_sent() {
    let cut = Cut::off();
    let elsewhere = Site::new();
    elsewhere.declare(&[Connector::new("orders", "second", 7)]);
    elsewhere.run(cut.emulator.url(), &["apply", "--yes"]).exits(0);
    let ended = cut.resume().exits(6);
    tells(&ended, &format!("nothing was sent: the plan of run {} no longer fits", cut.run));
    tells(&ended, "live object FlinkConnector/second: appeared");
    assert_eq!(cut.writes(), 1);
    // It stays as it is, for a plain apply.
    assert_eq!(cut.site.json("", &["status"])["cutOff"]["run"], cut.run.as_str());
}

#[test]
fn a_run_that_another_one_has_put_an_end_to_or_overtaken_is_not_resumed() {
    let cut = Cut::off();
    // A run with a plan of its own begins, and is cut off too.
    cut.site.declare(&[Connector::new("orders", "first", 1), Connector::new("orders", "third", 1)]);
    assert!(apply(&cut.site, &cut.proxy, Some(Point::Request(Side::Before, 2))).was_killed());
    let ended = cut.resume().exits(6);
    tells(&ended, "cannot be finished any more: run ");
    tells(&ended, "`reconcile apply --resume ");
    cut.run(&["apply", "--yes"]).exits(0);
    let ended = cut.resume().exits(6);
    tells(&ended, "(`apply`) has put an end to it");
}

#[test]
fn what_cannot_be_meant_is_refused_with_what_to_write() {
    let cut = Cut::off();
    tells(&cut.run(&["apply", "--resume", "0123"]).exits(64), "at least 8 digits");
    let unknown = cut.run(&["apply", "--resume", "0123456789abcdef"]).exits(1);
    tells(&unknown, "no run whose id begins with 0123456789abcdef was cut off in the state");
    tells(&unknown, &cut.run);
    tells(&cut.run(&["apply", "--resume", &cut.run, "manifests"]).exits(64), "leave out PATH");
    tells(
        &cut.run(&["apply", "--resume", &cut.run, "--delete-strays"]).exits(64),
        "leave out --delete-strays",
    );
    tells(&cut.run(&["apply", "--resume", &cut.run, "--profile", "nowhere"]), "nowhere");
    cut.resume().exits(0);
}
