//! The stream as a value: numbers, the last record, a sink that fails, heartbeats by a virtual clock, and one golden line
//! for each type.

use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;
use serde_json::Value;

use super::record::Told;
use super::stream::Known;
use super::{Fanout, Passed, Stream, pass, schema, translate};
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::drift::standings;
use crate::cli::render::progress::Tally;
use crate::cli::report::Reports;
use crate::cli::terminal::Terminal;
use crate::domain::address::Address;
use crate::domain::desired::{DesiredSet, Origin};
use crate::domain::diagnostic::{Code, Diagnostic, Label, Severity, Span};
use crate::domain::field::FieldValue;
use crate::domain::journal::RunId;
use crate::domain::live::World;
use crate::domain::natural_key::{ConnectorName, NamespaceName, NaturalKey, Scope, WorkspaceId};
use crate::domain::plan::{
    Change, DriftWord, FieldVerdict, Plan, ReregisterReason, Row, Strategy as InPlace,
};
use crate::domain::secret::Fingerprint;
use crate::domain::snapshot::Serial;
use crate::platform::fs;
use crate::platform::time::SystemClock;
use crate::ports::event_sink::{Event, EventSink, Visible};

const LIMIT: u64 = 1 << 20;

/// A sink that keeps what is written, up to so many bytes.
#[derive(Clone)]
struct Kept {
    bytes: Arc<Mutex<Vec<u8>>>,
    room: usize,
}

impl Kept {
    fn new(room: usize) -> Self {
        Self { bytes: Arc::default(), room }
    }

