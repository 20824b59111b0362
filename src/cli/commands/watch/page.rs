//! What a watch shows over HTTP: `--listen`.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::wish::Wish;
use crate::cli::args::{self, Mode};
use crate::cli::commands::shown::declared;
use crate::cli::error::CliError;
use crate::cli::events::Passed;
use crate::cli::render::plan::{Changed, changed};
use crate::cli::render::words;
use crate::cli::session::{Planned, Session};
use crate::dashboard::{
    self, Access, Board, Diagnosed, Ended, Facts, FieldWord, PULSE, ServeError, Server, State, Token,
};
use crate::domain::address::Address;
use crate::domain::desired::DesiredSet;
use crate::domain::diagnostic::{Diagnostic, Severity};
use crate::domain::live::Readiness;
use crate::domain::plan::{Change, Row};
use crate::domain::recorded::Condition;
use crate::domain::snapshot::Serial;
use crate::platform::fs;
use crate::ports::clock::Clock;

/// A token is not longer.
const LONGEST_TOKEN: u64 = 4096;

/// The page, where one is wished.
#[derive(Debug, Default)]
pub(super) struct Page(Option<Shown>);

#[derive(Debug)]
struct Shown {
    board: Arc<Board>,
    /// Stops when the watch ends.
    _server: Server,
}

impl Page {
    /// Begins to show what the command line wishes.
    pub(super) fn open(
        session: &Session,
        args: &args::Watch,
        wish: &Wish,
        paths: &[PathBuf],
    ) -> Result<Self, CliError> {
        let Some(listen) = &args.listen else { return Ok(Self::default()) };
        let address: SocketAddr = listen.parse().map_err(|_not_an_address| {
            CliError::Usage(format!(
                "--listen takes an address and a port, for example 127.0.0.1:9890, not `{listen}`"
            ))
        })?;
        let token = args.token_file.as_deref().map(token).transpose()?;
        let access = Access::at(address, token).map_err(|needs| {
            CliError::Usage(format!("--listen: {needs}: add --token-file FILE, or listen at 127.0.0.1"))
        })?;
        let facts = Facts {
            run: session.events.run().0.clone(),
            profile: session.wired.profile.clone(),
            mode: match wish.mode {
                Mode::Apply => "apply",
                Mode::Report => "report",
            },
            prune: wish.prune,
            paths: paths.iter().map(|path| path.display().to_string()).collect(),
        };
        let board = Board::new(facts).map_err(|error| CliError::Internal(error.to_string()))?;
        let board = Arc::new(board);
        let server = Server::start(address, access, Arc::clone(&board)).map_err(|error| match error {
            ServeError::Bind { .. } => {
                CliError::System(format!("{error}: free it, or name another port in --listen"))
            }
            ServeError::Machine { .. } | ServeError::Ended => CliError::System(error.to_string()),
        })?;
        session.events.show_on(Arc::clone(&board));
        session.events.note(&format!("page: http://{}/", server.address()));
        Ok(Self(Some(Shown { board, _server: server })))
    }

    /// Says every now and then that the watch is alive.
    pub(super) async fn pulse(&self, clock: &impl Clock) -> Infallible {
        let Some(Shown { board, .. }) = &self.0 else { return std::future::pending().await };
        loop {
            board.alive();
            clock.sleep_until(clock.now() + PULSE).await;
        }
    }

    /// A notification was delivered, or given up.
    pub(super) fn notified(&self, delivered: bool) {
        self.tell(|board| board.notified(delivered));
    }

    fn tell(&self, what: impl FnOnce(&Board)) {
        if let Some(Shown { board, .. }) = &self.0 {
            what(board);
        }
    }

    /// The manifests were looked at: so many files, if they could be loaded, of which so many were read.
    pub(super) fn looked(&self, files: Option<usize>, read: usize) {
        self.tell(|board| board.looked(files, read));
    }

