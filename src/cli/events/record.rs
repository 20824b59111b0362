//! The records. The types are the format: they are written as they stand here, and the published schema and the table in
//! `docs/events.md` are derived from them.
//!
//! Compatibility: a record or a field may be added; what is removed, renamed or given another meaning raises the major
//! number of [`VERSION`].

use schemars::JsonSchema;
use serde::Serialize;

/// The version of the stream's format.
pub(crate) const VERSION: &str = "1.1";

/// One line of the stream.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Line {
    /// Counts the records of a stream from 1 on, without gaps
    pub(super) seq: u64,
    /// When, RFC 3339 in UTC
    pub(super) ts: String,
    /// What happened.
    #[serde(flatten)]
    pub(super) told: Told,
}

/// What happened, and how a person reads it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Told {
    /// The record.
    #[serde(flatten)]
    pub(super) record: Record,
    /// The record as a person reads it; its words may change
    pub(super) message: String,
}

/// A record, by its type.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Record {
    Version(Version),
    ReadStart(ReadStart),
    ReadComplete(ReadComplete),
    Diagnostic(Diagnostic),
    PlannedChange(PlannedChange),
    ChangeSummary(ChangeSummary),
    Drift(Drift),
    Transition(Transition),
    WaitProgress(WaitProgress),
    Retry(Retry),
    RowResult(RowResult),
    PassStart(PassStart),
    PassEnd(PassEnd),
    Notice(Notice),
    Heartbeat(Heartbeat),
    Error(Error),
    RunEnd(RunEnd),
}

/// The first record: what writes this stream, and for which command
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Version {
    /// The version of the stream's format, MAJOR.MINOR
    pub(super) schema: String,
    /// The version of the program
    pub(super) tool: String,
    /// The id of the run, the same as in the state's lock and journal
    pub(super) run: String,
    /// The command, for example `apply` or `state mv`
    pub(super) command: String,
}

/// A scope begins to be listed
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReadStart {
    /// What is listed, as `list` takes it: WORKSPACE:NAMESPACE or Store
    pub(super) scope: String,
}

/// A scope was listed completely; a read that fails has no such record
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ReadComplete {
    /// What was listed, as in `read_start`
    pub(super) scope: String,
    /// How many objects there are
    pub(super) objects: usize,
    /// How often it was asked for, retries included
    pub(super) attempts: u32,
    /// How long it took, in milliseconds, pauses included
    pub(super) ms: u64,
}

/// Something about a manifest or the project file
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Diagnostic {
    /// The stable code, explained by `reconcile explain CODE`
    pub(super) code: String,
    /// How bad it is
    pub(super) severity: Severity,
    /// The file, as it was named
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) file: Option<String>,
    /// The line, from 1
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) line: Option<u32>,
    /// The column in characters, from 1
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) column: Option<u32>,
    /// What to do about it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) help: Option<String>,
}

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) enum Severity {
    Error,
    Warning,
}

/// A row of the plan that is not simply kept
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PlannedChange {
    /// The object, KIND/NAME
    pub(super) address: String,
    /// Its identity in the service
    pub(super) id: String,
    /// `create`, `update`, `replace`, `delete`, `adopt`, `forget`, `rename` or `blocked`
    pub(super) action: String,
    /// Why and how, one sentence each
    pub(super) reasons: Vec<String>,
    /// The address under which it is recorded, if that is another one
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) renamed_from: Option<String>,
    /// Where it is declared
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<Source>,
    /// The fields that do not simply agree
    pub(super) fields: Vec<Compared>,
}

/// A place in a manifest.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Source {
    /// The file, as it was named.
    pub(super) file: String,
    /// The line, from 1.
    pub(super) line: u32,
    /// The column in characters, from 1.
    pub(super) column: u32,
}

/// How one field stands. A secret is a fingerprint.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Compared {
    /// The field, below `spec`.
    pub(super) field: String,
    /// `changed`, `drifted`, `conflict`, `agreed`, `unverifiable` or `ignored`.
    pub(super) verdict: String,
    /// What the manifest declares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) desired: Option<Shown>,
    /// What was last applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) recorded: Option<Shown>,
    /// What the service shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) live: Option<Shown>,
    /// Whether it forces a replacement.
    pub(super) forces_replacement: bool,
    /// Whether it costs requests; false for what is only recorded.
    pub(super) costs_requests: bool,
}