    fn records(&self) -> Vec<Value> {
        let bytes = self.bytes.lock().unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = self.bytes.lock().unwrap();
        if kept.len() + bytes.len() > self.room {
            return Err(io::ErrorKind::StorageFull.into());
        }
        kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn now() -> String {
    "2026-11-21T12:00:00.000Z".to_owned()
}

fn stream(kept: &Kept) -> Stream {
    Stream::new(Some(Box::new(kept.clone())), now)
}

fn fanout(kept: &Kept) -> Fanout {
    let terminal = Terminal {
        stdout_colour: false,
        stderr_colour: false,
        live: false,
        interactive: false,
        quiet: true,
        columns: None,
        has_data: true,
    };
    Fanout::begin(terminal, stream(kept), Reports::none(), RunId("7f3a".to_owned()), "apply")
}

fn address() -> Address {
    "FlinkConnector/a".parse().unwrap()
}

fn key() -> NaturalKey {
    NaturalKey::FlinkConnector {
        workspace: WorkspaceId::new("w").unwrap(),
        namespace: NamespaceName::new("n").unwrap(),
        name: ConnectorName::new("a").unwrap(),
    }
}

/// Every event of the engine.
fn events() -> Vec<Event> {
    let second = Duration::from_secs(1);
    let text = |text: &str| text.to_owned();
    vec![
        Event::ReadStarted { scope: key().scope() },
        Event::ReadCompleted { scope: Scope::Stores, objects: 214, attempts: 2, took: second },
        Event::Retry {
            operation: "ListCustomConnectors",
            message: text("ListCustomConnectors: connection refused"),
            attempt: 2,
            of: 4,
            pause: second,
        },
        Event::Transition { address: address(), state: Visible::Available, elapsed: 3 * second },
        Event::Reported {
            address: "Store/orders".parse().unwrap(),
            state: text("provisioning"),
            message: Some(text("booting")),
            elapsed: 5 * second,
            deadline: 600 * second,
        },
        Event::Succeeded { address: address() },
        Event::Failed { address: "FlinkConnector/b".parse().unwrap(), message: text("refused") },
        Event::Skipped { address: "FlinkConnector/c".parse().unwrap(), message: text("a failed") },
        Event::Notice { address: address(), message: text("tables made with it: t") },
    ]
}

fn row() -> Row {
    let print = |hex: &str| FieldValue::Sealed(Fingerprint { fingerprint: format!("hmac-sha256:{hex}") });
    let verdict = |field: &str, desired, recorded, live| FieldVerdict {
        field: field.to_owned(),
        word: DriftWord::Changed,
        desired: Some(desired),
        recorded: Some(recorded),
        live,
        forces: false,
        costs: true,
    };
    Row {
        address: address(),
        key: key(),
        origin: Some(Origin { file: "manifests/a.yaml".into(), line: 14, column: 3 }),
        renamed_from: Some("FlinkConnector/old".parse().unwrap()),
        change: Change::Update(InPlace::Reregister(ReregisterReason::Fields)),
        fields: vec![
            verdict("sink", FieldValue::Flag(true), FieldValue::Flag(false), Some(FieldValue::Flag(false))),
            verdict("password", print("81c0"), print("3f9a"), None),
        ],
        notes: Vec::new(),
    }
}

fn diagnostic() -> Diagnostic {
    let span = Span { file: "manifests/a.yaml".to_owned(), line: 7, column: 3, length: 4 };
    Diagnostic {
        code: Code(107),
        severity: Severity::Error,
        message: "unknown field `sorce`".to_owned(),
        labels: vec![Label { span, source: Some("  sorce: secret".to_owned()), text: "here".to_owned() }],
        help: Some("did you mean `source`?".to_owned()),
    }
}

/// One of each type, or more where they differ.
fn every_record() -> Vec<Told> {
    let plan = Plan {
        not_selected: 0,
        rows: vec![row()],
        strays: Vec::new(),
        steps: Vec::new(),
        reads: [key().scope()].into(),
        serial: Serial(42),
        refusals: Vec::new(),
    };
    let refused =
        CliError::Refused { message: "nothing was changed".to_owned(), hint: "pass --yes".to_owned() };
    let no_pass = Passed { reason: Some("the state is locked".to_owned()), ..Passed::default() };
    let declared = DesiredSet::default();
    let drifted = Row {
        fields: row()
            .fields
            .into_iter()
            .map(|field| FieldVerdict { word: DriftWord::Drifted, ..field })
            .collect(),
        ..row()
    };
    let standings = standings(&Plan { rows: vec![drifted], ..plan.clone() }, &declared, &World::new());
    let standing = standings.first().unwrap();
    let tally = Tally { reading: 0, total: 9, done: 2, under_way: 3 };
    let mut all = vec![
        translate::version(&RunId("7f3a".to_owned()), "apply"),
        translate::diagnostic(&diagnostic()),
        translate::planned_change(&row()).unwrap(),
        translate::change_summary(&plan),
        translate::drift(standing).unwrap(),
        translate::notice("stopping"),
        translate::heartbeat(Duration::from_secs(30), tally),
        translate::error(&refused),
        translate::run_end(Exit::Partial, Known { converged: Some(false), serial: Some(43) }),
    ];
    all.extend(events().into_iter().map(translate::event));
    all.extend([
        pass::pass_start(7, "files", 214, 1),
        pass::pass_end(7, &passed(), Duration::from_millis(312)),
        pass::pass_end(8, &Passed { applied: None, ..passed() }, Duration::from_secs(1)),
        pass::pass_end(9, &no_pass, Duration::ZERO),
    ]);
    all
}

fn passed() -> Passed {
    Passed { changed: 3, applied: Some(2), failed: 1, blocked: 1, kept: 1, held_back: 1, reason: None }
}

fn golden(kind: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/events/{kind}.ndjson"))
}

/// The version of the program stands in one record and would make its golden file new with every release.
fn without_tool(line: &str) -> String {
    line.replace(env!("CARGO_PKG_VERSION"), "TOOL")
}

#[test]
fn every_type_is_written_as_its_golden_file_says() {
    let kept = Kept::new(usize::MAX);
    let stream = stream(&kept);
    for told in every_record() {
        stream.tell(told).unwrap();
    }
    let text = String::from_utf8(kept.bytes.lock().unwrap().clone()).unwrap();
    let mut by_type: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
    for line in text.lines() {
        let record: Value = serde_json::from_str(line).unwrap();
        let of_type = by_type.entry(record["type"].as_str().unwrap().to_owned()).or_default();
        *of_type += &format!("{}\n", without_tool(line));
    }
    assert_eq!(by_type.keys().cloned().collect::<Vec<_>>(), types(), "a type has no example here");
    for (kind, lines) in by_type {
        let path = golden(&kind);
        if crate::platform::env::var("UPDATE_DOCS").is_some() {
            fs::replace(&path, lines.as_bytes()).unwrap();
        }
        let golden = fs::read(&path, LIMIT).unwrap_or_default();
        assert_eq!(
            String::from_utf8_lossy(&golden),
            lines,
            "{}: UPDATE_DOCS=1 writes it anew",
            path.display()
        );
    }
}

/// The types that the published schema knows, sorted.
fn types() -> Vec<String> {
    let schema = schema();
    let mut all: Vec<String> = schema["oneOf"]
        .as_array()
        .unwrap()
        .iter()
        .map(|branch| branch["properties"]["type"]["const"].as_str().unwrap().to_owned())
        .collect();
    all.sort();
    all
}

#[test]
fn every_record_is_valid_by_the_published_schema_and_a_wrong_one_is_not() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let kept = Kept::new(usize::MAX);
    let stream = stream(&kept);
    for told in every_record() {
        stream.tell(told).unwrap();
    }
    for record in kept.records() {
        assert!(validator.is_valid(&record), "{record:#}");
        for field in ["seq", "ts", "type", "message"] {
            let mut without = record.clone();
            without.as_object_mut().unwrap().remove(field);
            assert!(!validator.is_valid(&without), "without {field}: {record:#}");
        }
    }
}

#[test]
fn no_source_line_of_a_diagnostic_reaches_the_stream() {
    let kept = Kept::new(usize::MAX);
    stream(&kept).tell(translate::diagnostic(&diagnostic())).unwrap();
    assert!(!kept.records()[0].to_string().contains("sorce: secret"));
}

#[test]
fn a_sink_that_fails_is_told_once_and_takes_nothing_more() {
    let kept = Kept::new(200);
    let stream = stream(&kept);
    let tell = || stream.tell(translate::notice("x"));
    let failures = (0..9).filter(|_| tell().is_err()).count();
    assert_eq!(failures, 1);
    stream.end(Exit::Success).unwrap();
    let whole = kept.records().len();
    assert_eq!(kept.records().last().unwrap()["seq"], whole, "what was written is whole");
}

#[test]
fn a_row_that_fails_twice_has_one_result() {
    let kept = Kept::new(usize::MAX);
    let fanout = fanout(&kept);
    fanout.carrying_out(1);
    for message in ["the first half", "because of the first half"] {
        fanout.emit(Event::Failed { address: address(), message: message.to_owned() });
    }
    let results: Vec<Value> =
        kept.records().into_iter().filter(|record| record["type"] == "row_result").collect();
    assert_eq!(results.len(), 1);
    assert_eq!(results[0]["reason"], "the first half");
}

/// Whatever a command waits for: the heartbeats run beside the whole of it.
#[tokio::test(start_paused = true)]
async fn a_wait_of_95_seconds_has_three_heartbeats() {
    let kept = Kept::new(usize::MAX);
    let fanout = fanout(&kept);
    fanout.emit(Event::ReadStarted { scope: key().scope() });
    let clock = SystemClock::start();
    tokio::select! {
        () = crate::platform::time::sleep(Duration::from_secs(95)) => {}
        never = fanout.heartbeats(&clock, Duration::from_secs(30)) => match never {},
    }
    fanout.end(Exit::Success);
    let beats: Vec<Value> =
        kept.records().into_iter().filter(|record| record["type"] == "heartbeat").collect();
    let elapsed: Vec<_> = beats.iter().map(|beat| beat["elapsedSeconds"].as_f64().unwrap().round()).collect();
    assert_eq!(elapsed, [30.0, 60.0, 90.0]);
    assert!(beats.iter().all(|beat| beat["reading"] == 1), "{beats:#?}");
    assert_eq!(beats[0]["message"], "still at work after 30 s: listing 1 scope");
}

#[derive(Debug, Clone)]
enum Happening {
    Engine(usize),
    Note,
    Fails,
    Carries(usize),
    Ends(Exit),
}

fn happening() -> impl proptest::strategy::Strategy<Value = Happening> {
    prop_oneof![
        8 => (0..events().len()).prop_map(Happening::Engine),
        1 => Just(Happening::Note),
        1 => Just(Happening::Fails),
        1 => (0..9_usize).prop_map(Happening::Carries),
        1 => prop_oneof![Just(Exit::Success), Just(Exit::Interrupted)].prop_map(Happening::Ends),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Also when something is told behind the end, and when the end is told twice.
    #[test]
    fn whatever_happens_seq_has_no_gap_and_run_end_is_last(
        happenings in proptest::collection::vec(happening(), 0..40),
    ) {
        let kept = Kept::new(usize::MAX);
        let fanout = fanout(&kept);
        for happening in happenings {
            match happening {
                Happening::Engine(at) => fanout.emit(events()[at].clone()),
                Happening::Note => fanout.tell(translate::notice("x")),
                Happening::Fails => fanout.failed(&CliError::Manifest(vec![diagnostic()])),
                Happening::Carries(rows) => fanout.carrying_out(rows),
                Happening::Ends(exit) => fanout.end(exit),
            }
        }
        fanout.end(Exit::Success);
        fanout.tell(translate::notice("too late"));
        let records = kept.records();
        let seqs: Vec<u64> = records.iter().map(|record| record["seq"].as_u64().unwrap()).collect();
        prop_assert_eq!(seqs, (1..=records.len() as u64).collect::<Vec<_>>());
        let ends: Vec<usize> =
            (0..records.len()).filter(|at| records[*at]["type"] == "run_end").collect();
        prop_assert_eq!(ends, [records.len() - 1]);
        prop_assert_eq!(&records[0]["type"], "version");
    }
}
