//! What `/api/v1` answers. The types are the format: they are written as they stand here, and the published schema is
//! derived from them.
//!
//! Compatibility: a field may be added; what is removed, renamed or given another meaning raises [`FORMAT`]. Nothing in them
//! is a secret: values come concealed, as in a plan.

use schemars::JsonSchema;
use serde::Serialize;

/// The version of the answers' format, MAJOR.MINOR.
pub const FORMAT: &str = "1.0";

/// How an object stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum State {
    /// Something failed; it is tried again after a pause.
    Failed,
    /// It cannot be changed, and the reasons say what would allow it.
    Blocked,
    /// Live moved since it was applied.
    Drifted,
    /// A change is planned.
    Pending,
    /// A change is being carried out.
    Applying,
    /// No manifest declares it, and it is kept.
    Kept,
    /// As declared.
    AsDeclared,
}

impl State {
    /// All of them; first what somebody must not miss.
    pub const ALL: [State; 7] = [
        State::Failed,
        State::Blocked,
        State::Drifted,
        State::Pending,
        State::Applying,
        State::Kept,
        State::AsDeclared,
    ];

    /// The word in answers and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Failed => "failed",
            State::Blocked => "blocked",
            State::Drifted => "drifted",
            State::Pending => "pending",
            State::Applying => "applying",
            State::Kept => "kept",
            State::AsDeclared => "asDeclared",
        }
    }
}

/// One field on which the sides do not agree
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FieldWord {
    /// The field, below `spec`
    pub field: String,
    /// `changed`, `drifted`, `conflict`, `agreed`, `unverifiable` or `ignored`
    pub word: &'static str,
}

/// One object, in short
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// The object, KIND/NAME
    pub address: String,
    /// Its kind
    pub kind: &'static str,
    /// Its name
    pub name: String,
    /// Its identity in the service
    pub id: String,
    /// How it stands
    pub state: State,
    /// What is planned: `create`, `update`, `replace`, `delete`, `adopt`, `forget` or `rename`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<&'static str>,
    /// Whether it can be used, in the word of the service or the state: `ready`, `degraded`, `Creating`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readiness: Option<String>,
    /// The fields that do not simply agree
    pub drift: Vec<FieldWord>,
    /// Why it failed or is blocked
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Since when it stands like this, RFC 3339 in UTC
    pub since: String,
    /// Where it is declared, as `FILE:LINE`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// One object, with what led to how it stands
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Detail {
    /// The object in short
    #[serde(flatten)]
    pub resource: Resource,
    /// The planned change: one line for each field, `+`, `-`, `!`, `#` or a blank in its first column
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
    /// What the service explained when it was asked last
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
    /// What happened to it since the watch began, the newest first, at most 50
    pub history: Vec<Moment>,
}

/// How something went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub enum Tone {
    /// As wished.
    Good,
    /// Not as wished.
    Bad,
    /// Neither.
    Plain,
}

/// Something that happened
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Moment {
    /// When, RFC 3339 in UTC
    pub at: String,
    /// In which pass
    pub pass: u64,
    /// To which object, if to one: KIND/NAME
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What, for a person; its words may change
    pub text: String,
    /// How it went
    pub tone: Tone,
}

/// A pass that ended
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Pass {
    /// Its number, from 1
    pub number: u64,
    /// What led to it: `start`, `files`, `resync` or `retry`
    pub cause: &'static str,
    /// When it began, RFC 3339 in UTC
    pub started_at: String,
    /// How long it took, in seconds
    pub elapsed_seconds: f64,
    /// What it came to, in one line; its words may change
    pub summary: String,
    /// Objects that differed
    pub changed: usize,
    /// How many of them were applied
    pub applied: usize,
    /// How many of them failed
    pub failed: usize,
    /// Objects that cannot be changed
    pub blocked: usize,
    /// Why there was no pass, if there was none
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Something about a manifest
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Diagnosed {
    /// The stable code, explained by `reconcile explain CODE`
    pub code: String,
    /// `error` or `warning`
    pub severity: &'static str,
    /// What is wrong
    pub message: String,
    /// Where, as `FILE:LINE:COLUMN`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// What to do about it
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// The watch at a glance
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// The version of this format
    pub format: &'static str,
    /// The version of the program
    pub tool: &'static str,
    /// The id of the run, as in the lock and the journal
    pub run: String,
    /// The profile
    pub profile: String,
    /// `apply` or `report`
    pub mode: &'static str,
    /// Whether what has no manifest any more is deleted
    pub prune: bool,
    /// What is watched
    pub paths: Vec<String>,
    /// When the watch began, RFC 3339 in UTC
    pub started_at: String,
    /// Whether a pass has ended that could be made
    pub ready: bool,
    /// The number of the pass under way
    #[serde(skip_serializing_if = "Option::is_none")]
    pub under_way: Option<u64>,
    /// The pass that ended last
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_pass: Option<Pass>,
    /// The serial of the state
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serial: Option<u64>,
    /// How many objects stand how: every state, with 0 too
    pub counts: std::collections::BTreeMap<&'static str, usize>,
    /// What the manifests were told when they were looked at last
    pub diagnostics: Vec<Diagnosed>,
    /// Grows with everything that changes
    pub revision: u64,
}

/// All objects in short
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Resources {
    /// The revision that this shows
    pub revision: u64,
    /// The objects, by address
    pub resources: Vec<std::sync::Arc<Resource>>,
}

/// The passes that ended
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Passes {
    /// The newest first, at most 100
    pub passes: Vec<Pass>,
}

/// What changed since the revision that a reader has: the data of one server-sent event, whose id is the new revision
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Delta {
    /// Whether this is everything there is, and what the reader has is void
    pub whole: bool,
    /// The watch at a glance
    pub status: Status,
    /// Objects that are new or stand in another way, as they stand now
    pub resources: Vec<std::sync::Arc<Resource>>,
    /// Objects that are not there any more, by address
    pub gone: Vec<String>,
    /// What happened since, the oldest first; of much only the last 200
    pub moments: Vec<Moment>,
}

/// Why there is no answer
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// What is wrong, and what to do
    pub error: String,
}
