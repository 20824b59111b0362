//! What a run knows that a pipeline may want to show. Filled while the command works, read when it has ended.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::locate::Repository;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::render::drift::Standing;
use crate::cli::render::plan::Changed;
use crate::cli::render::verification::Proof;
use crate::domain::desired::{DesiredSet, Origin};
use crate::domain::diagnostic::{Diagnostic, Severity, Span};
use crate::domain::plan::{Counts, Plan};
use crate::domain::suite::{SuiteName, Suites};
use crate::engine::executor::{Report, RowResult};
use crate::platform::{checksum, fs};

/// Larger than any saved plan that `apply` would read.
const PLAN_LIMIT: u64 = 1 << 30;

/// What a run knows.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The command.
    pub(super) command: String,
    /// Names files.
    pub(super) repository: Repository,
    /// The profile, once it is known.
    pub(super) profile: Option<String>,
    /// The manifest files that were looked at, as they were named.
    pub(super) files: BTreeSet<String>,
    /// What is wrong or worth knowing about manifests.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// The plan.
    pub(super) plan: Option<Planned>,
    /// SHA-256 of the file in which the plan was saved.
    pub(super) plan_digest: Option<String>,
    /// How live stands.
    pub(super) standings: Option<Vec<Stand>>,
    /// What was carried out.
    pub(super) run: Option<Ran>,
    /// What was proven.
    pub(super) proofs: Option<Proofs>,
    /// What ended the command early.
    pub(super) failure: Option<Failed>,
}

/// What a verification proved.
#[derive(Debug)]
pub(super) struct Proofs {
    /// Each suite by its name, with where it is declared.
    pub(super) suites: Vec<(String, Option<Origin>, Vec<Proof>)>,
    /// The five lines.
    pub(super) summary: String,
}

/// A plan.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) counts: Counts,
    /// Strays that it deletes.
    pub(super) strays: usize,
    /// Why nothing of it may be applied.
    pub(super) refusals: Vec<String>,
    /// The rows that are not simply kept; first what nobody must miss.
    pub(super) changes: Vec<Changed>,
}

/// How one object stands.
#[derive(Debug)]
pub(super) struct Stand {
    pub(super) kind: &'static str,
    pub(super) address: String,
    pub(super) origin: Option<Origin>,
    /// `present`, `absent`, …
    pub(super) state: &'static str,
    pub(super) moved: bool,
    /// Why nobody can say.
    pub(super) unknown: Option<String>,
    /// The fields that do not simply agree, as the body of a diff.
    pub(super) diff: String,
}

/// What a run did.
#[derive(Debug)]
pub(super) struct Ran {
    /// The summary line.
    pub(super) line: String,
    /// What failed or was not started, with the object where there is one.
    pub(super) undone: Vec<String>,
}

/// What ended the command early.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) message: String,
    pub(super) causes: Vec<String>,
    pub(super) hint: Option<String>,
    pub(super) exit: Exit,
    /// Whether it is nothing but the diagnostics.
    pub(super) is_diagnosed: bool,
}

impl Facts {
    /// Nothing yet.
    pub(super) fn new(command: &str, repository: Repository) -> Self {
        Self { command: command.to_owned(), repository, ..Self::default() }
    }

    /// Which profile it is.
    pub(crate) fn profile(&mut self, name: &str) {
        self.profile = Some(name.to_owned());
    }

    /// Which manifest files there are.
    pub(crate) fn files(&mut self, files: Vec<String>) {
        self.files.extend(files);
    }

    /// What manifests were told.
    pub(crate) fn diagnosed(&mut self, diagnostics: &[Diagnostic]) {
        self.diagnostics.extend_from_slice(diagnostics);
    }

    /// A plan was made; `changes` are its rows as a reader of diffs sees them.
    pub(crate) fn planned(&mut self, plan: &Plan, changes: Vec<Changed>) {
        self.plan = Some(Planned {
            counts: plan.counts(),
            strays: plan.strays.iter().filter(|stray| stray.delete).count(),
            refusals: plan.refusals.iter().map(ToString::to_string).collect(),
            changes,
        });
    }

    /// The plan was saved in this file.
    pub(crate) fn saved(&mut self, file: &Path) {
        self.plan_digest =
            fs::read(file, PLAN_LIMIT).ok().map(|bytes| checksum::sha256_hex(&[bytes.as_slice()]));
    }

