//! What a `watch` does about one edit among many objects, and what it leaves to the next look at everything.

use serde_json::Value;

use super::emulator::Emulator;
use super::program::eventually;
use super::scenario::Connector;
use super::site::{Site, manifest};
use super::watching::Watching;

/// One file for each, in two namespaces.
fn each(connectors: &[Connector]) -> Site {
    let site = Site::new();
    for connector in connectors {
        site.declare_in(&format!("manifests/{}", connector.name), std::slice::from_ref(connector));
    }
    site
}

fn all() -> [Connector; 3] {
    [Connector::new("orders", "a", 1), Connector::new("orders", "b", 1), Connector::new("payments", "c", 1)]
}

fn watch(flags: &[&str]) -> Watching {
    let site = each(&all());
    let emulator = Emulator::start(site.path(), &[]);
    let watching = Watching::over(site, emulator, flags);
    watching.until_live(&all());
    watching
}

fn save(watching: &Watching, connector: &Connector) {
    watching.save(&format!("{}/all.yaml", connector.name), &manifest(std::slice::from_ref(connector)));
}

/// Waits for the end of the pass that files have caused after so many others, and returns it.
fn until_ended(watching: &Watching, before: u64) -> Value {
    watching.until("the pass", |record| {
        record["type"] == "pass_end" && record["pass"].as_u64().is_some_and(|pass| pass > before)
    })
}

fn lists_of(watching: &Watching, namespace: &str) -> usize {
    let log = watching.emulator.log();
    let lists = log.iter().filter(|line| line["operation"] == "ListCustomConnectors");
    lists.filter(|line| line["namespace"] == namespace).count()
}

#[test]
fn one_edit_lists_its_own_namespace_alone_and_what_drifts_elsewhere_is_left_to_the_resync() {
    let watching = watch(&["--resync", "24h"]);
    let before = watching.passes();
    // Somebody takes two objects away, one of the same namespace and one of another.
    let other = Site::new();
    for id in ["w:orders:b", "w:payments:c"] {
        other.run(watching.emulator.url(), &["import", "FlinkConnector", id]).exits(0);
    }
    other.run(watching.emulator.url(), &["destroy", "--all", "--yes"]).exits(0);
    let a = Connector::new("orders", "a", 2);
    let lists = ["orders", "payments"].map(|namespace| lists_of(&watching, namespace));
    save(&watching, &a);
    let ended = until_ended(&watching, before);
    assert_eq!((&ended["changed"], &ended["applied"]), (&1.into(), &1.into()), "{ended}");
    assert!(lists_of(&watching, "orders") > lists[0]);
    assert_eq!(lists_of(&watching, "payments"), lists[1]);
    watching.until_live(std::slice::from_ref(&a));
    let (site, emulator) = watching.leave("TERM");
    let again = Watching::over(site, emulator, &[]);
    let [_, b, c] = all();
    again.until_agreed(&[a, b, c]);
    again.stop().exits(0);
}

#[test]
fn what_another_run_recorded_between_two_passes_is_not_overwritten() {
    let watching = watch(&["--resync", "24h"]);
    for version in 2..5 {
        let before = watching.passes();
        save(&watching, &Connector::new("orders", "a", version));
        until_ended(&watching, before);
        let waits = ["--lock-timeout", "1m"];
        let (from, to) = if version % 2 == 0 { ("c", "d") } else { ("d", "c") };
        let rename = ["state", "mv", &format!("FlinkConnector/{from}"), &format!("FlinkConnector/{to}")];
        watching.site.run("", &[&rename[..], &waits].concat()).exits(0);
        let before = watching.passes();
        save(&watching, &Connector::new("orders", "b", version));
        until_ended(&watching, before);
        let state = watching.site.json("", &["state", "list"]).to_string();
        assert!(
            state.contains(&format!("FlinkConnector/{to}"))
                && !state.contains(&format!("FlinkConnector/{from}")),
            "{state}"
        );
        assert!(watching.site.run("", &["state", "check"]).code() == Some(0));
    }
    watching.stop().exits(0);
}

#[test]
fn what_is_kept_and_what_is_shown_of_others_stays_so_behind_a_pass_about_one() {
    let watching = watch(&["--resync", "24h"]);
    let before = watching.passes();
    std::fs::remove_dir_all(watching.folder().join("c")).unwrap();
    assert_eq!(until_ended(&watching, before)["kept"], 1);
    let (before, lists) = (watching.passes(), lists_of(&watching, "payments"));
    save(&watching, &Connector::new("orders", "a", 2));
    let ended = until_ended(&watching, before);
    assert_eq!((&ended["applied"], &ended["kept"]), (&1.into(), &1.into()), "{ended}");
    assert_eq!(lists_of(&watching, "payments"), lists);
    watching.until_live(&[Connector::new("orders", "a", 2), all()[1].clone(), all()[2].clone()]);
    watching.stop().exits(0);
}

/// Each save is one re-registration; a budget counts it together with all others that are due.
#[test]
fn a_budget_counts_what_is_due_elsewhere() {
    let watching = watch(&["--resync", "24h", "--max-replace", "1"]);
    let before = watching.passes();
    let [a, b] = ["a", "b"].map(|name| Connector::new("orders", name, 2));
    for connector in [&a, &b] {
        save(&watching, connector);
    }
    watching.until("the refusal", |record| {
        record["type"] == "pass_end"
            && record["reason"].as_str().is_some_and(|why| why.contains("--max-replace"))
    });
    // One of the two taken back, the other one fits.
    save(&watching, &all()[1]);
    watching.until_live(&[a, all()[1].clone(), all()[2].clone()]);
    assert!(watching.passes() > before + 1);
    eventually("nothing left to do", || {
        (watching.site.run(watching.emulator.url(), &["plan", "manifests", "--detailed-exitcode"]).code()
            == Some(0))
        .then_some(())
    });
    watching.stop().exits(0);
}
