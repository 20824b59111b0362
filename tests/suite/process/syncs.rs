//! How often an apply waits for the disk: steps that run side by side share the syncs of the journal, and steps that run
//! one after the other have two each. Counted from the system calls.

use super::emulator::Emulator;
use super::point::traced_to_file;
use super::proxy::Proxy;
use super::scenario::Connector;
use super::site::Site;

/// How often the journal is synced while these are registered.
fn syncs(connectors: &[Connector], settings: &[&str]) -> usize {
    let site = Site::new();
    site.declare(connectors);
    let emulator = Emulator::start(site.path(), &[]);
    let proxy = Proxy::start(emulator.host());
    let environment = settings.iter().flat_map(|setting| ["-E", setting]);
    let more: Vec<&str> = ["-y"].into_iter().chain(environment).collect();
    let trace = traced_to_file(&site, &proxy, "trace=fdatasync", &more);
    assert_eq!(proxy.carried_out().len(), connectors.len(), "not everything was registered");
    trace.lines().filter(|line| line.contains("/state/journal.jsonl")).count()
}

fn many(count: usize) -> Vec<Connector> {
    (0..count).map(|number| Connector::new("orders", &format!("c{number:02}"), 1)).collect()
}

#[test]
fn registrations_side_by_side_share_the_syncs_of_the_journal() {
    for (count, parallelism) in [(40, 4), (40, 10), (80, 10)] {
        let counted = syncs(&many(count), &[&format!("RECONCILE_PARALLELISM={parallelism}")]);
        let most = 2 * count / parallelism + 4;
        assert!(
            (2..=most).contains(&counted),
            "{count} at parallelism {parallelism}: {counted} syncs, not {most}"
        );
    }
}

#[test]
fn a_registration_that_runs_alone_has_a_sync_for_its_intent_and_one_for_its_confirmation() {
    // With this, no more steps are started than may send.
    let alone = ["RECONCILE_PARALLELISM=1", "RECONCILE_FAIL_FAST=true"];
    assert_eq!(syncs(&many(6), &alone), 2 * 6);
    let before = [None, Some("c00"), Some("c01"), Some("c02"), Some("c03")];
    let chain = many(5).into_iter().zip(before);
    let chain: Vec<Connector> = chain.map(|(one, depends_on)| Connector { depends_on, ..one }).collect();
    assert_eq!(syncs(&chain, &[]), 2 * 5);
}
