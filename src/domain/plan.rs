//! The plan: the decision as data. It can be printed, compared, judged and refused; it does nothing by itself.

mod step;

use std::collections::BTreeSet;

pub use step::{Action, Member, Request, Step, StepId, Verb};

use super::address::Address;
use super::desired::Origin;
use super::field::FieldValue;
use super::live::Observer;
use super::natural_key::{NaturalKey, Scope};
use super::snapshot::Serial;

/// One word per field on how the three sides stand (features 3.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DriftWord {
    /// The manifest moved; live equals what was last applied.
    Changed,
    /// Live moved; the manifest equals what was last applied.
    Drifted,
    /// Both moved, differently.
    Conflict,
    /// Both moved, to the same value.
    Agreed,
    /// Live does not show it.
    Unverifiable,
    /// Not compared, by rule.
    Ignored,
}

impl DriftWord {
    /// The word.
    pub fn as_str(self) -> &'static str {
        match self {
            DriftWord::Changed => "changed",
            DriftWord::Drifted => "drifted",
            DriftWord::Conflict => "conflict",
            DriftWord::Agreed => "agreed",
            DriftWord::Unverifiable => "unverifiable",
            DriftWord::Ignored => "ignored",
        }
    }
}

/// How one field stands, and what that means for the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldVerdict {
    /// The field's name under `spec`.
    pub field: String,
    /// How it stands.
    pub word: DriftWord,
    /// What the manifest declares.
    pub desired: Option<FieldValue>,
    /// What was last applied or assumed.
    pub recorded: Option<FieldValue>,
    /// What live shows.
    pub live: Option<FieldValue>,
    /// Whether this field forces a replacement (FR-004).
    pub forces: bool,
    /// Whether it costs requests; false for what lives in our state only.
    pub costs: bool,
}

/// Why an object is created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateReason {
    /// It was never recorded.
    New,
    /// It was recorded and is absent: somebody deleted it, or a run was cut off between its two halves.
    Absent,
}

/// How an in-place change is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Strategy {
    /// In our state only; no request.
    RecordOnly,
    /// Delete, prove absence, register, prove presence: the API has no update. There is a gap.
    Reregister(ReregisterReason),
    /// One request of the API's own, then readiness. No gap.
    Native(NativeReason),
    /// Nothing is sent: it is on its way to be ready, and is waited for.
    Await,
}

/// Why an object is updated by the API's own request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NativeReason {
    /// Its fields.
    Fields,
    /// It is in error, and an update makes the service try again.
    Errored,
}

/// Why an object is registered again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReregisterReason {
    /// One of its own fields.
    Fields,
    /// It shares its JAR with this object, which is registered: a JAR is registered as a whole.
    SharesJar(Address),
    /// The user asked for it.
    Requested,
}

/// Which half of a replacement comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplaceOrder {
    /// The natural key or the connector type stays the same, so both cannot exist at once: there is a gap.
    DeleteFirst,
    /// No gap.
    CreateFirst,
}

/// Why an object is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeleteReason {
    /// Its manifest is gone.
    ManifestGone,
    /// The user asked for it to be destroyed.
    Destroyed,
}

/// Why an object is forgotten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForgetReason {
    /// `onRemove: retain`.
    Retained,
    /// It is absent already.
    Absent,
    /// It was never seen, and something else has its name.
    NeverSeen,
}

/// Why a row is not carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockReason {
    /// It exists and is not managed.
    Unmanaged,
    /// It exists, is not managed, and differs in a field that forces a replacement: adopting it would mean replacing it.
    AdoptDiffers {
        /// The field.
        field: String,
        /// What live shows.
        live: Option<FieldValue>,
    },
    /// The listing was made for somebody else than the one who saw it last, and does not show it (design.md 3.2).
    OutOfSight {
        /// Who saw it.
        then: Observer,
        /// For whom the listing was made.
        now: Observer,
    },
    /// `lifecycle.protect` stands against a delete or replace.
    Protected,
    /// `lifecycle.protect` stands against a re-registration; `allowGap` would allow it.
    ProtectedGap,
    /// The connector type is taken by a connector that this plan does not remove.
    TypeTaken {
        /// By whom.
        by: NaturalKey,
    },
    /// Live contradicted this very declaration when it was last applied.
    Contradicted {
        /// The field.
        field: String,
        /// Declared.
        desired: Option<FieldValue>,
        /// Shown by live.
        live: Option<FieldValue>,
    },
    /// A row on which it depends is blocked.
    Dependency(Address),
    /// It shares its JAR with a blocked object.
    SharesJar(Address),
    /// The JAR also registered a connector that nobody declares; it would have to be deleted, and that needs consent.
    StrayInTheWay(NaturalKey),
}

/// What is to happen to one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Bring it into being.
    Create(CreateReason),
    /// Change it in place.
    Update(Strategy),
    /// Replace it.
    Replace(ReplaceOrder),
    /// Delete it.
    Delete(DeleteReason),
    /// Take it over; a difference becomes a change in the same plan.
    Adopt(Option<Strategy>),
    /// Drop it from the state.
    Forget(ForgetReason),
    /// Nothing.
    Keep,
    /// Nothing, and here is why.
    Blocked(BlockReason),
}

impl Change {
    /// Whether it brings the object of its row into being, for the first time or again.
    pub fn registers(&self) -> bool {
        matches!(
            self,
            Change::Create(_)
                | Change::Update(Strategy::Reregister(_))
                | Change::Replace(_)
                | Change::Adopt(Some(Strategy::Reregister(_)))
        )
    }

