//! The folding of journals.

use super::*;
use crate::domain::address::Address;
use crate::domain::desired::OnRemove;
use crate::domain::field::FieldValue;
use crate::domain::natural_key::{ConnectorName, NamespaceName, WorkspaceId};
use crate::domain::recorded::{Condition, Knowledge};

fn key() -> NaturalKey {
    NaturalKey::FlinkConnector {
        workspace: WorkspaceId::new("w").unwrap(),
        namespace: NamespaceName::new("n").unwrap(),
        name: ConnectorName::new("c").unwrap(),
    }
}

fn address() -> Address {
    "FlinkConnector/c".parse().unwrap()
}

fn recorded(jar: &str) -> Recorded {
    Recorded {
        address: address(),
        key: key(),
        fields: [("jarUrl".to_owned(), Knowledge::Applied(FieldValue::Text(jar.to_owned())))].into(),
        protect: false,
        on_remove: OnRemove::Delete,
        depends_on: vec![],
        condition: Condition::Ready,
        observer: None,
        labels: BTreeMap::new(),
    }
}

fn snapshot(serial: u64) -> Snapshot {
    Snapshot { serial: Serial(serial), ..Snapshot::new(Lineage("l".to_owned())) }
}

fn run(base: u64) -> JournalRecord {
    JournalRecord::RunStarted {
        run: RunId("r".to_owned()),
        lineage: Lineage("l".to_owned()),
        base_serial: Serial(base),
        command: "apply".to_owned(),
        started_at: "2026-01-01T00:00:00Z".to_owned(),
        tool_version: "0".to_owned(),
        plan: None,
    }
}

fn register(write: u32, jar: &str) -> JournalRecord {
    JournalRecord::Intent {
        write: WriteId(write),
        intent: Intent::Register {
            scope: key().scope(),
            jar_url: jar.to_owned(),
            when_present: vec![recorded(jar)],
        },
    }
}

fn confirmed(write: u32, changes: Vec<StateChange>) -> JournalRecord {
    JournalRecord::Confirmed { write: Some(WriteId(write)), changes }
}

fn put(jar: &str) -> Vec<StateChange> {
    vec![StateChange::Put(Box::new(recorded(jar)))]
}

#[test]
fn an_open_write_that_the_next_run_settled_stays_settled() {
    // The second run settles the first one's write, re-registers another JAR, and is cut off: the first JAR must
    // not come back as an open write, or looking would record it as the one that is live.
    let records = [
        run(4),
        register(0, "old"),
        run(4),
        confirmed(0, put("old")),
        register(1, "new"),
        confirmed(1, put("new")),
    ];
    let recovered = fold(snapshot(4), &records).unwrap();
    assert_eq!(recovered.open, BTreeMap::new());
    assert_eq!(recovered.snapshot.resources[&key()], recorded("new"));
    assert_eq!(recovered.next_write, WriteId(2));
    assert!(recovered.unfolded);
}

#[test]
fn an_open_write_lives_until_somebody_settles_it() {
    let recovered = fold(snapshot(4), &[run(4), register(0, "a"), run(4), register(1, "b"), run(4)]).unwrap();
    assert_eq!(recovered.open.keys().copied().collect::<Vec<_>>(), [WriteId(0), WriteId(1)]);
    assert!(!recovered.unfolded);
}

#[test]
fn a_refusal_closes_a_write_and_ambiguity_does_not() {
    let sent = |write, answer| JournalRecord::Sent { write: WriteId(write), answer };
    let message = String::new;
    let records = [
        run(0),
        register(0, "a"),
        register(1, "b"),
        sent(0, Answer::Refused { message: message() }),
        sent(1, Answer::Ambiguous { message: message() }),
    ];
    let recovered = fold(snapshot(0), &records).unwrap();
    assert_eq!(recovered.open.keys().copied().collect::<Vec<_>>(), [WriteId(1)]);
}

#[test]
fn a_journal_that_is_in_the_snapshot_already_changes_nothing_but_keeps_its_open_writes() {
    let records = [run(4), register(0, "a"), confirmed(0, put("a")), register(1, "b")];
    let recovered = fold(snapshot(5), &records).unwrap();
    assert!(recovered.snapshot.resources.is_empty());
    assert!(!recovered.unfolded);
    assert_eq!(recovered.open.keys().copied().collect::<Vec<_>>(), [WriteId(1)]);
}

#[test]
fn a_journal_that_does_not_belong_to_the_snapshot_is_refused() {
    let foreign = fold(Snapshot::new(Lineage("other".to_owned())), &[run(0)]);
    assert!(matches!(foreign, Err(FoldError::Lineage { .. })));
    let old_snapshot = fold(snapshot(3), &[run(4)]);
    assert_eq!(old_snapshot, Err(FoldError::AheadOfSnapshot { base: Serial(4), serial: Serial(3) }));
    let mixed = fold(snapshot(4), &[run(3), run(4)]);
    assert_eq!(mixed, Err(FoldError::MixedBases { first: Serial(3), second: Serial(4) }));
    assert_eq!(fold(snapshot(4), &[register(0, "a")]), Err(FoldError::NoRun));
}

#[test]
fn a_number_that_was_used_does_not_hide_another_write() {
    let reused = fold(snapshot(4), &[run(4), register(0, "a"), run(4), register(0, "b")]);
    assert_eq!(reused, Err(WriteReused { write: WriteId(0), next: WriteId(1) }.into()));
}

fn named(run: &str, base: u64) -> JournalRecord {
    match self::run(base) {
        JournalRecord::RunStarted {
            lineage,
            base_serial,
            command,
            started_at,
            tool_version,
            plan,
            run: _,
        } => {
            let run = RunId(run.to_owned());
            JournalRecord::RunStarted { run, lineage, base_serial, command, started_at, tool_version, plan }
        }
        other => other,
    }
}

fn approved(plan: &str) -> JournalRecord {
    JournalRecord::Approved { plan: plan.to_owned() }
}

#[test]
fn what_a_run_had_begun_with_are_its_writes_those_still_open_before_it_and_none_that_was_refused() {
    let refused =
        JournalRecord::Sent { write: WriteId(1), answer: Answer::Refused { message: String::new() } };
    let open = [named("r1", 4), approved("one"), register(0, "a")];
    let begun = Begun { deleted: false, brought: true };
    let second = [named("r2", 4), approved("two"), confirmed(0, Vec::new())];
    let runs = cut_off(&[&open[..], &second].concat(), Serial(4));
    assert_eq!(runs[1].begun, [(key(), begun)].into());
    let third = [named("r3", 4), approved("three"), register(1, "a"), refused];
    let runs = cut_off(&[&open[..], &second, &third].concat(), Serial(4));
    assert_eq!(runs[2].begun, [(key(), Begun::default())].into());
    assert_eq!(
        runs.iter().filter_map(|run| run.plan.as_deref()).collect::<Vec<_>>(),
        ["one", "two", "three"]
    );
}

#[test]
fn who_only_said_his_name_is_no_run_and_who_resumes_is_a_part_of_the_first() {
    let records = [
        named("r1", 4),
        approved("one"),
        register(0, "a"),
        named("r2", 4),
        named("r3", 4),
        JournalRecord::Resumes { run: RunId("r1".to_owned()) },
        confirmed(0, Vec::new()),
        named("r4", 4),
    ];
    let runs = cut_off(&records, Serial(4));
    assert_eq!(runs.len(), 1);
    assert!(runs[0].is_called("r1") && runs[0].is_called("r3") && !runs[0].is_called("r2"));
    assert_eq!(cut_off(&records, Serial(5)), [], "the snapshot holds it already");
}