/// A value as its JSON type.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub(super) enum Shown {
    Flag(bool),
    Text(String),
    Set(Vec<String>),
    Sealed { fingerprint: String },
}

/// The counts of the plan
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChangeSummary {
    /// Created
    pub(super) add: usize,
    /// Changed in place, adopted or renamed
    pub(super) change: usize,
    /// Replaced
    pub(super) replace: usize,
    /// Deleted
    pub(super) destroy: usize,
    /// Dropped from the state only
    pub(super) forget: usize,
    /// Not carried out, with a reason in the row
    pub(super) blocked: usize,
    /// Nothing to do
    pub(super) unchanged: usize,
    /// Left out by a selection
    pub(super) not_selected: usize,
    /// Requests that an apply would send to change something
    pub(super) writes: usize,
}

/// An object that is not where it was applied last
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Drift {
    /// The object, KIND/NAME
    pub(super) address: String,
    /// Its identity in the service
    pub(super) id: String,
    /// `present`, `absent`, or `unverifiable` when nobody can say
    pub(super) state: String,
    /// The fields that do not simply agree
    pub(super) fields: Vec<Compared>,
}

/// The state of an object changed
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Transition {
    /// The object, KIND/NAME
    pub(super) address: String,
    /// `Creating`, `Available`, `Updating`, `Ready`, `Deleting` or `Deleted`
    pub(super) state: String,
    /// Since its step began, in seconds
    pub(super) elapsed_seconds: f64,
}

/// What the service says of an object that is waited for; once for each change of its words
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WaitProgress {
    /// The object, KIND/NAME
    pub(super) address: String,
    /// Its state, in the service's words
    pub(super) state: String,
    /// The service's explanation
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) explanation: Option<String>,
    /// Since its step began, in seconds
    pub(super) elapsed_seconds: f64,
    /// When the wait ends, in seconds since the step began
    pub(super) deadline_seconds: f64,
}

/// A call failed in a way that allows another one
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Retry {
    /// The operation, in the service's words
    pub(super) operation: String,
    /// Which attempt comes next, from 1
    pub(super) attempt: u32,
    /// Of how many
    pub(super) of: u32,
    /// The pause before it, in seconds
    pub(super) pause_seconds: f64,
}

/// A row of the plan ended; one for each row that was carried out
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RowResult {
    /// The object, KIND/NAME
    pub(super) address: String,
    /// How it ended
    pub(super) result: Outcome,
    /// Why it failed or was skipped
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// How a row ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) enum Outcome {
    Done,
    Failed,
    Skipped,
}

/// Worth knowing
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Notice {
    /// The object, KIND/NAME, if it is about one
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<String>,
}

/// The run is alive; every 30 s
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Heartbeat {
    /// Since the run began, in seconds
    pub(super) elapsed_seconds: f64,
    /// Scopes that are being listed
    pub(super) reading: usize,
    /// Rows to carry out; 0 before that
    pub(super) total: usize,
    /// Rows that ended
    pub(super) done: usize,
    /// Objects under way
    pub(super) under_way: usize,
}

/// A pass of `watch` begins
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PassStart {
    /// The number of the pass, from 1
    pub(super) pass: u64,
    /// What led to it: `start`, `files`, `resync` or `retry`
    pub(super) cause: String,
    /// How many manifest files there are
    pub(super) files: usize,
    /// How many of them had changed and were read
    pub(super) read: usize,
}

/// A pass of `watch` ended
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PassEnd {
    /// The number of the pass
    pub(super) pass: u64,
    /// Objects that differed and were, or would be, changed
    pub(super) changed: usize,
    /// Of these, how many were applied
    pub(super) applied: usize,
    /// Of these, how many failed
    pub(super) failed: usize,
    /// Objects that cannot be changed, with a reason in their row
    pub(super) blocked: usize,
    /// Objects without a manifest that are kept
    pub(super) kept: usize,
    /// Objects that failed before and wait for their next try
    pub(super) held_back: usize,
    /// How long it took, in seconds
    pub(super) elapsed_seconds: f64,
    /// Why the pass as a whole could not be carried out
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
}

/// What ended the run early
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Error {
    /// What to do about it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hint: Option<String>,
    /// The exit code that it means
    pub(super) exit: u8,
}

/// The last record; a stream without it was cut off
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct RunEnd {
    /// The exit code
    pub(super) exit: u8,
    /// Whether live is what the manifests declare, if the run looked
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) converged: Option<bool>,
    /// The serial of the state, if the run read it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) serial: Option<u64>,
}