    /// Whether it changes the object of its row, or waits for it, without deleting it.
    pub fn updates(&self) -> bool {
        matches!(
            self,
            Change::Update(Strategy::Native(_) | Strategy::Await)
                | Change::Adopt(Some(Strategy::Native(_) | Strategy::Await))
        )
    }
}

/// One row of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The object.
    pub address: Address,
    /// Its identity.
    pub key: NaturalKey,
    /// Where it is declared, unless its manifest is gone.
    pub origin: Option<Origin>,
    /// The address under which it was recorded, if that was another one.
    pub renamed_from: Option<Address>,
    /// What is to happen.
    pub change: Change,
    /// The fields that do not simply agree.
    pub fields: Vec<FieldVerdict>,
    /// What a reader should know before approving.
    pub notes: Vec<Note>,
}

/// What a reader should know about a row before approving it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// The old JAR is not known, so a refused registration leaves nothing to go back to.
    NoWayBack,
    /// The service derives these fields from the JAR and takes no definition: registering the same JAR again changes
    /// them only if the JAR has changed.
    Derived(Vec<String>),
    /// An earlier run was cut off after it may have sent this registration.
    CutOff,
    /// `lifecycle.ignoreFields`: these are not compared, by JSON pointer. Named in every plan, so that nobody forgets them
    /// (design.md section 3).
    Ignores(BTreeSet<String>),
}

/// A stray that is live, and whether this plan deletes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrayRow {
    /// Its identity.
    pub key: NaturalKey,
    /// The JAR that brought it.
    pub jar_url: String,
    /// Deleted only with consent.
    pub delete: bool,
}

/// A refusal of the plan as a whole: nothing of it may be applied (exit 6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// More deletes than allowed.
    #[error(
        "{found} deletes, but only {allowed} are allowed; raise limits.delete or pass --max-delete {found}"
    )]
    DeleteBudget {
        /// In the plan.
        found: usize,
        /// Allowed.
        allowed: usize,
    },
    /// More replacements and re-registrations than allowed.
    #[error(
        "{found} replacements and re-registrations, but only {allowed} are allowed; raise limits.replace or pass --max-replace {found}"
    )]
    ReplaceBudget {
        /// In the plan.
        found: usize,
        /// Allowed.
        allowed: usize,
    },
    /// The manifests declare nothing and the state holds something.
    #[error(
        "the manifests declare nothing, but {recorded} objects are recorded; an empty folder deletes nothing: use `reconcile destroy` to delete them"
    )]
    EmptyManifests {
        /// How many are recorded.
        recorded: usize,
    },
}

/// The decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// One row per object, by address, then by key.
    pub rows: Vec<Row>,
    /// Declared and recorded objects that were not selected: they have no row, and nothing happens to them.
    pub not_selected: usize,
    /// Strays that are live.
    pub strays: Vec<StrayRow>,
    /// What would be done, in an order that respects `after`: a step comes behind everything in it.
    pub steps: Vec<Step>,
    /// The scopes that were read: one list call each.
    pub reads: BTreeSet<Scope>,
    /// The serial of the state that was read.
    pub serial: Serial,
    /// Why nothing of it may be applied.
    pub refusals: Vec<Refusal>,
}

/// Counts of a plan, as the summary line shows them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Creations.
    pub add: usize,
    /// In-place changes, adoptions and renames.
    pub change: usize,
    /// Replacements.
    pub replace: usize,
    /// Deletions.
    pub destroy: usize,
    /// Dropped from the state only.
    pub forget: usize,
    /// Blocked.
    pub blocked: usize,
    /// Rows with nothing to do.
    pub unchanged: usize,
    /// Objects without a row, because they were not selected.
    pub not_selected: usize,
}

impl Counts {
    /// Counts rows; what has none is not known here.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Self {
        let mut counts = Counts::default();
        for row in rows {
            match &row.change {
                Change::Create(_) => counts.add += 1,
                Change::Update(_) | Change::Adopt(_) => counts.change += 1,
                Change::Replace(_) => counts.replace += 1,
                Change::Delete(_) => counts.destroy += 1,
                Change::Forget(_) => counts.forget += 1,
                Change::Blocked(_) => counts.blocked += 1,
                Change::Keep if row.renamed_from.is_some() => counts.change += 1,
                Change::Keep => counts.unchanged += 1,
            }
        }
        counts
    }
}

impl Plan {
    /// Counts the rows, and what has none.
    pub fn counts(&self) -> Counts {
        Counts { not_selected: self.not_selected, ..Counts::of(&self.rows) }
    }

    /// Whether there is nothing to do and nothing blocked.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty() && self.counts().blocked == 0 && self.refusals.is_empty()
    }

    /// How many requests that change something an apply would send.
    pub fn writes(&self) -> usize {
        self.steps.iter().filter(|step| step.writes()).count()
    }
}

/// A plan that somebody approved: by a prompt, a flag, or a plan file. The executor takes nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovedPlan(Plan);

impl Plan {
    /// Approves the plan.
    ///
    /// # Errors
    /// The plan itself when it is refused as a whole: no approval overrides that.
    pub fn approve(self) -> Result<ApprovedPlan, Box<Plan>> {
        if self.refusals.is_empty() { Ok(ApprovedPlan(self)) } else { Err(Box::new(self)) }
    }
}

impl ApprovedPlan {
    /// The plan.
    pub fn plan(&self) -> &Plan {
        &self.0
    }
}