    /// How live stands.
    pub(crate) fn stood(&mut self, standings: &[Standing], desired: &DesiredSet) {
        let stand = |standing: &Standing| Stand {
            kind: standing.address().kind.as_str(),
            address: standing.address().to_string(),
            origin: desired.get(standing.address()).map(|declared| declared.origin.clone()),
            state: standing.state_word(),
            moved: standing.has_moved(),
            unknown: standing.unknown().map(str::to_owned),
            diff: standing.diff(),
        };
        self.standings = Some(standings.iter().map(stand).collect());
    }

    /// What a run did, with its summary line.
    pub(crate) fn ran(&mut self, report: &Report, line: String) {
        let rows = report.rows.iter().filter_map(|outcome| match &outcome.result {
            RowResult::Done => None,
            RowResult::Failed(failure) => {
                Some(format!("{}: failed: {}", outcome.row.address, failure.message))
            }
            RowResult::Skipped(why) => Some(format!("{}: skipped: {why}", outcome.row.address)),
        });
        let others = report.failures.iter().map(|failure| failure.message.clone());
        self.run = Some(Ran { line, undone: rows.chain(others).collect() });
    }

    /// What was proven, with the five lines about it.
    pub(crate) fn verified(
        &mut self,
        proofs: Vec<(SuiteName, Vec<Proof>)>,
        suites: &Suites,
        summary: String,
    ) {
        let of = |(name, proofs): (SuiteName, Vec<Proof>)| {
            (name.to_string(), suites.get(&name).map(|suite| suite.origin.clone()), proofs)
        };
        self.proofs = Some(Proofs { suites: proofs.into_iter().map(of).collect(), summary });
    }

    /// What ended the command early.
    pub(crate) fn failed(&mut self, error: &CliError) {
        self.diagnosed(error.diagnostics());
        self.failure = Some(Failed {
            message: error.message(),
            causes: error.causes(),
            hint: error.hint(),
            exit: error.exit(),
            is_diagnosed: !error.diagnostics().is_empty(),
        });
    }

    /// How many objects moved since they were applied; `None` when nobody looked.
    pub(super) fn drifted(&self) -> Option<usize> {
        let by_plan = || Some(self.plan.as_ref()?.changes.iter().filter(|change| change.moved).count());
        let by_standing = |standings: &Vec<Stand>| standings.iter().filter(|standing| standing.moved).count();
        self.standings.as_ref().map(by_standing).or_else(by_plan)
    }

    /// How many objects a plan would touch; `None` when there is none.
    pub(super) fn changes(&self) -> Option<usize> {
        let Planned { counts, strays, .. } = self.plan.as_ref()?;
        let Counts { add, change, replace, destroy, forget, blocked: _, unchanged: _, not_selected: _ } =
            counts;
        Some(add + change + replace + destroy + forget + strays)
    }

    /// Where a diagnostic is, in the repository. What has no place of its own stands at the beginning of the project file:
    /// the formats want a place.
    pub(super) fn place(&self, diagnostic: &Diagnostic) -> Span {
        let main = diagnostic.labels.first().map(|label| label.span.clone());
        let anywhere = || Span { file: "reconcile.yaml".to_owned(), line: 1, column: 1, length: 1 };
        let span = main.unwrap_or_else(anywhere);
        Span { file: self.repository.name(&span.file), ..span }
    }

    /// A number for a diagnostic that stays when lines are added above it: from its code, its file and its words. The same
    /// words twice in one file are told apart by their order.
    pub(super) fn fingerprints(&self) -> Vec<String> {
        let identity = |diagnostic: &Diagnostic| {
            let code = diagnostic.code.to_string();
            format!("{code}\n{}\n{}", self.place(diagnostic).file, diagnostic.message)
        };
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let numbered = self.diagnostics.iter().map(|diagnostic| {
            let identity = identity(diagnostic);
            let nth = seen.entry(identity.clone()).or_default();
            *nth += 1;
            checksum::sha256_hex(&[identity.as_bytes(), nth.to_string().as_bytes()])
        });
        numbered.collect()
    }
}

/// The diagnostic in words: fact and remedy. Source lines are left out, as in the event stream.
pub(super) fn words(diagnostic: &Diagnostic) -> String {
    let help = diagnostic.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    format!("{}{help}\nmore: reconcile help {}", diagnostic.message, diagnostic.code)
}

/// The word for how bad it is.
pub(super) fn severity(diagnostic: &Diagnostic) -> &'static str {
    match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
