//! Values to write, and a clock.

use std::time::Duration;

use crate::domain::address::Address;
use crate::domain::desired::OnRemove;
use crate::domain::field::FieldValue;
use crate::domain::journal::{Answer, Intent, JournalRecord, RunId, Sighting, WriteId};
use crate::domain::natural_key::{ConnectorName, NamespaceName, NaturalKey, WorkspaceId};
use crate::domain::recorded::{Condition, Knowledge, Recorded};
use crate::domain::snapshot::{Lineage, Serial, Snapshot, StateChange, Stray};
use crate::platform::time::SystemClock;
use crate::ports::state_store::{StateError, StateStore};
use crate::state::{LockRequest, LockedState, StateFolder};

pub(crate) fn address(name: &str) -> Address {
    format!("FlinkConnector/{name}").parse().unwrap()
}

pub(crate) fn key(name: &str) -> NaturalKey {
    NaturalKey::FlinkConnector {
        workspace: WorkspaceId::new("ws-1").unwrap(),
        namespace: NamespaceName::new("default").unwrap(),
        name: ConnectorName::new(name).unwrap(),
    }
}

pub(crate) fn recorded(name: &str) -> Recorded {
    let text = |text: &str| FieldValue::Text(text.to_owned());
    Recorded {
        address: address(name),
        key: key(name),
        fields: [
            ("connectorType".to_owned(), Knowledge::Applied(text(name))),
            ("jarUrl".to_owned(), Knowledge::Assumed(text("oss://jars/a.jar"))),
            ("sink".to_owned(), Knowledge::Applied(FieldValue::Flag(true))),
            ("source".to_owned(), Knowledge::Unknown),
            (
                "supportedFormats".to_owned(),
                Knowledge::Applied(FieldValue::Set(["csv".to_owned(), "json".to_owned()].into())),
            ),
        ]
        .into(),
        protect: false,
        on_remove: OnRemove::Delete,
        depends_on: vec![address("base")],
        condition: Condition::Contradicted {
            field: "sink".to_owned(),
            desired: [("sink".to_owned(), FieldValue::Flag(true))].into(),
            live: [("sink".to_owned(), FieldValue::Flag(false))].into(),
        },
        observer: None,
        labels: [("team".to_owned(), "a".to_owned())].into(),
    }
}

pub(crate) fn stray(name: &str) -> Stray {
    Stray { key: key(name), jar_url: "oss://jars/a.jar".to_owned() }
}

pub(crate) fn snapshot(serial: u64) -> Snapshot {
    let mut snapshot = Snapshot::new(Lineage("0123456789abcdef0123456789abcdef".to_owned()));
    snapshot.serial = Serial(serial);
    snapshot.apply(put("orders"));
    snapshot.apply(StateChange::AddStray(stray("guest")));
    snapshot
}

pub(crate) fn put(name: &str) -> StateChange {
    StateChange::Put(Box::new(recorded(name)))
}

pub(crate) fn register(write: u32, name: &str) -> JournalRecord {
    JournalRecord::Intent {
        write: WriteId(write),
        intent: Intent::Register {
            scope: key(name).scope(),
            jar_url: "oss://jars/a.jar".to_owned(),
            when_present: vec![recorded(name)],
        },
    }
}

pub(crate) fn delete(write: u32, name: &str) -> JournalRecord {
    JournalRecord::Intent {
        write: WriteId(write),
        intent: Intent::Delete {
            key: key(name),
            when_absent: vec![StateChange::Remove(key(name)), StateChange::RemoveStray(key(name))],
        },
    }
}

pub(crate) fn accepted(write: u32) -> JournalRecord {
    JournalRecord::Sent {
        write: WriteId(write),
        answer: Answer::Accepted { request_id: "5D1A-77".to_owned() },
    }
}

pub(crate) fn refused(write: u32) -> JournalRecord {
    JournalRecord::Sent {
        write: WriteId(write),
        answer: Answer::Refused { message: "no such JAR @ that place".to_owned() },
    }
}

pub(crate) fn observed(write: u32) -> JournalRecord {
    JournalRecord::Observed { write: WriteId(write), sighting: Sighting::Present }
}

pub(crate) fn confirmed(write: u32, changes: Vec<StateChange>) -> JournalRecord {
    JournalRecord::Confirmed { write: Some(WriteId(write)), changes }
}

/// One record of each phase.
pub(crate) fn records() -> Vec<JournalRecord> {
    vec![
        JournalRecord::RunStarted {
            run: RunId("run-1".to_owned()),
            lineage: snapshot(7).lineage,
            base_serial: Serial(7),
            command: "apply".to_owned(),
            started_at: "2026-01-01T00:00:00Z".to_owned(),
            tool_version: "0.0.0".to_owned(),
            plan: None,
        },
        register(0, "payments"),
        accepted(0),
        observed(0),
        confirmed(
            0,
            vec![
                put("payments"),
                StateChange::AddStray(stray("other")),
                StateChange::Remove(key("orders")),
                StateChange::RemoveStray(key("guest")),
            ],
        ),
        delete(1, "orders-v2"),
        refused(1),
    ]
}

pub(crate) fn request(run: &str) -> LockRequest {
    LockRequest { run: RunId(run.to_owned()), command: "apply".to_owned(), timeout: Duration::ZERO }
}

/// Takes the lock without waiting.
pub(crate) fn lock(folder: &StateFolder, run: &str) -> Result<LockedState, StateError> {
    block_on(folder.lock(request(run), &SystemClock::start(), |_| {}))
}

/// Appends a record and makes it durable.
pub(crate) fn durably(state: &mut LockedState, record: &JournalRecord) -> Result<(), StateError> {
    state.append(record)?;
    state.sync()
}

pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(future)
}
