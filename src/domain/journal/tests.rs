use super::*;
use crate::domain::address::{Address, Kind, ObjectName};
use crate::domain::desired::OnRemove;
use crate::domain::natural_key::{ConnectorName, NamespaceName, WorkspaceId};

fn record(name: &str, condition: Condition) -> Recorded {
    Recorded {
        address: Address { kind: Kind::FlinkConnector, name: ObjectName::new(name).unwrap() },
        key: NaturalKey::FlinkConnector {
            workspace: WorkspaceId::new("ws").unwrap(),
            namespace: NamespaceName::new("ns").unwrap(),
            name: ConnectorName::new(name).unwrap(),
        },
        fields: BTreeMap::new(),
        protect: false,
        on_remove: OnRemove::Delete,
        depends_on: Vec::new(),
        condition,
    }
}

fn ready(name: &str) -> Recorded {
    record(name, Condition::Ready)
}

fn put(recorded: Recorded) -> StateChange {
    StateChange::Put(Box::new(recorded))
}

fn empty() -> Snapshot {
    Snapshot::new(Lineage("l".into()))
}

fn run_on(base: u64) -> JournalRecord {
    JournalRecord::RunStarted {
        run: RunId("r".into()),
        lineage: Lineage("l".into()),
        base_serial: Serial(base),
        command: "apply".into(),
        started_at: String::new(),
        tool_version: String::new(),
    }
}

fn register(write: u32, names: &[&str]) -> JournalRecord {
    let when_present: Vec<Recorded> = names.iter().map(|name| ready(name)).collect();
    let scope = ready("a").key.scope();
    let intent = Intent::Register { scope, jar_url: "oss://b/j.jar".into(), when_present };
    JournalRecord::Intent { write: WriteId(write), intent }
}

fn confirmed(write: Option<u32>, changes: Vec<StateChange>) -> JournalRecord {
    JournalRecord::Confirmed { write: write.map(WriteId), changes }
}

fn open_names(records: &[JournalRecord]) -> Vec<String> {
    let open = fold(empty(), records).open;
    let names = open.into_iter().flat_map(|intent| match intent {
        Intent::Delete { key, .. } => vec![key],
        Intent::Register { when_present, .. } => when_present.into_iter().map(|r| r.key).collect(),
    });
    names.map(|key| key.name().to_owned()).collect()
}

#[test]
fn an_intent_stays_open_until_it_is_refused_or_confirmed() {
    let sent = |answer| JournalRecord::Sent { write: WriteId(1), answer };
    let accepted = sent(Answer::Accepted { request_id: String::new() });
    let ambiguous = sent(Answer::Ambiguous { message: String::new() });
    let refused = sent(Answer::Refused { message: String::new() });
    let seen = JournalRecord::Observed { write: WriteId(1), sighting: Sighting::Present };
    let start = [run_on(0), register(1, &["a"])];
    for (more, open) in [
        (vec![], 1),
        (vec![accepted.clone()], 1),
        (vec![ambiguous], 1),
        (vec![accepted, seen], 1),
        (vec![refused], 0),
        (vec![confirmed(Some(1), vec![put(ready("a"))])], 0),
        (vec![confirmed(Some(2), vec![put(ready("a"))])], 1),
    ] {
        let records: Vec<JournalRecord> = start.iter().cloned().chain(more).collect();
        assert_eq!(open_names(&records).len(), open, "{records:?}");
    }
}

#[test]
fn records_of_an_older_base_or_another_lineage_are_in_the_snapshot_already() {
    let records = [run_on(0), register(1, &["a"]), confirmed(None, vec![put(ready("b"))])];
    let newer = Snapshot { serial: Serial(1), ..empty() };
    let other = Snapshot::new(Lineage("other".into()));
    for base in [newer, other] {
        let recovered = fold(base.clone(), &records);
        assert_eq!(recovered, Recovered { snapshot: base, open: Vec::new(), unfolded: false });
    }
}

#[test]
fn a_run_that_was_cut_off_leaves_its_open_writes_to_the_next_one_although_both_count_from_one() {
    let records = [run_on(0), register(1, &["a"]), run_on(0), register(1, &["b"])];
    assert_eq!(open_names(&records), ["a", "b"]);
}

#[test]
fn what_a_later_run_confirmed_ends_what_an_earlier_one_left_open() {
    let start = [run_on(0), register(1, &["a", "b"]), run_on(0)];
    let then = |changes| {
        let records: Vec<JournalRecord> = start.iter().cloned().chain([confirmed(None, changes)]).collect();
        open_names(&records)
    };
    assert_eq!(then(vec![put(ready("a"))]), ["b"]);
    assert_eq!(then(vec![StateChange::Remove(ready("a").key)]), ["b"]);
    assert_eq!(then(vec![put(ready("a")), put(ready("b"))]), Vec::<String>::new());
    let lost = record("a", Condition::Lost { message: String::new() });
    assert_eq!(then(vec![put(lost)]), ["a", "b"], "lost on the way is no end");
}