    /// What is wrong with the manifests now, or worth knowing.
    pub(super) fn found<'a>(&self, diagnostics: impl IntoIterator<Item = &'a Diagnostic>) {
        self.tell(|board| board.found(diagnostics.into_iter().map(diagnosed).collect()));
    }

    /// A pass begins.
    pub(super) fn began(&self, number: u64, cause: &'static str) {
        self.tell(|board| board.began(number, cause));
    }

    /// A plan was made. `kept` has no manifest and stays; `held` waits for its next try; what is not `within`, where it is
    /// told, was not looked at.
    pub(super) fn planned(
        &self,
        planned: &Planned,
        kept: &[Row],
        (held, within): (&BTreeSet<Address>, Option<&BTreeSet<Address>>),
        desired: &DesiredSet,
    ) {
        self.tell(|board| board.planned(rows(planned, kept, desired), held, within));
    }

    /// The pass ended.
    pub(super) fn ended(&self, number: u64, passed: &Passed, took: Duration, serial: Option<Serial>) {
        let Passed { changed, applied, failed, blocked, reason, .. } = passed.clone();
        let summary = passed.line(number, took);
        let applied = applied.unwrap_or(0);
        let ended = Ended { took, summary, changed, applied, failed, blocked, reason };
        self.tell(|board| board.ended(ended, serial.map(|serial| serial.0)));
    }
}

/// The token in a file. It is not repeated, whatever is wrong with it.
fn token(file: &Path) -> Result<Token, CliError> {
    let unusable =
        |why: &dyn std::fmt::Display| CliError::Usage(format!("--token-file {}: {why}", file.display()));
    let bytes = fs::read(file, LONGEST_TOKEN).map_err(|error| unusable(&error))?;
    let text = String::from_utf8(bytes).map_err(|_not_text| unusable(&"a token is ASCII text"))?;
    Token::new(&text).map_err(|error| unusable(&error))
}

fn diagnosed(diagnostic: &Diagnostic) -> Diagnosed {
    let place = diagnostic.labels.first().map(|label| &label.span);
    Diagnosed {
        code: diagnostic.code.to_string(),
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        message: diagnostic.message.clone(),
        place: place.map(|span| format!("{}:{}:{}", span.file, span.line, span.column)),
        help: diagnostic.help.clone(),
    }
}

fn rows(planned: &Planned, kept: &[Row], desired: &DesiredSet) -> Vec<dashboard::Planned> {
    let changes = changed(&planned.plan, &declared(desired));
    let changes: BTreeMap<&str, &Changed> =
        changes.iter().map(|change| (change.address.as_str(), change)).collect();
    let kept = kept.iter().map(|row| (row, Some(State::Kept)));
    let rows = planned.plan.rows.iter().map(|row| (row, None)).chain(kept);
    rows.map(|(row, state)| {
        let address = row.address.to_string();
        let change = changes.get(address.as_str());
        let state = state.unwrap_or_else(|| standing(row, change.is_some_and(|change| change.moved)));
        let words = row
            .fields
            .iter()
            .map(|verdict| FieldWord { field: verdict.field.clone(), word: verdict.word.as_str() });
        dashboard::Planned {
            address: row.address.clone(),
            id: row.key.to_string(),
            source: row.origin.as_ref().map(|origin| format!("{}:{}", origin.file, origin.line)),
            state,
            action: Some(words::change(row)).filter(|_| matches!(state, State::Drifted | State::Pending)),
            readiness: readiness(planned, row),
            drift: words.collect(),
            error: change.and_then(|change| change.blocked.clone()),
            diff: change.map(|change| change.diff.clone()),
        }
    })
    .collect()
}

fn standing(row: &Row, moved: bool) -> State {
    match &row.change {
        Change::Blocked(_) => State::Blocked,
        Change::Keep if row.renamed_from.is_none() => State::AsDeclared,
        _ if moved => State::Drifted,
        _ => State::Pending,
    }
}

/// The service's word, if it has another one than ready; else what was recorded.
fn readiness(planned: &Planned, row: &Row) -> Option<String> {
    let live = planned.evidence.live.get(&row.key.scope()).and_then(|census| census.get(&row.key));
    let recorded = planned.settled.snapshot.resources.get(&row.key);
    let word = match live.map(|live| &live.readiness) {
        None => return recorded.map(|_| "absent".to_owned()),
        Some(Readiness::Pending { state, .. }) => state.as_str(),
        Some(Readiness::Errored { .. }) => "errored",
        Some(Readiness::Ready) => match recorded.map(|recorded| &recorded.condition) {
            None | Some(Condition::Ready) => "ready",
            Some(Condition::Unconfirmed { .. }) => "unconfirmed",
            Some(Condition::Degraded { .. }) => "degraded",
            Some(Condition::Contradicted { .. }) => "contradicted",
            Some(Condition::Lost { .. }) => "lost",
        },
    };
    Some(word.to_owned())
}
